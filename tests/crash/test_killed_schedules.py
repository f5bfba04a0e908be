"""A worker killed at every step of making an invoice: each period is there once after it (R124)."""

from datetime import UTC, date, datetime

import pytest

from assure_app.billing.verification import verify
from tests.support.desk import Desk
from tests.support.killed import run_and_die
from tests.support.scheduling import letters_of, make_contact, periods, run, set_up, stored

JUNE_30 = datetime(2026, 6, 30, 12, tzinfo=UTC)
BOTH = [date(2026, 5, 31), date(2026, 6, 30)]

PLACES = [
    "billing.invoice_numbers.take after",
    "billing.invoices.write after",
    "billing.activity.begin after",
    "billing.invoice_letters.post before",
    "billing.invoice_letters.post after",
    "billing.schedule_record.save before",
    "billing.schedule_record.save after",
    "",
]


def run_once(now: datetime) -> None:
    run(now)


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_worker_leaves_each_period_once(desk: Desk, database: str, place: str) -> None:
    make_contact(desk.client_id)
    made = set_up(desk)

    run_and_die(database, place, run_once, JUNE_30)
    at_the_kill = periods(made)
    run(JUNE_30)

    assert at_the_kill == (BOTH if not place else [])
    assert periods(made) == BOTH
    assert [number for number, _ in letters_of(made)] == ["INV-1001", "INV-1002"]
    assert (stored(made)["generated_count"], stored(made)["next_on"]) == (2, date(2026, 7, 31))
    assert verify() == []
