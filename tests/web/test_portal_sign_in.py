"""The portal's requests: asking for a code, typing it, leaving, and following a link."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from reflex.constants import ReactRouter
from sqlalchemy.exc import OperationalError

from assure_app import clock
from assure_app.auth import portal_codes, portal_sessions
from assure_app.web import pay_page
from assure_app.web.routes import app
from assure_app.web.security_headers import SecurityHeaders
from tests.auth.contacts import ANITA, enter, letters, mailed_code, make_contact
from tests.support.desk import Desk, open_desk

ORIGIN = "http://127.0.0.1:8000"
REQUEST = "the-secret-of-this-browser"


@pytest.fixture
def desk(sqlite_database: str) -> Desk:
    """A firm whose client has a contact who may sign in."""
    opened = open_desk()
    make_contact(opened.client_id)
    return opened


@pytest.fixture
def _built_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The built page in a place of the test's own."""
    pages = tmp_path / "build" / "client"
    pages.mkdir(parents=True)
    (pages / ReactRouter.SPA_FALLBACK).write_text("the page")
    monkeypatch.setattr(pay_page, "get_web_dir", lambda: tmp_path)


async def send(path: str, **request: Any) -> httpx.Response:
    headers = {"origin": ORIGIN} | request.pop("headers", {})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(SecurityHeaders(app)),
        base_url=ORIGIN,
        cookies=request.pop("cookies", None),
    ) as client:
        return await client.request(request.pop("method", "POST"), path, headers=headers, **request)


async def ask(**fields: str) -> httpx.Response:
    return await send("/auth/portal/code", json={"email": ANITA, "request": REQUEST} | fields)


async def redeem(code: str, **fields: str) -> httpx.Response:
    typed = {"code": code, "request": REQUEST} | fields
    return await send("/auth/portal/sign-in", json=typed)


async def test_a_code_opens_a_session_for_as_long_as_the_browser_is_open(desk: Desk) -> None:
    assert (await ask()).json() == {"asked": ANITA}

    answer = await redeem(mailed_code(), next="/pay/abc?checkout=def")

    assert (answer.status_code, answer.json()) == (200, {"next": "/pay/abc?checkout=def"})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly; Path=/; SameSite=lax" in cookie
    assert "Max-Age" not in cookie
    token = answer.cookies["assure_portal"]
    assert portal_sessions.person_of(token, now=clock.now()) is not None


async def test_a_trusted_device_keeps_it_for_thirty_days(desk: Desk) -> None:
    await ask()

    answer = await redeem(mailed_code(), trust="yes")

    assert "HttpOnly; Max-Age=2592000; Path=/; SameSite=lax" in answer.headers["set-cookie"]


async def test_known_and_unknown_are_answered_alike(desk: Desk) -> None:
    known = await ask()
    unknown = await ask(email="nobody@nowhere.example", request="another-secret-of-a-browser")

    assert known.status_code == unknown.status_code == 200
    assert unknown.json() == {"asked": "nobody@nowhere.example"}
    assert [each["to_email"] for each in letters()] == [ANITA]


@pytest.mark.parametrize(
    "target",
    [
        *("https://evil.example", "//evil.example/pay/x", "/pay//evil.example", "/pay/..\\x"),
        *("/invoices", "/portal/sign-in", "/portal/sign-in?next=/x", "/payments", "", "/pay/\n"),
    ],
)
async def test_nowhere_but_the_portal_is_gone_to_afterwards(desk: Desk, target: str) -> None:
    await ask()

    assert (await redeem(mailed_code(), next=target)).json() == {"next": "/portal"}


async def test_a_new_session_ends_the_one_before(desk: Desk) -> None:
    former = enter()
    await ask()

    typed = {"code": mailed_code(), "request": REQUEST}
    await send("/auth/portal/sign-in", json=typed, cookies={"assure_portal": former})

    assert portal_sessions.person_of(former, now=clock.now()) is None


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"email": "no address"}, 400, "email"),
        ({"email": ""}, 400, "email"),
        ({"request": ""}, 400, ""),
    ],
)
async def test_what_cannot_be_asked_is_said_at_its_field(
    desk: Desk, fields: dict[str, str], status: int, field: str
) -> None:
    answer = await ask(**fields)

    assert (answer.status_code, answer.json()["field"]) == (status, field)


async def test_a_wrong_code_is_said_at_its_field(desk: Desk) -> None:
    await ask()

    answer = await redeem("12345")

    assert (answer.status_code, answer.json()) == (
        400,
        {"field": "code", "sentence": "Enter the 6 digits from the letter."},
    )
    assert "set-cookie" not in answer.headers


async def test_too_many_codes_have_to_wait(desk: Desk) -> None:
    for serial in range(5):
        await ask(request=f"the-secret-of-browser-{serial}")

    answer = await ask()

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")
    assert answer.json()["field"] == "email"


@pytest.mark.parametrize("path", ["code", "sign-in", "sign-out"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_other_sites_send_nothing(desk: Desk, path: str, origin: str) -> None:
    answer = await send(f"/auth/portal/{path}", headers={"origin": origin})

    assert answer.status_code == 403


@pytest.mark.parametrize("body", [b"[]", b"\xff", b"[" * 4000, b'{"email": 7}'])
async def test_what_is_no_form_is_refused(desk: Desk, body: bytes) -> None:
    answer = await send(
        "/auth/portal/code", content=body, headers={"content-type": "application/json"}
    )

    assert answer.status_code == 400


async def test_a_silent_database_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(portal_codes, "ask", silent)

    answer = await ask()

    assert (answer.status_code, answer.json()["field"]) == (503, "")


async def test_signing_out_ends_the_session_and_takes_the_cookie(desk: Desk) -> None:
    token = enter()

    answer = await send("/auth/portal/sign-out", cookies={"assure_portal": token})

    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/sign-in")
    assert 'assure_portal=""' in answer.headers["set-cookie"]
    assert portal_sessions.person_of(token, now=clock.now()) is None


@pytest.mark.parametrize(
    ("who", "what", "status"),
    [
        ("nobody", "own", 303),
        ("nobody", "unknown", 303),
        ("anita", "own", 200),
        ("anita", "draft", 404),
        ("anita", "unknown", 404),
    ],
)
@pytest.mark.usefixtures("_built_page")
async def test_who_follows_a_link(desk: Desk, who: str, what: str, status: int) -> None:
    known = {"own": desk.invoice(number="INV-1"), "draft": desk.invoice(draft=True)}
    token = desk.stored(known[what])["pay_token"] if what in known else "A" * 22
    cookies = {"assure_portal": enter()} if who == "anita" else {}

    answer = await send(f"/pay/{token}?checkout=x", method="GET", cookies=cookies)

    assert answer.status_code == status
    if status == 303:
        assert answer.headers["location"] == (f"/portal/sign-in?next=/pay/{token}%3Fcheckout%3Dx")
    else:
        assert (answer.text, answer.headers["cache-control"]) == ("the page", "no-store")
