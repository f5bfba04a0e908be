"""Why a figure is what it is: the rows that count add up to it, for any past."""

from datetime import date, timedelta
from random import Random

import pytest

from assure_app.billing import cancellation, manual_payments, refunds
from assure_app.billing.cancellation import CancelForm
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.reading import invoice_list
from assure_app.billing.reading.invoice_detail import detail
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.reading.why import Figure, Why, WhyRow, explain
from assure_app.billing.reading.why_tile import explain_tile
from assure_app.billing.refunds import RefundForm
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import NotFound, PermissionDenied
from assure_app.domain.invoice_status import Tile
from tests.factories import MOMENT, make_payment
from tests.support.desk import Desk
from tests.support.histories import make_past, write

MONEY = (Figure.TOTAL, Figure.PAID, Figure.BALANCE, Figure.PENDING, Figure.OVERPAID)
HISTORIES = 200


def cents_of(text: str) -> int:
    """ "−$1,500.00" → -150000, read without the code that wrote it."""
    digits = int("".join(character for character in text if character.isdigit()))
    return -digits if text.startswith("−") else digits


def sum_of(why: Why) -> int:
    return sum(cents_of(row.amount) for row in why.rows if row.counts)


def ask(desk: Desk, number: str, figure: str) -> Why:
    return explain(desk.jane, number, figure, now=desk.now)


def test_the_rows_that_count_come_to_the_figure_whatever_happened(desk: Desk) -> None:
    random = Random(1120)
    pasts = [make_past(random, f"INV-{place}", most_steps=8) for place in range(HISTORIES)]
    with unit_of_work() as connection:
        write(connection, desk, pasts)

    for past in pasts:
        for figure in (*MONEY, Figure.WRITTEN_OFF):
            why = ask(desk, past.number, figure)
            assert sum_of(why) == cents_of(why.result), (past.number, figure, why)
        shown = detail(desk.jane, past.number, Query(), now=desk.now)
        asked = {figure: ask(desk, past.number, figure).result for figure in Figure}
        assert asked[Figure.TOTAL] == shown.total
        assert asked[Figure.PAID] == shown.paid
        assert asked[Figure.BALANCE] == (shown.balance or "$0.00")
        assert asked[Figure.PENDING] == (shown.pending or "$0.00")
        assert asked[Figure.OVERPAID] == (shown.overpaid or "$0.00")
        assert asked[Figure.WRITTEN_OFF] == (shown.written_off or "$0.00")
        assert asked[Figure.STATUS] == shown.status


def test_a_balance_names_every_row_and_strikes_what_does_not_count(desk: Desk) -> None:
    number = desk.invoice()
    with unit_of_work() as connection:
        paid = make_payment(connection, 1, amount_cents=50_000, reference="4521")
        make_payment(connection, 1, amount_cents=-10_000, reverses_id=paid, reason="Duplicate")
        make_payment(connection, 1, amount_cents=20_000, status="Pending", method="Wire")
        make_payment(connection, 1, amount_cents=30_000, status="Failed", method="Cash")

    why = ask(desk, number, "balance")

    assert why.title == "Why $400.00?"
    assert why.rule.startswith("The total, less every payment that has not failed")
    assert why.rows == (
        WhyRow(label="Total", amount="$1,000.00"),
        WhyRow(label="Check #4521", amount="−$500.00"),
        WhyRow(label="Refund of Check #4521 — Duplicate", amount="$100.00"),
        WhyRow(label="Wire", amount="−$200.00", note="on its way"),
        WhyRow(label="Cash", amount="−$300.00", counts=False, note="failed: no money moved"),
    )
    assert (why.result_label, why.result) == ("Balance", "$400.00")


def test_money_on_its_way_is_struck_from_what_is_paid(desk: Desk) -> None:
    number = desk.invoice()
    with unit_of_work() as connection:
        make_payment(connection, 1, amount_cents=20_000, status="Pending", method="Wire")

    (row,) = ask(desk, number, "paid").rows

    assert not row.counts
    assert row.note == "on its way: counted once it clears"
    assert ask(desk, number, "pending").rows == (WhyRow(label="Wire", amount="$200.00"),)


