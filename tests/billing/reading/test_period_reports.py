"""Payments received and fees over a period: confirmed money, on the firm's days."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from assure_app.billing.reading import period_reports, received
from assure_app.billing.reading.period_reports import Report
from assure_app.billing.reading.received import Flow
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import noon_of
from assure_app.domain.errors import InvalidInput, PermissionDenied
from assure_app.domain.periods import Period
from assure_app.domain.permissions import Principal
from assure_app.models.tables import client_assignment, invoice
from tests.factories import MOMENT, make_client, make_invoice, make_payment
from tests.support.desk import Desk

ZONE = "America/New_York"
MAY = Period(date(2026, 5, 1), date(2026, 5, 31))
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))
CARD = {"source": "online", "method": "Card"}


def on(day: date) -> dict[str, Any]:
    """A row begun and confirmed at noon of the day."""
    return {"created_at": noon_of(day, ZONE), "completed_at": noon_of(day, ZONE)}


def flows(principal: Principal, period: Period) -> dict[str, Flow]:
    with reading() as connection:
        found = received.flows(connection, principal, period, timezone=ZONE)
    assert all(
        each.method == name for name, each in zip([f.method for f in found], found, strict=True)
    )
    return {each.method: each for each in found}


@pytest.fixture
def invoice_id(desk: Desk) -> int:
    number = desk.invoice(total_cents=10_000_000)
    with reading() as connection:
        found = connection.scalar(select(invoice.c.id).where(invoice.c.number == number))
    return int(found or 0)


def test_only_confirmed_money_is_received_on_the_day_it_was_confirmed(
    desk: Desk, invoice_id: int
) -> None:
    begun = {**CARD, "created_at": noon_of(date(2026, 4, 28), ZONE)}
    with unit_of_work() as connection:
        confirmed_in_may = {"completed_at": noon_of(date(2026, 5, 4), ZONE), "fee_cents": 320}
        make_payment(connection, invoice_id, **begun, **confirmed_in_may)
        make_payment(connection, invoice_id, **begun, status="Pending")
        make_payment(connection, invoice_id, **begun, status="Failed")
        make_payment(connection, invoice_id, amount_cents=2_500, **on(date(2026, 5, 31)))
        make_payment(connection, invoice_id, amount_cents=700, **on(date(2026, 4, 30)))

    assert flows(desk.jane, MAY) == {
        "Card": Flow(method="Card", payments=1, received_cents=10_000, fee_cents=320),
        "Check": Flow(method="Check", payments=1, received_cents=2_500),
    }


def test_days_are_the_firms(desk: Desk, invoice_id: int) -> None:
    may_begins = datetime(2026, 5, 1, 4, tzinfo=UTC)
    june_begins = datetime(2026, 6, 1, 4, tzinfo=UTC)
    instant = timedelta(microseconds=1)
    with unit_of_work() as connection:
        moments = (may_begins - instant, may_begins, june_begins - instant, june_begins)
        for cents, at in enumerate(moments, start=1):
            values = {"created_at": at, "completed_at": at, "amount_cents": cents}
            make_payment(connection, invoice_id, **values)

    assert flows(desk.jane, MAY)["Check"].received_cents == 2 + 3
    assert flows(desk.jane, JUNE)["Check"].received_cents == 4


def test_what_goes_back_is_told_apart_and_brings_no_fee_back(desk: Desk, invoice_id: int) -> None:
    with unit_of_work() as connection:
        paid = make_payment(connection, invoice_id, fee_cents=320, **CARD, **on(date(2026, 5, 4)))
        back = {**CARD, "reverses_id": paid}
        make_payment(connection, invoice_id, amount_cents=-2_500, **back, **on(date(2026, 5, 20)))
        bank = {"kind": "return", "amount_cents": -7_500}
        make_payment(connection, invoice_id, **back, **bank, **on(date(2026, 6, 2)))

    may, june = flows(desk.jane, MAY)["Card"], flows(desk.jane, JUNE)["Card"]

    assert (may.refunded_cents, may.returned_cents, may.net_cents) == (2_500, 0, 7_180)
    assert (june.refunded_cents, june.returned_cents, june.net_cents) == (0, 7_500, -7_500)
    assert (may.lost_cents, june.lost_cents) == (80, 240)


def test_shares_of_a_lost_fee_add_up_to_the_fee(desk: Desk, invoice_id: int) -> None:
    with unit_of_work() as connection:
        paid = make_payment(
            connection, invoice_id, amount_cents=1_000, fee_cents=59, **CARD, **on(date(2026, 4, 1))
        )
        for month in (4, 5, 6):
            cents = {4: -333, 5: -333, 6: -334}[month]
            when = on(date(2026, month, 15))
            make_payment(
                connection, invoice_id, amount_cents=cents, reverses_id=paid, **CARD, **when
            )
    april = Period(date(2026, 4, 1), date(2026, 4, 30))

    parts = [flows(desk.jane, each)["Card"].lost_cents for each in (april, MAY, JUNE)]
    whole = flows(desk.jane, Period(april.first, JUNE.last))["Card"].lost_cents

    assert parts == [20, 19, 20]
    assert sum(parts) == whole == 59


def test_nobody_sees_the_payments_of_others(desk: Desk, invoice_id: int) -> None:
    with unit_of_work() as connection:
        other = make_client(connection, desk.jane.firm_id, name="Harbor & Pine LLC")
        theirs = make_invoice(connection, other)
        for each in (invoice_id, theirs):
            make_payment(connection, each, **on(date(2026, 5, 4)))
    lena = desk.someone(view_billing=True)
    with unit_of_work() as connection:
        connection.execute(
            insert(client_assignment).values(user_id=lena.user_id, client_id=desk.client_id)
        )

    assert flows(desk.jane, MAY)["Check"].payments == 2
    assert flows(lena, MAY)["Check"].payments == 1
    assert flows(desk.stranger(), MAY) == {}
    with pytest.raises(PermissionDenied):
        period_reports.page(desk.someone(), Report.PAYMENTS, now=MOMENT)


def test_the_page_adds_up(desk: Desk, invoice_id: int) -> None:
    with unit_of_work() as connection:
        paid = make_payment(connection, invoice_id, fee_cents=320, **CARD, **on(date(2026, 5, 4)))
        make_payment(connection, invoice_id, reverses_id=paid, **CARD, **on(date(2026, 5, 20)))
        make_payment(connection, invoice_id, amount_cents=50_000, **on(date(2026, 3, 2)))

    payments = period_reports.page(
        desk.jane, Report.PAYMENTS, "2026-03-01", "2026-05-15", now=MOMENT
    )
    fees = period_reports.page(desk.jane, Report.FEES, "2026-03-01", "2026-05-31", now=MOMENT)

    by_month, by_method = payments.tables
    assert [(each.name, each.cells) for each in (*by_month.lines, by_month.total)] == [
        ("Mar 2026", ("1", "$500.00", "", "", "$500.00")),
        ("Apr 2026", ("", "", "", "", "$0.00")),
        ("May 2026 (1–15)", ("1", "$100.00", "", "−$3.20", "$96.80")),
        ("Total", ("2", "$600.00", "$0.00", "−$3.20", "$596.80")),
    ]
    assert [each.name for each in by_method.lines] == ["Card", "Check"]
    assert by_method.total == by_month.total
    assert [each.height for each in payments.bars] == ["100%", "0%", "20%"]
    (fee_months,) = fees.tables
    assert fee_months.total.cells == ("$100.00", "$3.20", "3.20%", "$96.80", "$3.20")
    assert [each.amount for each in fees.figures] == ["$100.00", "$3.20", "$96.80", "$3.20"]


def test_a_period_that_cannot_be_says_which_field(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refusal:
        period_reports.page(desk.jane, Report.FEES, "2026-05-02", "2026-05-01", now=MOMENT)

    assert list(refusal.value.problems) == ["last"]
