"""Becoming overdue is said once, by System, by the firm's calendar (R074, R076)."""

import secrets
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from assure_app.billing import invoice_record, manual_payments, overdue, refunds
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.refunds import RefundForm
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import unit_of_work
from tests.billing.importing.files import OWN, run
from tests.factories import make_client, make_firm, make_invoice
from tests.support.desk import Desk

MIDNIGHT = datetime(2026, 6, 1, 4, tzinfo=UTC)
"""The first moment of 1 June in New York, the day after the desk's invoices are due."""
SAID = ("Invoice became overdue: it was due May 31, 2026", "System")


def note_all(now: datetime) -> int:
    count = 0
    while overdue.note_next(now=now):
        count += 1
    return count


def said(desk: Desk) -> int:
    return desk.timeline().count(SAID)


def test_it_is_said_once_from_the_first_moment_of_the_next_day(desk: Desk) -> None:
    desk.invoice()

    before = note_all(MIDNIGHT - timedelta(seconds=1))
    after = note_all(MIDNIGHT)
    again = note_all(MIDNIGHT + timedelta(days=400))

    assert (before, after, again) == (0, 1, 0)
    assert desk.timeline() == [SAID]
    assert verify() == []


def test_two_that_found_the_same_say_it_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.invoice()
    found = overdue._find(MIDNIGHT)
    monkeypatch.setattr(overdue, "_find", lambda _now: found)

    for _worker in range(2):
        overdue.note_next(now=MIDNIGHT)

    assert desk.timeline() == [SAID]


def test_each_firm_has_its_own_midnight(desk: Desk) -> None:
    with unit_of_work() as connection:
        tokyo = make_firm(connection, name="Tokyo Tax", timezone="Asia/Tokyo")
        client = make_client(connection, tokyo)
        make_invoice(connection, client)
    desk.invoice()
    tokyo_midnight = datetime(2026, 5, 31, 15, tzinfo=UTC)

    swept = overdue.note_next(now=tokyo_midnight)

    assert swept is not None
    assert swept.firm_id == tokyo
    assert note_all(tokyo_midnight) == 0


@pytest.mark.parametrize(
    "stands",
    [
        {"draft": True},
        {"settled_cents": 100_000, "balance_cents": 0, "stage": "paid"},
    ],
)
def test_what_is_not_open_is_not_overdue(desk: Desk, stands: dict[str, object]) -> None:
    desk.invoice(**stands)

    assert note_all(MIDNIGHT) == 0


def test_a_partially_paid_one_is_counted_under_overdue_and_said(desk: Desk) -> None:
    desk.invoice(settled_cents=40_000, balance_cents=60_000)

    assert note_all(MIDNIGHT) == 1


def test_paid_and_given_back_it_becomes_overdue_once_more(desk: Desk) -> None:
    number = desk.invoice()
    note_all(MIDNIGHT)

    refund(desk, pay(desk, number))
    note_all(MIDNIGHT)
    note_all(MIDNIGHT)

    assert said(desk) == 2


def test_a_part_of_it_paid_and_given_back_changes_nothing(desk: Desk) -> None:
    number = desk.invoice()
    note_all(MIDNIGHT)

    refund(desk, pay(desk, number, "400"), "400")

    assert note_all(MIDNIGHT) == 0


def test_with_a_later_due_day_it_becomes_overdue_on_that(desk: Desk) -> None:
    number = desk.invoice()
    note_all(MIDNIGHT)
    with unit_of_work() as connection:
        before = invoice_record.find_and_lock(connection, desk.jane, number)
        invoice_record.save(connection, before, replace(before, due_on=date(2026, 6, 15)))

    early = note_all(MIDNIGHT + timedelta(days=14))
    late = note_all(MIDNIGHT + timedelta(days=15))

    assert (early, late) == (0, 1)
    assert desk.timeline()[-1][0] == "Invoice became overdue: it was due Jun 15, 2026"


def test_what_was_overdue_before_it_was_imported_did_not_become_so_here(desk: Desk) -> None:
    old = "A-1,Patel Family,,,,2025-04-01,2025-05-01,100,yes"
    new = "A-2,Patel Family,,,,2026-05-01,2026-05-31,100,yes"
    run(desk, "\n".join((OWN, old, new)))

    assert note_all(MIDNIGHT) == 1
    assert said(desk) == 1


def pay(desk: Desk, number: str, amount: str = "1,000.00") -> int:
    form = PaymentForm(amount=amount, method="Check", date="2026-05-22", reference="4521")
    token = secrets.token_urlsafe(24)
    return manual_payments.record_payment(
        desk.jane, number, form, form_token=token, now=desk.now
    ).payment_id


def refund(desk: Desk, payment_id: int, amount: str = "1,000.00") -> None:
    form = RefundForm(amount=amount, reason="Duplicate", notes="")
    token = secrets.token_urlsafe(24)
    refunds.refund_payment(desk.jane, payment_id, form, form_token=token, now=desk.now)
