"""The sandbox's mailbox: takes from this machine, tells repeats apart, shows harmlessly."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

from assure_app.sandbox import mailbox, mailbox_store
from assure_app.sandbox.app import app
from assure_app.sandbox.mailbox_store import MailboxStore

RAW = {"Content-Type": "message/rfc822"}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MailboxStore:
    kept = MailboxStore(tmp_path / "sandbox" / "mailbox")
    monkeypatch.setattr(mailbox, "_store", lambda: kept)
    return kept


@pytest.fixture
async def client(store: MailboxStore) -> AsyncIterator[AsyncClient]:
    async with browser_at("127.0.0.1") as opened:
        yield opened


def browser_at(machine: str) -> AsyncClient:
    """Something that asks from a machine."""
    way = ASGITransport(app, client=(machine, 5))
    return AsyncClient(transport=way, base_url="http://127.0.0.1:8001", follow_redirects=True)


def letter(message_id: str = "<1@chen.example>", **overrides: str) -> bytes:
    headers = {
        "From": "Chen Advisory <billing@chen.example>",
        "To": "anita@patelfamily.example",
        "Subject": "Invoice INV-1042",
    }
    written = EmailMessage()
    for name, value in (headers | overrides).items():
        written[name] = value
    written["Message-ID"] = message_id
    written.set_content("Due: $5.00")
    written.add_alternative("<p>Due: <b>$5.00</b></p><script>alert(1)</script>", subtype="html")
    return written.as_bytes()


async def test_what_is_posted_is_listed_newest_first(client: AsyncClient) -> None:
    await client.post("/mailbox/messages", content=letter("<1@a>", Subject="First"), headers=RAW)
    answer = await client.post(
        "/mailbox/messages", content=letter("<2@a>", Subject="Then"), headers=RAW
    )

    listed = (await client.get("/mailbox")).text

    assert answer.status_code == 201
    assert listed.index("Then") < listed.index("First")
    assert f'href="/mailbox/{answer.text}"' in listed
    assert "anita@patelfamily.example" in listed


async def test_a_message_is_shown_whole(client: AsyncClient) -> None:
    name = (await client.post("/mailbox/messages", content=letter(), headers=RAW)).text

    page = await client.get(f"/mailbox/{name}")
    html = await client.get(f"/mailbox/{name}/html")

    assert "Chen Advisory &lt;billing@chen.example&gt;" in page.text
    assert "&lt;1@chen.example&gt;" in page.text
    assert "<pre>Due: $5.00\n</pre>" in page.text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert "<b>$5.00</b>" in html.text
    assert html.text.startswith('<base target="_blank"><p>')
    assert html.headers["Content-Security-Policy"].startswith(
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'"
    )
    assert "script" not in page.text


async def test_a_repeat_is_the_same_message(client: AsyncClient, store: MailboxStore) -> None:
    first = (await client.post("/mailbox/messages", content=letter(), headers=RAW)).text
    again = (await client.post("/mailbox/messages", content=letter(), headers=RAW)).text

    assert first == again
    assert len(store.newest(10)) == 1


async def test_it_is_there_for_the_next_process(client: AsyncClient, tmp_path: Path) -> None:
    name = (await client.post("/mailbox/messages", content=letter(), headers=RAW)).text

    kept = MailboxStore(tmp_path / "sandbox" / "mailbox").find(name)

    assert kept is not None
    assert kept.header("Subject") == "Invoice INV-1042"


async def test_what_a_stranger_wrote_is_text(client: AsyncClient) -> None:
    evil = "<script>alert(1)</script>"
    name = (await client.post("/mailbox/messages", content=letter(Subject=evil), headers=RAW)).text

    for path in ("/mailbox", f"/mailbox/{name}"):
        assert evil not in (await client.get(path)).text
        assert "&lt;script&gt;" in (await client.get(path)).text


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff" * 50, b"Subject: =?bogus?q?x?=\r\n\r\n", b"no header at all"]
)
async def test_whatever_came_is_shown(client: AsyncClient, raw: bytes) -> None:
    name = (await client.post("/mailbox/messages", content=raw, headers=RAW)).text

    assert (await client.get("/mailbox")).status_code == 200
    assert (await client.get(f"/mailbox/{name}")).status_code == 200
    assert (await client.get(f"/mailbox/{name}/html")).status_code == 200


async def test_a_page_of_a_browser_can_post_nothing(
    client: AsyncClient, store: MailboxStore
) -> None:
    plain = await client.post(
        "/mailbox/messages", content=letter(), headers={"Content-Type": "text/plain"}
    )
    rebound = await client.post(
        "/mailbox/messages", content=letter(), headers=RAW | {"Host": "evil.example"}
    )

    assert (plain.status_code, rebound.status_code) == (415, 400)
    assert (await client.get("/mailbox", headers={"Host": "evil.example"})).status_code == 400
    assert store.newest(10) == []


async def test_another_machine_can_post_nothing(store: MailboxStore) -> None:
    async with browser_at("203.0.113.5") as other:
        answer = await other.post("/mailbox/messages", content=letter(), headers=RAW)

    assert answer.status_code == 403
    assert store.newest(10) == []


async def test_more_than_ten_megabytes_are_refused(
    client: AsyncClient, store: MailboxStore
) -> None:
    large = b"x" * (mailbox.LARGEST_BYTES + 1)

    answer = await client.post("/mailbox/messages", content=large, headers=RAW)

    assert answer.status_code == 413
    assert store.newest(10) == []


@pytest.mark.parametrize("name", ["nothing", "..%2F..%2Fassure", f"{'0' * 20}-{'a' * 24}"])
async def test_an_unknown_message_is_not_found(client: AsyncClient, name: str) -> None:
    assert (await client.get(f"/mailbox/{name}")).status_code == 404
    assert (await client.get(f"/mailbox/{name}/html")).status_code == 404


def test_the_oldest_make_room(store: MailboxStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox_store, "MOST_MESSAGES", 3)

    names = [store.keep(letter(f"<{each}@a>")) for each in range(5)]

    assert [kept.id for kept in store.newest(10)] == names[:1:-1]


async def test_older_ones_are_a_page_further(
    client: AsyncClient, store: MailboxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "PAGE_MESSAGES", 2)
    names = [store.keep(letter(f"<{each}@a>")) for each in range(3)]

    first, second = await client.get("/mailbox"), await client.get(f"/mailbox?before={names[1]}")

    assert f"/mailbox?before={names[1]}" in first.text
    assert names[0] not in first.text
    assert names[0] in second.text
    assert "Older messages" not in second.text


async def test_an_empty_mailbox_says_what_it_is(client: AsyncClient) -> None:
    assert "No messages yet" in (await client.get("/")).text


async def test_what_came_along_is_saved_and_nothing_else(client: AsyncClient) -> None:
    written = BytesParser(policy=default).parsebytes(letter())
    assert isinstance(written, EmailMessage)
    for name in ("Invoice-1.pdf", '"><script>.html'):
        written.add_attachment(b"%PDF " + name.encode(), "application", "pdf", filename=name)
    posted = await client.post("/mailbox/messages", content=written.as_bytes(), headers=RAW)
    page = f"/mailbox/{posted.text}"

    shown = (await client.get(page)).text
    saved = [await client.get(f"{page}/attachments/{place}") for place in range(3)]

    assert f'<a href="{page}/attachments/0">Invoice-1.pdf</a>' in shown
    assert "<script>" not in shown
    assert "Attached" not in (await client.get(f"/mailbox/{await post_plain(client)}")).text
    assert [answer.status_code for answer in saved] == [200, 200, 404]
    assert saved[0].content == b"%PDF Invoice-1.pdf"
    headers = saved[1].headers
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''%22%3E%3Cscript%3E.html"
    assert headers["content-type"] == "application/octet-stream"
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
    for place in ("-1", "9" * 30, "x"):
        assert (await client.get(f"{page}/attachments/{place}")).status_code == 404


async def post_plain(client: AsyncClient) -> str:
    answer = await client.post("/mailbox/messages", content=letter("<plain@a>"), headers=RAW)
    return answer.text