def test_a_refund_after_the_cancelling_gives_nothing_more_up(desk: Desk) -> None:
    number = desk.invoice()
    form = PaymentForm(amount="300", method="Cash", date="2026-05-20")
    paid = manual_payments.record_payment(
        desk.jane, number, form, form_token="p" * 20, now=desk.now
    )
    cancelling = CancelForm(reason="Agreed", written_off="$700.00")
    cancellation.cancel(
        desk.jane, number, cancelling, form_token="c" * 20, now=desk.now + timedelta(minutes=1)
    )
    refunds.refund_payment(
        desk.jane,
        paid.payment_id,
        RefundForm(amount="100", reason="Other"),
        form_token="r" * 20,
        now=desk.now + timedelta(minutes=2),
    )

    why = ask(desk, number, "written off")

    assert [(row.label, row.amount, row.counts, row.note) for row in why.rows] == [
        ("Total", "$1,000.00", True, ""),
        ("Cash", "−$300.00", True, ""),
        ("Refund of Cash — Other", "$100.00", False, "after the invoice was cancelled"),
    ]
    assert why.result == "$700.00"
    assert ask(desk, number, "balance").result == "$0.00"


@pytest.mark.parametrize(
    ("overrides", "status", "rule"),
    [
        ({"draft": True}, "Draft", "It has not been sent yet."),
        ({}, "Sent", "It was sent, the client has not opened it since"),
        ({"viewed_at": MOMENT}, "Viewed", "The client opened it"),
        ({"due_on": date(2026, 5, 10)}, "Overdue", "Its due date has passed"),
        ({"total_cents": 0}, "Paid", "What has cleared reaches the total."),
        ({"cancelled_at": MOMENT}, "Cancelled", "It was cancelled"),
    ],
)
def test_each_status_has_its_rule_and_its_facts(
    desk: Desk, overrides: dict[str, object], status: str, rule: str
) -> None:
    number = desk.invoice(**overrides)

    why = ask(desk, number, "status")

    assert (why.title, why.result) == (f"Why {status}?", status)
    assert why.rule.startswith(rule)
    facts = {row.label: row.amount for row in why.rows}
    assert {"Total", "Cleared", "Sent", "Viewed by the client", "Due"} <= set(facts)
    if status == "Overdue":
        assert facts["Due"] == "May 10, 2026, 12 days ago"


def test_who_may_not_see_the_invoice_gets_no_answer(desk: Desk) -> None:
    number = desk.invoice()

    for person in (desk.stranger(), desk.someone(view_billing=True)):
        with pytest.raises(NotFound):
            explain(person, number, "balance", now=desk.now)
    with pytest.raises(PermissionDenied):
        explain(desk.someone(), number, "balance", now=desk.now)
    with pytest.raises(PermissionDenied):
        explain_tile(desk.someone(), "Overdue", now=desk.now)


@pytest.mark.parametrize("figure", ["", "profit", None, 7, ["balance"], "x" * 5000])
def test_a_figure_that_is_none_is_not_found(desk: Desk, figure: object) -> None:
    number = desk.invoice()

    with pytest.raises(NotFound):
        explain(desk.jane, number, figure, now=desk.now)
    with pytest.raises(NotFound):
        explain_tile(desk.jane, figure, now=desk.now)


@pytest.mark.parametrize("is_assigned_only", [False, True])
def test_every_tile_is_the_sum_of_its_groups(desk: Desk, is_assigned_only: bool) -> None:
    random = Random(72)
    pasts = [make_past(random, f"INV-{place}", most_steps=5) for place in range(120)]
    with unit_of_work() as connection:
        write(connection, desk, pasts)
    person = desk.someone(view_billing=True) if is_assigned_only else desk.jane

    tiles = {tile.name: tile for tile in invoice_list.page(person, Query(), now=desk.now).tiles}

    for tile in Tile:
        why = explain_tile(person, tile.value, now=desk.now)
        counted = [int(row.amount.split()[0]) for row in why.rows]
        open_cents = sum(cents_of(row.note) for row in why.rows)
        assert sum(counted) == tiles[tile.value].count
        assert why.title == f"Why {sum(counted)} {tile.value}?"
        if tiles[tile.value].open_balance:
            assert open_cents == cents_of(tiles[tile.value].open_balance)
    assert (tiles["Overdue"].count > 0) is not is_assigned_only


def test_failed_names_what_auto_pay_could_not_collect(desk: Desk) -> None:
    desk.invoice(is_autopay_failed=True)
    desk.invoice(is_autopay_failed=True, viewed_at=MOMENT, due_on=date(2026, 5, 1))
    desk.invoice(is_autopay_failed=True, total_cents=0)

    why = explain_tile(desk.jane, "Failed", now=desk.now)

    assert why.rows == (
        WhyRow(label="Sent", amount="1 invoice", note="$1,000.00 open"),
        WhyRow(label="Viewed", amount="1 invoice", note="$1,000.00 open"),
    )
    assert why.result == "2 invoices, $2,000.00 open"
