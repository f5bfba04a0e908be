"""The request that takes an invitation up: once, in time, from our own page, with a password."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from assure_app import clock
from assure_app.auth import sessions, welcome
from assure_app.billing import members
from assure_app.billing.reading.settings_rows import InviteForm
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import firm_user, invitation, mail_message, user_session
from assure_app.web.routes import app
from tests.auth.people import make_person, open_session
from tests.factories import MOMENT
from tests.support.desk import Desk

ORIGIN = "http://127.0.0.1:8000"
EMAIL = "maya@chenadvisory.example"
NO_LINK = (
    "This link does not work any more: it was used, it ran out, or a newer one was sent."
    " If you have a password, sign in; else ask for a new link."
)
CHOSEN = "a fair enough password"


@pytest.fixture(autouse=True)
def _fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MOMENT)


@pytest.fixture
def token(desk: Desk) -> str:
    """Of the link that was mailed to Maya."""
    invited = InviteForm(name="Maya Lindgren", email=EMAIL, role="Member")
    members.invite(desk.jane, invited, now=desk.now)
    with reading() as connection:
        text = str(connection.scalar(select(mail_message.c.text)))
    return text.partition("token=")[2].split()[0]


async def post(**request: Any) -> httpx.Response:
    headers = {"origin": ORIGIN} | request.pop("headers", {})
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        return await client.post("/auth/welcome", headers=headers, **request)


def typed(token: str, **more: str) -> dict[str, str]:
    return {"token": token, "password": CHOSEN, "repeated": CHOSEN} | more


def is_still_open() -> bool:
    """Whether Maya has no password, no session, and a link that was not used."""
    with reading() as connection:
        person = connection.execute(select(firm_user.c.id, firm_user.c.password_hash))
        hashes = {row.id: row.password_hash for row in person}
        used = connection.execute(select(invitation.c.user_id, invitation.c.used_at)).one()
        begun = connection.scalars(select(user_session.c.user_id)).all()
    return hashes[used.user_id] == "" and used.used_at is None and used.user_id not in begun


@pytest.mark.parametrize("kind", ["json", "data"])
async def test_a_password_uses_the_link_up_and_opens_a_session(token: str, kind: str) -> None:
    sent: dict[str, Any] = {kind: typed(token)}
    answer = await post(**sent)

    assert (answer.status_code, answer.json()) == (200, {"next": "/invoices"})
    assert "HttpOnly; Max-Age=1209600; Path=/; SameSite=lax" in answer.headers["set-cookie"]
    principal = sessions.principal_of(answer.cookies["assure_session"], now=MOMENT)
    assert principal is not None
    assert principal.email == EMAIL
    assert sessions.sign_in(EMAIL, CHOSEN, "127.0.0.1", now=MOMENT)


async def test_a_used_link_sets_no_second_password(token: str) -> None:
    await post(json=typed(token))

    answer = await post(json=typed(token, password="mine from now on", repeated="mine from now on"))

    assert (answer.status_code, answer.json()) == (410, {"field": "", "sentence": NO_LINK})
    assert "set-cookie" not in answer.headers
    assert sessions.sign_in(EMAIL, CHOSEN, "127.0.0.1", now=MOMENT)


async def test_a_link_ends_after_a_week(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MOMENT + timedelta(days=7))

    answer = await post(json=typed(token))

    assert (answer.status_code, answer.json()["sentence"]) == (410, NO_LINK)
    assert is_still_open()


@pytest.mark.parametrize("made_up", ["", "made up", "%", "x" * 5_000, "\0", None, 12.7, {}, []])
async def test_a_link_that_was_never_given_opens_nothing(token: str, made_up: Any) -> None:
    answer = await post(json=typed(token) | {"token": made_up})

    assert (answer.status_code, answer.json()) == (410, {"field": "", "sentence": NO_LINK})
    assert "set-cookie" not in answer.headers
    assert is_still_open()


@pytest.mark.parametrize(
    ("password", "repeated", "field"),
    [
        ("", "", "password"),
        ("short", "short", "password"),
        ("x" * 1_025, "x" * 1_025, "password"),
        ("demo-demo-demo", "demo-demo-demo", "password"),
        (CHOSEN, "", "repeated"),
        (CHOSEN, CHOSEN.upper(), "repeated"),
        (None, None, "password"),
        (12.7, 12.7, "password"),
        ({"password": CHOSEN}, CHOSEN, "password"),
    ],
)
async def test_a_password_that_cannot_be_taken_leaves_the_link_open(
    token: str, password: Any, repeated: Any, field: str
) -> None:
    answer = await post(json=typed(token) | {"password": password, "repeated": repeated})

    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert answer.json()["sentence"].endswith(".")
    assert "set-cookie" not in answer.headers
    assert is_still_open()


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8001"},
        {"origin": "", "sec-fetch-site": "same-origin"},
    ],
)
async def test_another_site_takes_no_invitation_up(token: str, headers: dict[str, str]) -> None:
    answer = await post(data=typed(token), headers=headers)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert is_still_open()


async def test_who_was_signed_in_here_is_signed_out(token: str) -> None:
    before = open_session(make_person("lena@chenadvisory.example"), "before", now=MOMENT)

    answer = await post(json=typed(token), headers={"cookie": f"assure_session={before}"})

    assert answer.status_code == 200
    assert sessions.principal_of(before, now=MOMENT) is None


async def test_a_silent_database_is_said_plainly_and_takes_nothing_up(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OperationalError("SELECT secret", {}, Exception("connection refused"))

    with monkeypatch.context() as patch:
        patch.setattr(welcome, "unit_of_work", fail)
        answer = await post(json=typed(token))

    assert answer.status_code == 503
    assert answer.json() == {
        "field": "",
        "sentence": "Your password could not be saved: the database does not answer."
        " Try again in a minute.",
    }
    assert is_still_open()


@pytest.mark.parametrize("content", [b"{", b"[]", b"null", b"\xff\xfe"])
async def test_what_cannot_be_read_is_refused(token: str, content: bytes) -> None:
    answer = await post(content=content, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert is_still_open()
    assert token
