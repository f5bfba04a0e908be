"""Files that a browser sends: kept for their own firm, or refused without being kept."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, update

from assure_app.auth import cookies
from assure_app.billing.importing import files
from assure_app.billing.importing.examples import EXAMPLES
from assure_app.billing.importing.formats import FORMATS
from assure_app.billing.importing.preview import ImportOptions
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import NotFound
from assure_app.models.tables import import_file
from assure_app.web import import_upload
from assure_app.web.routes import app
from tests.auth.people import open_session
from tests.support.desk import Desk, open_desk

pytestmark = pytest.mark.usefixtures("sqlite_database")
ORIGIN = "http://127.0.0.1:8000"
CSV = EXAMPLES["xero-invoices"].encode()


@pytest.fixture
def desk(sqlite_database: str) -> Desk:
    """A firm at work."""
    assert sqlite_database
    return open_desk()


async def send_stream(user_id: int, body: AsyncIterator[bytes]) -> httpx.Response:
    """Send what comes piece by piece."""
    headers = {"content-type": "multipart/form-data; boundary=b"}
    return await send(user_id, files=None, content_stream=body, headers=headers)


async def send(user_id: int, content: bytes = CSV, **more: Any) -> httpx.Response:
    """Send the form as a browser of this person does, nobody's when the id is 0."""
    headers = {"origin": ORIGIN}
    if user_id:
        token = open_session(user_id, uuid4().hex)
        headers["cookie"] = f"{cookies.cookie_name()}={token}"
    request = {"files": {"file": ("mine.csv", content, "text/csv")}} | more
    if "content_stream" in request:
        request["content"] = request.pop("content_stream")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=ORIGIN, headers=headers
    ) as client:
        return await client.post("/invoices/import/upload", **request)


def kept() -> list[tuple[str, bytes]]:
    with reading() as connection:
        rows = connection.execute(
            select(import_file.c.name, import_file.c.content).order_by(import_file.c.id)
        )
        return [(row.name, row.content) for row in rows]


async def test_a_file_is_kept_and_its_preview_opened(desk: Desk) -> None:
    answer = await send(desk.jane.user_id)

    assert (answer.status_code, answer.headers["location"]) == (303, "/invoices/import?file=1")
    assert kept() == [("mine.csv", CSV)]


async def test_another_site_and_a_stranger_bring_in_nothing(desk: Desk) -> None:
    elsewhere = await send(desk.jane.user_id, headers={"origin": "https://evil.example"})
    nobody = await send(0)

    assert elsewhere.status_code == 403
    assert nobody.headers["location"] == "/sign-in?next=%2Finvoices%2Fimport"
    assert kept() == []


async def test_who_may_not_import_keeps_nothing_and_it_is_logged(desk: Desk) -> None:
    answer = await send(desk.someone(view_billing=True, all_clients=True).user_id)

    assert answer.headers["location"] == "/invoices/import"
    assert kept() == []
    assert desk.audit() == ["Sarah Kim was denied: import invoices (needs Edit billing)"]


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"content": b""}, "nothing"),
        ({"files": {"other": ("a.csv", CSV)}}, "nothing"),
        ({"files": None, "content": b"no form", "headers": {"origin": ORIGIN}}, "nothing"),
        ({"content": b"x" * 20_000_001}, "too-large"),
        ({"content": b"x" * 20_100_000}, "too-large"),
    ],
)
async def test_what_cannot_be_kept_is_told(
    desk: Desk, request_: dict[str, Any], problem: str
) -> None:
    if "files" in request_ and request_["files"] is None:
        answer = await send(desk.jane.user_id, **(request_ | {"files": {}}))
    else:
        answer = await send(desk.jane.user_id, **request_)

    assert answer.headers["location"] == f"/invoices/import?problem={problem}"
    assert kept() == []


async def test_a_body_without_end_is_cut_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_upload, "LONGEST_FILE_BYTES", 1_000)
    monkeypatch.setattr(import_upload, "_ENVELOPE_BYTES", 1_000)
    monkeypatch.setattr(import_upload, "_MOST_READ_BYTES", 5_000)

    answer = await send(desk.jane.user_id, b"x" * 100_000)

    assert answer.headers["location"] == "/invoices/import?problem=too-large"


async def test_old_files_and_all_but_the_latest_lose_their_content(desk: Desk) -> None:
    for _ in range(6):
        await send(desk.jane.user_id)
    latest = [content for _, content in kept()]
    with unit_of_work() as connection:
        connection.execute(update(import_file).values(created_at=desk.now))
    await send(desk.jane.user_id)

    assert latest == [b"", *[CSV] * 5]
    assert [content for _, content in kept()] == [*[b""] * 6, CSV]
    with pytest.raises(NotFound):
        files.preview(desk.jane, 1, ImportOptions(), now=desk.now)


def test_a_file_is_found_inside_its_firm_only_and_imported_once(desk: Desk) -> None:
    file_id = files.keep(desk.jane, "a\nb.csv", CSV, now=desk.now)
    olga = desk.stranger()

    for person, wrong_id in ((olga, file_id), (desk.jane, 0), (desk.jane, 2**40)):
        with pytest.raises(NotFound):
            files.preview(person, wrong_id, ImportOptions(), now=desk.now)
        with pytest.raises(NotFound):
            files.run(person, wrong_id, ImportOptions(), now=desk.now)
    found = files.preview(desk.jane, file_id, ImportOptions(), now=desk.now)
    first = files.run(desk.jane, file_id, ImportOptions(), now=desk.now)
    second = files.run(desk.jane, file_id, ImportOptions(), now=desk.now)

    assert (found.name, found.preview.new) == ("a b.csv", 2)
    assert (first.added, first.is_repeat) == (2, False)
    assert (second.sentence, second.is_repeat) == (first.sentence, True)
    assert kept() == [("a b.csv", b"")]
    assert files.preview(desk.jane, file_id, ImportOptions(), now=desk.now).outcome


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.key)
async def test_an_example_of_each_format_can_be_fetched(each: Any) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
        answer = await client.get(f"/invoices/import/example/{each.key}.csv")
        none = await client.get("/invoices/import/example/none.csv")

    assert (answer.status_code, answer.text) == (200, EXAMPLES[each.key])
    assert answer.headers["content-disposition"] == f'attachment; filename="{each.key}.csv"'
    assert none.status_code == 404


async def test_the_body_of_who_may_not_import_is_not_even_read(desk: Desk) -> None:
    read: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(1)
        yield b""

    somebody = desk.someone(view_billing=True, all_clients=True).user_id
    answer = await send_stream(somebody, body())

    assert (answer.headers["location"], read) == ("/invoices/import", [])


async def test_a_file_that_never_ends_keeps_nobody_else_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    monkeypatch.setattr(import_upload, "_AT_ONCE", asyncio.Semaphore(1))
    monkeypatch.setattr(import_upload, "_LONGEST_SECONDS", 0.05)

    answer = await send_stream(desk.jane.user_id, body())

    assert answer.headers["location"] == "/invoices/import?problem=unavailable"
    monkeypatch.setattr(import_upload, "_LONGEST_SECONDS", 60)
    again = await send(desk.jane.user_id)
    assert again.headers["location"] == "/invoices/import?file=1"
