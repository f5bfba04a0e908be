"""Cancelling an invoice, on a real database of each kind (R097, R129, R130)."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import update

from assure_app.billing import cancellation, manual_payments, refunds
from assure_app.billing.cancellation import CancelForm, InvoiceNotCancellable, WriteOffChanged
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.reading.invoice_detail import detail
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.receipts import Receipt
from assure_app.billing.refunds import RefundForm
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import (
    BillingError,
    FormAlreadyUsed,
    InvalidInput,
    NotFound,
    PermissionDenied,
)
from assure_app.models.tables import invoice
from tests.factories import MOMENT, make_payment
from tests.support.desk import Desk

TOKEN = "token-of-the-form-1"


def cancel(desk: Desk, number: str, written_off: str, **overrides: str) -> Receipt:
    form = CancelForm(reason=overrides.get("reason", "Courtesy"), written_off=written_off)
    token = overrides.get("token", TOKEN)
    return cancellation.cancel(desk.jane, number, form, form_token=token, now=desk.now)


def pay(desk: Desk, number: str, amount: str) -> Receipt:
    form = PaymentForm(amount=amount, method="Cash", date="2026-05-22")
    return manual_payments.record_payment(
        desk.jane, number, form, form_token=secrets.token_urlsafe(24), now=desk.now
    )


def test_what_was_paid_stays_and_the_rest_is_written_off(desk: Desk) -> None:
    number = desk.invoice()
    pay(desk, number, "300")

    preview = cancellation.preview(desk.jane, number, now=desk.now)
    receipt = cancel(desk, number, "$700.00", reason="Agreed with\nthe client")

    assert (preview.kept, preview.written_off) == ("$300.00", "$700.00")
    assert (preview.status_before, preview.status_after) == ("Partially paid", "Cancelled")
    assert receipt.status == "Cancelled"
    assert receipt.balance == ""
    assert receipt.sentence == f"{number} is cancelled. $700.00 is written off."
    stored = desk.stored(number)
    assert (stored["stage"], stored["cancelled_at"]) == ("cancelled", desk.now)
    assert (stored["settled_cents"], stored["written_off_cents"]) == (30_000, 70_000)
    assert stored["cancel_reason"] == "Agreed with the client"
    assert desk.timeline()[-1] == (
        "Invoice cancelled, $700 written off — Agreed with the client",
        "Jane Chen",
    )
    assert verify() == []


def test_a_cancelled_draft_gives_nothing_up(desk: Desk) -> None:
    number = desk.invoice(draft=True)

    preview = cancellation.preview(desk.jane, number, now=desk.now)
    receipt = cancel(desk, number, "")

    assert (preview.kept, preview.written_off) == ("", "")
    assert receipt.sentence == f"{number} is cancelled."
    assert desk.stored(number)["written_off_cents"] == 0
    assert desk.timeline() == [("Invoice cancelled — Courtesy", "Jane Chen")]


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ({"total_cents": 0}, "This invoice is Paid. It cannot be cancelled."),
        ({"cancelled_at": MOMENT}, "This invoice is Cancelled. It cannot be cancelled."),
    ],
    ids=["paid", "cancelled"],
)
def test_a_paid_or_cancelled_invoice_cannot_be(
    desk: Desk, overrides: dict[str, object], sentence: str
) -> None:
    number = desk.invoice(**overrides)
    before = desk.stored(number)

    with pytest.raises(InvoiceNotCancellable) as refusal:
        cancel(desk, number, "$1,000.00")
    with pytest.raises(InvoiceNotCancellable):
        cancellation.start(desk.jane, number, now=desk.now)

    assert refusal.value.sentence == sentence
    assert cancellation.preview(desk.jane, number, now=desk.now).problems == {"": sentence}
    assert desk.stored(number) == before


def test_money_on_its_way_has_to_arrive_first(desk: Desk) -> None:
    number = desk.invoice()
    with unit_of_work() as connection:
        make_payment(connection, 1, source="online", method="ACH", status="Pending")

    with pytest.raises(InvoiceNotCancellable) as refusal:
        cancel(desk, number, "$900.00")

    assert refusal.value.sentence == (
        "A payment of $100 is on its way. Cancel the invoice after it has cleared or failed."
    )
    assert desk.stored(number)["stage"] == "open"


def test_another_write_off_than_was_shown_is_refused_with_the_new_figure(desk: Desk) -> None:
    number = desk.invoice()
    pay(desk, number, "300")

    with pytest.raises(WriteOffChanged) as refusal:
        cancel(desk, number, "$1,000.00")

    assert refusal.value.sentence == (
        "$700.00 would be written off now, not $1,000.00. "
        "Nothing was cancelled: look again, then decide."
    )
    assert desk.stored(number)["stage"] == "open"
    assert cancel(desk, number, "$700.00").status == "Cancelled"


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "Say why this invoice is cancelled."),
        (" \n ", "Say why this invoice is cancelled."),
        ("x" * 2001, "Reason may hold at most 2,000 characters."),
        ("bell\a", "Reason holds characters that cannot be shown. Remove them."),
        (None, "Say why this invoice is cancelled."),
        (7, "Say why this invoice is cancelled."),
    ],
)
def test_a_reason_is_needed(desk: Desk, reason: str, sentence: str) -> None:
    number = desk.invoice()

    with pytest.raises(InvalidInput) as refusal:
        cancel(desk, number, "$1,000.00", reason=reason)

    assert refusal.value.problems == {"reason": sentence}
    assert desk.stored(number)["stage"] == "open"


def test_a_long_reason_is_kept_whole_and_shortened_in_the_timeline(desk: Desk) -> None:
    number = desk.invoice()

    cancel(desk, number, "$1,000.00", reason="x" * 2000)

    assert desk.stored(number)["cancel_reason"] == "x" * 2000
    text, _ = desk.timeline()[-1]
    assert (len(text), text[-2:]) == (1000, "x…")


def test_the_same_form_again_answers_the_first_outcome(desk: Desk) -> None:
    number = desk.invoice()

    first = cancel(desk, number, "$1,000.00")
    second = cancel(desk, number, "$1,000.00")

    assert second == replace(first, is_repeat=True)
    assert len(desk.timeline()) == 1


def test_the_same_form_with_another_reason_is_refused(desk: Desk) -> None:
    number = desk.invoice()
    cancel(desk, number, "$1,000.00")

    with pytest.raises(FormAlreadyUsed):
        cancel(desk, number, "$1,000.00", reason="Another")
    with pytest.raises(InvoiceNotCancellable):
        cancel(desk, number, "$1,000.00", token="another-form-token")

    assert desk.stored(number)["cancel_reason"] == "Courtesy"


@pytest.mark.parametrize("written_off", ["", "1,000.00", "$1000.00", "$0.00", None, 100_000])
def test_what_is_shown_is_compared_to_the_letter(desk: Desk, written_off: str) -> None:
    number = desk.invoice()

    with pytest.raises(WriteOffChanged):
        cancel(desk, number, written_off)

    assert desk.stored(number)["stage"] == "open"


def test_who_may_not_edit_billing_is_denied_and_the_denial_is_kept(desk: Desk) -> None:
    number = desk.invoice()
    viewer = desk.someone(view_billing=True, all_clients=True)
    form = CancelForm(reason="Courtesy", written_off="$1,000.00")

    with pytest.raises(PermissionDenied):
        cancellation.cancel(viewer, number, form, form_token=TOKEN, now=desk.now)

    assert desk.audit() == ["Sarah Kim was denied: cancel an invoice (needs Edit billing)"]
    assert desk.stored(number)["stage"] == "open"


def test_a_foreign_or_unassigned_invoice_is_not_found(desk: Desk) -> None:
    number = desk.invoice()
    form = CancelForm(reason="Courtesy", written_off="$1,000.00")

    for person in (desk.stranger(), desk.someone(edit_billing=True)):
        with pytest.raises(NotFound):
            cancellation.cancel(person, number, form, form_token=TOKEN, now=desk.now)

    assert desk.stored(number)["stage"] == "open"


def test_a_refund_afterwards_changes_nothing_that_was_given_up(desk: Desk) -> None:
    number = desk.invoice()
    paid = pay(desk, number, "300")
    cancel(desk, number, "$700.00")

    refund = RefundForm(amount="100", reason="Other")
    receipt = refunds.refund_payment(
        desk.jane, paid.payment_id, refund, form_token="r" * 20, now=desk.now
    )

    assert (receipt.status, receipt.balance) == ("Cancelled", "")
    shown = detail(desk.jane, number, Query(), now=desk.now)
    assert (shown.paid, shown.balance, shown.written_off) == ("$200.00", "", "$700.00")
    assert shown.cancel_reason == "Courtesy"
    assert verify() == []


@pytest.mark.parametrize("repeat", range(4))
def test_cancelling_and_paying_at_once_leave_one_of_two_outcomes(desk: Desk, repeat: int) -> None:
    number = desk.invoice(due_on=date(2026, 5, 20 + repeat))

    outcomes = both_at_once(
        lambda: cancel(desk, number, "$1,000.00"), lambda: pay(desk, number, "400")
    )

    stored = desk.stored(number)
    kept = (stored["stage"], stored["settled_cents"], stored["written_off_cents"])
    assert (outcomes, kept) in [
        (["Cancelled", "NotPayable"], ("cancelled", 0, 100_000)),
        (["WriteOffChanged", "Partially paid"], ("open", 40_000, 0)),
    ]
    assert verify() == []


def both_at_once(*acts: Callable[[], Receipt]) -> list[str]:
    """Each act in a thread of its own, started together; what became of each."""
    barrier = threading.Barrier(len(acts))
    outcomes = ["" for _ in acts]

    def run(place: int) -> None:
        barrier.wait()
        try:
            outcomes[place] = acts[place]().status
        except BillingError as refusal:
            outcomes[place] = type(refusal).__name__

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_another_draft_that_took_the_number_is_not_cancelled(desk: Desk) -> None:
    looked_at, other = (desk.invoice(draft=True) for _ in range(2))
    start = cancellation.start(desk.jane, looked_at, now=desk.now)
    with unit_of_work() as connection:
        for number, renamed in ((looked_at, "INV-1"), (other, looked_at)):
            connection.execute(
                update(invoice).where(invoice.c.number == number).values(number=renamed)
            )

    with pytest.raises(NotFound):
        cancellation.cancel(
            desk.jane,
            looked_at,
            CancelForm(reason="A mistake"),
            form_token=start.form_token,
            invoice_id=start.invoice_id,
            now=desk.now,
        )

    assert desk.stored(looked_at)["cancelled_at"] is None
