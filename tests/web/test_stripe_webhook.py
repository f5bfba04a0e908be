"""What is said at Stripe's address: kept once when Stripe says it, and else not at all."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import insert, select

from assure_app import clock
from assure_app.billing import inbox_bell, stripe_events
from assure_app.db import engine
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import Busy
from assure_app.models.tables import stripe_account, stripe_event
from assure_app.settings import get_settings
from assure_app.web import stripe_webhook
from assure_app.web.routes import app
from tests.support.desk import Desk, open_desk
from tests.support.stripe_signed import event_body, signature_of

ORIGIN = "http://127.0.0.1:8000"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def send(body: Any, signature: str | None, **headers: str) -> httpx.Response:
    """Say this at Stripe's address, as anybody could."""
    signed = {} if signature is None else {"stripe-signature": signature}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
        return await client.post("/stripe/webhook", content=body, headers=signed | headers)


def kept() -> list[dict[str, Any]]:
    with reading() as connection:
        rows = connection.execute(select(stripe_event).order_by(stripe_event.c.id)).mappings()
        return [dict(row) for row in rows]


@pytest.fixture
def firm(desk: Desk) -> None:
    """A firm whose Stripe account is acct_1, on each database in turn."""
    connect(desk)


@pytest.fixture
def sqlite_firm(sqlite_database: str) -> None:
    assert sqlite_database
    connect(open_desk())


def connect(desk: Desk) -> None:
    with unit_of_work() as connection:
        connection.execute(
            insert(stripe_account).values(firm_id=desk.jane.firm_id, account_id="acct_1")
        )


async def test_a_true_event_is_kept_before_it_is_answered(
    firm: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    woken: list[int] = []
    end = inbox_bell.listen(lambda: woken.append(len(kept())))

    answer = await send(body := event_body(), signature_of(body))

    end()
    assert (answer.status_code, answer.text) == (200, "Kept.")
    assert woken == [1]
    assert kept() == [
        {
            "id": 1,
            "event_id": "evt_1",
            "account_id": "acct_1",
            "type": "charge.succeeded",
            "object_id": "ch_1",
            "object_kind": "charge",
            "created_at": NOW,
            "received_at": NOW,
            "state": "waiting",
            "attempts": 0,
            "due_at": NOW,
            "applied_at": None,
            "error": "",
        }
    ]


async def test_one_that_comes_often_and_at_once_is_kept_once(firm: None) -> None:
    body = event_body()

    answers = await asyncio.gather(*(send(body, signature_of(body)) for _ in range(8)))
    again = await send(body, signature_of(body))

    assert {answer.status_code for answer in [*answers, again]} == {200}
    assert [row["event_id"] for row in kept()] == ["evt_1"]


async def test_nothing_of_our_own_account_concerns_the_books(sqlite_firm: None) -> None:
    body = event_body(account=None)

    assert (await send(body, signature_of(body))).status_code == 200
    assert kept() == []


async def test_an_account_of_no_firm_here_is_refused_and_may_be_sent_again(firm: None) -> None:
    body = event_body(account="acct_of_others")

    assert (await send(body, signature_of(body))).status_code == 404
    assert kept() == []


BODY = event_body()
FORGED = {
    "unsigned": (BODY, None),
    "empty": (BODY, ""),
    "of another's secret": (BODY, signature_of(BODY, secret="whsec_of_others")),
    "old": (BODY, signature_of(BODY, age_seconds=301)),
    "of another body": (event_body(2), signature_of(BODY)),
    "truncated": (BODY[:-2], signature_of(BODY)),
    "another account": (BODY.replace(b"acct_1", b"acct_2"), signature_of(BODY)),
    "nothing": (b"", signature_of(BODY)),
    "not text": (b"\xff\xfe", signature_of(BODY)),
    "no event": (b"[]", signature_of(b"[]")),
    "no number": (BODY, "t=now,v1=00"),
}


@pytest.mark.parametrize("name", FORGED)
async def test_what_stripe_did_not_sign_leaves_no_trace(sqlite_firm: None, name: str) -> None:
    body, signature = FORGED[name]

    answer = await send(body, signature)

    assert answer.status_code == 400
    assert kept() == []


async def test_a_signature_is_as_good_as_its_body_for_five_minutes(sqlite_firm: None) -> None:
    answer = await send(BODY, signature_of(BODY, age_seconds=290))

    assert answer.status_code == 200


async def test_what_is_too_much_is_cut_off(sqlite_firm: None) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 100_000

    told = await send(b"x" * 1_000_001, signature_of(BODY))
    untold = await send(endless(), signature_of(BODY))

    assert (told.status_code, untold.status_code) == (413, 413)
    assert taken <= 12
    assert kept() == []


async def test_a_large_event_is_still_one(sqlite_firm: None) -> None:
    body = event_body(note="x" * 900_000)

    assert (await send(body, signature_of(body))).status_code == 200


async def test_who_sends_too_slowly_is_not_waited_for(
    sqlite_firm: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_webhook, "LONGEST_SECONDS", 0.05)

    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    assert (await send(never(), signature_of(BODY))).status_code == 400
    assert kept() == []


async def test_a_cookie_or_another_site_make_no_difference(sqlite_firm: None) -> None:
    answer = await send(
        BODY, signature_of(BODY), origin="https://evil.example", cookie="session=someone"
    )

    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


async def test_the_other_mode_is_none_of_our_business(sqlite_firm: None) -> None:
    body = event_body(livemode=True)

    assert (await send(body, signature_of(body))).status_code == 200
    assert kept() == []


async def test_where_money_is_real_a_test_payment_is_none(
    sqlite_firm: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = get_settings().model_copy(update={"stripe_secret_key": SecretStr("sk_live_1")})
    monkeypatch.setattr(stripe_webhook, "get_settings", lambda: real)
    live = event_body(2, livemode=True)

    assert (await send(BODY, signature_of(BODY))).status_code == 200
    assert (await send(live, signature_of(live))).status_code == 200
    assert [row["event_id"] for row in kept()] == ["evt_2"]


async def test_a_busy_database_has_stripe_send_it_again(
    sqlite_firm: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object, **_named: object) -> bool:
        raise Busy

    with monkeypatch.context() as patch:
        patch.setattr(stripe_events, "receive", busy)
        assert (await send(BODY, signature_of(BODY))).status_code == 503

    assert (await send(BODY, signature_of(BODY))).status_code == 200
    assert len(kept()) == 1


async def test_no_database_has_stripe_send_it_again(
    sqlite_database: str, sqlite_firm: None
) -> None:
    engine.configure("postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert (await send(BODY, signature_of(BODY))).status_code == 503

    engine.configure(sqlite_database)
    assert kept() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_only_a_post_is_heard(method: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
        assert (await client.request(method, "/stripe/webhook")).status_code == 405
