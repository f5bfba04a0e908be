"""Stopping reminders by their link: one click without a cookie, and nothing by merely looking."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from assure_app.billing import reminder_readers
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import reminder_reader
from assure_app.web.routes import app
from assure_app.web.security_headers import SecurityHeaders
from tests.support.desk import open_desk
from tests.support.reminding import ANITA, RAJ, ReminderDesk, open_reminder_desk

ORIGIN = "http://127.0.0.1:8000"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def reminding(sqlite_database: str) -> ReminderDesk:
    """Anita and Raj have got a reminder each."""
    assert sqlite_database
    opened = open_reminder_desk(open_desk())
    opened.add_contact("Raj Patel", RAJ)
    opened.desk.invoice()
    opened.run(opened.desk.now.replace(month=6))
    return opened


async def send(method: str, token: str, **request: Any) -> httpx.Response:
    transport = httpx.ASGITransport(SecurityHeaders(app))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        return await client.request(method, f"{reminder_readers.PATH}/{token}", **request)


def stopped() -> set[str]:
    with reading() as connection:
        wanted = select(reminder_reader.c.email).where(reminder_reader.c.stopped_at.is_not(None))
        return set(connection.scalars(wanted))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_whoever_only_looks_changes_nothing(reminding: ReminderDesk, method: str) -> None:
    answer = await send(method, reminding.link())

    assert answer.status_code == (405 if method == "OPTIONS" else 200)
    assert stopped() == set()
    if method == "GET":
        assert "Stop reminders</button>" in answer.text
        assert ANITA in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "request_",
    [
        {"data": ONE_CLICK},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"data": ONE_CLICK, "headers": {"origin": "https://mail.example"}},
        {"data": {"choice": "stop"}, "headers": {"origin": ORIGIN}},
        {"content": b"\xff" * 20_000},
        {},
    ],
    ids=["one click", "one click in parts", "of another site", "own page", "noise", "nothing"],
)
async def test_one_post_stops_them_for_one_person(
    reminding: ReminderDesk, request_: dict[str, Any]
) -> None:
    answer = await send("POST", reminding.link(), **request_)
    again = await send("POST", reminding.link(), **request_)

    assert (answer.status_code, again.status_code) == (200, 200)
    assert "Reminders are stopped" in answer.text
    assert "Get reminders again</button>" in answer.text
    assert stopped() == {ANITA}
    assert len(reminding.desk.audit()) == 1


async def test_they_come_again_by_our_own_page_alone(reminding: ReminderDesk) -> None:
    await send("POST", reminding.link(), data=ONE_CLICK)

    elsewhere = await send(
        "POST",
        reminding.link(),
        data={"choice": "again"},
        headers={"origin": "https://evil.example"},
    )
    unsaid = await send("POST", reminding.link(), data={"choice": "again"})
    assert (elsewhere.status_code, unsaid.status_code) == (403, 403)
    assert stopped() == {ANITA}

    here = await send(
        "POST", reminding.link(), data={"choice": "again"}, headers={"origin": ORIGIN}
    )
    assert here.status_code == 200
    assert stopped() == set()


@pytest.mark.parametrize(
    "token", ["x", "%00", "%ED%A0%80", "a" * 5_000, "é", "' OR 1=1 --", "..%2Fpay", "1"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_link_that_was_never_sent_does_nothing(
    reminding: ReminderDesk, method: str, token: str
) -> None:
    answer = await send(method, token)

    assert answer.status_code == 404
    assert stopped() == set()


async def test_a_link_is_of_one_person(reminding: ReminderDesk) -> None:
    assert reminding.link(ANITA) != reminding.link(RAJ)

    await send("POST", reminding.link(RAJ), data=ONE_CLICK)

    assert stopped() == {RAJ}


async def test_without_a_database_it_says_so(
    reminding: ReminderDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("silent"))

    monkeypatch.setattr(reminder_readers, "choose", silent)

    answer = await send("POST", reminding.link(), data=ONE_CLICK)

    assert answer.status_code == 503
    assert "Nothing was changed" in answer.text
