"""What the drawer shows, on a real database of each kind (R007, R013, R092, R106, R141)."""

from datetime import date

import pytest

from assure_app.billing import manual_payments, refunds
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.reading.invoice_detail import detail
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.refunds import RefundForm
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import NotFound, PermissionDenied
from tests.factories import MOMENT, make_payment
from tests.support.desk import Desk


def test_a_paid_and_partly_refunded_invoice(desk: Desk) -> None:
    number = desk.invoice(number="INV-5", title="2025 return")
    payment = PaymentForm(
        amount="1000", method="Check", date="2026-05-20", reference="#4521", notes="by courier"
    )
    paid = manual_payments.record_payment(
        desk.jane, number, payment, form_token="t" * 20, now=desk.now
    )
    refund = RefundForm(amount="300", reason="Service not rendered")
    refunds.refund_payment(desk.jane, paid.payment_id, refund, form_token="r" * 20, now=desk.now)

    shown = detail(desk.jane, number, Query(), now=desk.now)

    assert (shown.status, shown.total, shown.paid, shown.balance) == (
        "Partially paid",
        "$1,000.00",
        "$700.00",
        "$300.00",
    )
    assert shown.due == "May 31, 2026"
    assert shown.can_record
    back, check = shown.payments
    assert (check.title, check.amount, check.status) == ("Check #4521", "$1,000.00", "Completed")
    assert (check.paid_by, check.created, check.completed) == ("Jane Chen", "May 22", "May 20")
    assert check.refunded == "Refunded $300 of $1,000"
    assert check.notes == "by courier"
    assert check.is_refundable
    assert check.links_to_id == back.id
    assert back.title == "Refund of Check #4521 — Service not rendered"
    assert back.amount == "−$300.00"
    assert back.links_to_id == check.id
    assert back.links_to == "Check #4521"
    assert not back.shows_refund
    assert [(entry.at, entry.text, entry.actor) for entry in shown.activity] == [
        ("May 22, 11:00 AM", "Refund $300 of Check #4521 — Service not rendered", "Jane Chen"),
        ("May 22, 11:00 AM", "Payment $1,000 recorded — Check #4521", "Jane Chen"),
    ]
    (line,) = shown.lines
    assert (line.description, line.quantity, line.amount) == ("Tax return", "1", "$1,000.00")


@pytest.mark.parametrize(
    ("overrides", "acts"),
    [
        ({"draft": True}, {"send", "edit", "repeat", "cancel"}),
        ({}, {"edit", "record", "mark_paid", "repeat", "cancel"}),
        ({"viewed_at": MOMENT}, {"edit", "record", "mark_paid", "repeat", "cancel"}),
        ({"due_on": date(2026, 5, 21)}, {"record", "mark_paid", "repeat", "cancel"}),
        ({"total_cents": 0}, {"repeat"}),
        ({"cancelled_at": MOMENT}, set()),
    ],
    ids=["draft", "sent", "viewed", "overdue", "paid", "cancelled"],
)
def test_each_status_has_its_own_acts(
    desk: Desk, overrides: dict[str, object], acts: set[str]
) -> None:
    number = desk.invoice(**overrides)

    shown = detail(desk.jane, number, Query(), now=desk.now)

    every = ("send", "edit", "record", "mark_paid", "repeat", "cancel")
    assert {act for act in every if getattr(shown, f"can_{act}")} == acts
    assert (shown.send_block, shown.edit_block, shown.record_block, shown.cancel_block) == ("",) * 4
    assert shown.repeat_block == ""


def test_the_pages_of_acts_are_named_even_when_a_number_holds_a_slash(desk: Desk) -> None:
    number = desk.invoice(number="A/1 #2")

    shown = detail(desk.jane, number, Query(), now=desk.now)

    assert shown.edit_href == "/invoices/edit?invoice=A%2F1%20%232"
    assert shown.repeat_href == "/recurring/new?like=A%2F1%20%232"


def test_money_on_its_way_is_shown_and_not_payable_again(desk: Desk) -> None:
    number = desk.invoice()
    with unit_of_work() as connection:
        make_payment(
            connection, 1, amount_cents=100_000, source="online", method="ACH", status="Pending"
        )

    shown = detail(desk.jane, number, Query(), now=desk.now)

    assert (shown.status, shown.balance, shown.pending) == ("Sent", "$0.00", "$1,000.00")
    assert shown.record_block == "The whole balance is already on its way."
    assert not shown.can_mark_paid
    waits = "A payment of $1,000 is on its way. {} the invoice after it has cleared or failed."
    assert (shown.edit_block, shown.cancel_block) == (waits.format("Edit"), waits.format("Cancel"))
    (row,) = shown.payments
    assert (row.status, row.completed, row.refund_block) == (
        "Pending",
        "",
        "Available once it clears.",
    )


def test_who_only_views_sees_why_the_buttons_are_off(desk: Desk) -> None:
    number = desk.invoice()
    with unit_of_work() as connection:
        make_payment(connection, 1)
    viewer = desk.someone(view_billing=True, all_clients=True)

    shown = detail(viewer, number, Query(), now=desk.now)

    assert shown.record_block == "You need “Edit billing” to record a payment."
    assert shown.cancel_block == "You need “Edit billing” to cancel an invoice."
    assert shown.repeat_block == "You need “Edit billing” to make an invoice recurring."
    for act in ("record", "mark_paid", "edit", "repeat", "cancel"):
        assert not getattr(shown, f"can_{act}")
    assert shown.payments[0].refund_block == "You need “Edit billing” to refund a payment."
    assert not shown.payments[0].is_refundable


def test_previous_and_next_follow_the_filtered_list(desk: Desk) -> None:
    for number, total in (("INV-1", 100), ("INV-2", 300), ("INV-3", 200), ("INV-4", 400)):
        desk.invoice(number=number, total_cents=total, draft=number == "INV-4")

    by_total = Query(sort="total", descending=False, tile="Awaiting")

    around = {
        number: (
            detail(desk.jane, number, by_total, now=desk.now).previous_number,
            detail(desk.jane, number, by_total, now=desk.now).next_number,
        )
        for number in ("INV-1", "INV-3", "INV-2")
    }
    assert around == {
        "INV-1": ("", "INV-3"),
        "INV-3": ("INV-1", "INV-2"),
        "INV-2": ("INV-3", ""),
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"search": "x" * 101},
        {"search": "\x00"},
        {"cursor": "made up"},
        {"tile": "None such"},
        {"sort": "None such"},
    ],
)
def test_an_unusable_list_keeps_no_invoice_from_opening(desk: Desk, wrong: dict[str, str]) -> None:
    first, second = (desk.invoice(number=number) for number in ("INV-1", "INV-2"))

    shown = detail(desk.jane, first, Query(descending=False, **wrong), now=desk.now)  # type: ignore[arg-type]

    assert (shown.number, shown.previous_number, shown.next_number) == (first, "", second)


def test_nobody_sees_what_is_not_theirs(desk: Desk) -> None:
    number = desk.invoice()

    for person in (desk.stranger(), desk.someone(view_billing=True)):
        with pytest.raises(NotFound):
            detail(person, number, Query(), now=desk.now)
    with pytest.raises(PermissionDenied):
        detail(desk.someone(all_clients=True), number, Query(), now=desk.now)
