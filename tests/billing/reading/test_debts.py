"""What clients owed at the end of any day, held against a replay of the same story."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from assure_app.billing.reading import debts
from assure_app.billing.reading.invoice_tally import count
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import end_of, noon_of
from assure_app.domain.invoice_status import Tile
from assure_app.domain.permissions import Principal
from assure_app.models.tables import client_assignment, invoice
from tests.factories import MOMENT, make_client, make_invoice, make_payment
from tests.support.desk import Desk

ZONE = "America/New_York"
TODAY = date(2026, 5, 22)
FIRST = date(2026, 1, 1)


@dataclass
class Story:
    """An invoice as it was told: when it came to be, and what moved on which day."""

    number: str
    begins: date
    total_cents: int
    moves: list[tuple[date, int]] = field(default_factory=list)
    cancelled_on: date | None = None

    def owed_cents(self, day: date) -> int:
        """The balance when the day ended, told from the moves alone."""
        if day < self.begins or (self.cancelled_on is not None and self.cancelled_on <= day):
            return 0
        return max(0, self.total_cents - sum(cents for on, cents in self.moves if on <= day))


def owed(principal: Principal, day: date, now: datetime = MOMENT) -> dict[str, int]:
    with reading() as connection:
        found = debts.at_end_of(connection, principal, day, timezone=ZONE, now=now)
    assert len({each.invoice_id for each in found}) == len(found)
    return {each.number: each.balance_cents for each in found}


def told(desk: Desk, chance: random.Random, number: str) -> Story:
    """An invoice with some payments, refunds, pending and failed rows on days of its own."""
    begins = FIRST + timedelta(days=chance.randrange(120))
    story = Story(number, begins, chance.randrange(1_000, 50_000))
    at = noon_of(begins, ZONE)
    with unit_of_work() as connection:
        invoice_id = make_invoice(
            connection,
            desk.client_id,
            number=number,
            issued_on=begins,
            due_on=begins + timedelta(days=30),
            total_cents=story.total_cents,
            created_at=at,
            sent_at=at,
            opened_at=at,
        )
        for kind in chance.choices(
            ["typed", "online", "failed", "refunded"], k=chance.randrange(4)
        ):
            _move(connection, invoice_id, story, kind, chance)
        if chance.random() < 0.2:
            story.cancelled_on = begins + timedelta(days=chance.randrange(100))
            cancelled = {"stage": "cancelled", "cancelled_at": noon_of(story.cancelled_on, ZONE)}
            connection.execute(update(invoice).where(invoice.c.id == invoice_id).values(cancelled))
    return story


def _move(
    connection: Connection, invoice_id: int, story: Story, kind: str, chance: random.Random
) -> None:
    cents = chance.randrange(100, 30_000)
    on = story.begins + timedelta(days=chance.randrange(60))
    noted = on + timedelta(days=chance.randrange(10))
    # What a person typed stands before it was recorded, what Stripe confirms after it began.
    typed = {"created_at": noon_of(noted, ZONE), "completed_at": noon_of(on, ZONE)}
    confirmed = {"created_at": noon_of(on, ZONE), "completed_at": noon_of(noted, ZONE)}
    online: dict[str, Any] = {"source": "online", "method": "ACH"}
    if kind == "failed":
        at = noon_of(on, ZONE)
        failed = {"created_at": at, "status": "Failed", "completed_at": None}
        make_payment(connection, invoice_id, amount_cents=cents, **online, **failed)
        return
    values: dict[str, Any] = typed if kind == "typed" else online | confirmed
    made = make_payment(connection, invoice_id, amount_cents=cents, **values)
    story.moves.append((on, cents))
    if kind == "refunded":
        back, back_on = chance.randrange(1, cents + 1), on + timedelta(days=chance.randrange(30))
        at = noon_of(back_on, ZONE)
        times = {"created_at": at, "completed_at": at}
        make_payment(
            connection, invoice_id, amount_cents=-back, reverses_id=made, **online, **times
        )
        story.moves.append((back_on, -back))


@pytest.fixture
def stories(desk: Desk) -> list[Story]:
    chance = random.Random(20260522)
    return [told(desk, chance, f"INV-{number}") for number in range(60)]


def _id_of(connection: Connection, number: str) -> int:
    return connection.execute(select(invoice.c.id).where(invoice.c.number == number)).scalar_one()


def _days() -> Iterator[date]:
    day = FIRST - timedelta(days=1)
    while day < TODAY:
        yield day
        day += timedelta(days=7)


def test_any_past_day_is_what_a_replay_gives(desk: Desk, stories: list[Story]) -> None:
    for day in _days():
        expected = {each.number: each.owed_cents(day) for each in stories}

        assert owed(desk.jane, day) == {name: cents for name, cents in expected.items() if cents}


def test_today_is_what_the_list_says(desk: Desk, stories: list[Story]) -> None:
    assert stories
    with reading() as connection:
        counts = count(connection, desk.jane, TODAY)

    found = owed(desk.jane, TODAY)

    tiles = (Tile.AWAITING, Tile.OVERDUE)
    assert sum(found.values()) == sum(counts.balance_cents_of_tile(each) for each in tiles)


def test_a_day_ends_at_the_firms_midnight(desk: Desk) -> None:
    number = desk.invoice()
    midnight = end_of(date(2026, 5, 20), ZONE)
    assert midnight == datetime(2026, 5, 21, 4, tzinfo=UTC)
    with unit_of_work() as connection:
        invoice_id = _id_of(connection, number)
        for at, cents in ((midnight - timedelta(microseconds=1), 30_000), (midnight, 20_000)):
            make_payment(connection, invoice_id, amount_cents=cents, created_at=at, completed_at=at)

    assert owed(desk.jane, date(2026, 5, 20)) == {number: 70_000}
    assert owed(desk.jane, date(2026, 5, 21)) == {number: 50_000}


def test_what_is_cancelled_at_midnight_was_owed_until_then(desk: Desk) -> None:
    number = desk.invoice()
    midnight = end_of(date(2026, 5, 20), ZONE)
    cancelled = {"stage": "cancelled", "cancelled_at": midnight}
    with unit_of_work() as connection:
        is_it = invoice.c.number == number
        connection.execute(update(invoice).where(is_it).values(cancelled))

    assert owed(desk.jane, date(2026, 5, 20)) == {number: 100_000}
    assert owed(desk.jane, date(2026, 5, 21)) == {}


def test_a_pending_payment_counts_as_on_the_screen(desk: Desk) -> None:
    number = desk.invoice()
    with unit_of_work() as connection:
        invoice_id = _id_of(connection, number)
        begun = noon_of(date(2026, 5, 21), ZONE)
        values = {"source": "online", "method": "ACH", "status": "Pending", "created_at": begun}
        make_payment(connection, invoice_id, amount_cents=40_000, **values)

    assert owed(desk.jane, date(2026, 5, 20)) == {number: 100_000}
    assert owed(desk.jane, date(2026, 5, 21)) == {number: 60_000}
    assert owed(desk.jane, TODAY) == {number: 60_000}


def test_nobody_sees_the_debts_of_others(desk: Desk) -> None:
    mine = desk.invoice()
    with unit_of_work() as connection:
        other = make_client(connection, desk.jane.firm_id, name="Harbor & Pine LLC")
        theirs = make_invoice(connection, other, number="INV-1")
        assert theirs
    lena = desk.someone(view_billing=True)
    with unit_of_work() as connection:
        connection.execute(
            insert(client_assignment).values(user_id=lena.user_id, client_id=desk.client_id)
        )

    for day in (TODAY, TODAY - timedelta(days=1)):
        assert owed(desk.jane, day) == {mine: 100_000, "INV-1": 100_000}
        assert owed(lena, day) == {mine: 100_000}
        assert owed(desk.stranger(), day) == {}
