"""Refunding an offline payment, on a real database of each kind (R077–R097)."""

import secrets
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from assure_app.billing import manual_payments, refund_case, refunds
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.receipts import Receipt
from assure_app.billing.refunds import RefundForm
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import (
    FormAlreadyUsed,
    InvalidInput,
    NotFound,
    NotRefundable,
    PermissionDenied,
    RefundExceedsRefundable,
)
from assure_app.domain.permissions import Principal
from assure_app.models.tables import invoice
from tests.factories import make_payment
from tests.support.desk import Desk


def pay(desk: Desk, number: str, amount: str = "1,000.00") -> int:
    form = PaymentForm(amount=amount, method="Check", date="2026-05-22", reference="4521")
    token = secrets.token_urlsafe(24)
    return manual_payments.record_payment(
        desk.jane, number, form, form_token=token, now=desk.now
    ).payment_id


def refund(
    desk: Desk,
    payment_id: int,
    amount: object = "1,000.00",
    *,
    reason: object = "Duplicate",
    token: str = "",
    by: Principal | None = None,
) -> Receipt:
    form = RefundForm(amount=amount, reason=reason, notes="")  # type: ignore[arg-type]
    return refunds.refund_payment(
        by or desk.jane,
        payment_id,
        form,
        form_token=token or secrets.token_urlsafe(24),
        now=desk.now,
    )


def test_a_payment_without_a_name_of_its_own_is_called_another_payment(desk: Desk) -> None:
    number = desk.invoice()
    form = PaymentForm(amount="1,000.00", method="Other", date="2026-05-22")
    paid = manual_payments.record_payment(
        desk.jane, number, form, form_token=secrets.token_urlsafe(24), now=desk.now
    )

    refund(desk, paid.payment_id, "100", reason="Other")

    assert desk.timeline()[-1] == ("Refund $100 of other payment — Other", "Jane Chen")


@pytest.mark.parametrize(
    ("due_on", "status"), [(date(2026, 5, 31), "Sent"), (date(2026, 5, 21), "Overdue")]
)
def test_a_full_refund_brings_the_invoice_back(desk: Desk, due_on: date, status: str) -> None:
    number = desk.invoice(due_on=due_on)
    payment_id = pay(desk, number)

    receipt = refund(desk, payment_id)

    assert (receipt.balance, receipt.status) == ("$1,000.00", status)
    original, back = desk.rows()
    assert original["status"] == "Refunded"
    assert back["amount_cents"] == -100_000
    assert back["reverses_id"] == payment_id
    assert back["status"] == "Completed"
    assert back["reason"] == "Duplicate"
    assert back["method"] == "Check"
    assert back["paid_by"] == "Jane Chen"
    assert back["fee_cents"] == 0
    assert desk.timeline()[-1] == ("Refund $1,000 of Check #4521 — Duplicate", "Jane Chen")
    assert verify() == []


def test_a_viewed_invoice_is_sent_again_after_a_full_refund(desk: Desk) -> None:
    number = desk.invoice(viewed_at=desk.now)
    payment_id = pay(desk, number)
    later = datetime(2026, 5, 23, 15, 0, tzinfo=UTC)
    form = RefundForm(amount="1000", reason="Other")

    receipt = refunds.refund_payment(desk.jane, payment_id, form, form_token="t" * 20, now=later)

    assert receipt.status == "Sent"


def test_partial_refunds_until_nothing_is_left(desk: Desk) -> None:
    number = desk.invoice()
    payment_id = pay(desk, number)

    seen = [refund(desk, payment_id, amount) for amount in ("300", "0.01", "699.99")]

    assert [(each.balance, each.status) for each in seen] == [
        ("$300.00", "Partially paid"),
        ("$300.01", "Partially paid"),
        ("$1,000.00", "Sent"),
    ]
    assert desk.rows()[0]["status"] == "Refunded"
    with pytest.raises(NotRefundable):
        refund(desk, payment_id, "0.01")
    assert verify() == []


def test_with_other_money_left_it_stays_partially_paid(desk: Desk) -> None:
    number = desk.invoice()
    first = pay(desk, number, "400")
    pay(desk, number, "600")

    receipt = refund(desk, first, "400")

    assert (receipt.balance, receipt.status) == ("$400.00", "Partially paid")


def test_more_than_is_left_is_refused_with_the_limit(desk: Desk) -> None:
    number = desk.invoice()
    payment_id = pay(desk, number)
    refund(desk, payment_id, "300")

    with pytest.raises(RefundExceedsRefundable) as refusal:
        refund(desk, payment_id, "700.01")

    assert refusal.value.sentence == "The most you can refund is $700.00."
    assert len(desk.rows()) == 2


@pytest.mark.parametrize(
    ("field", "amount", "reason"),
    [
        ("amount", "0", "Other"),
        ("amount", "-1", "Other"),
        ("amount", None, "Other"),
        ("amount", "0.005", "Other"),
        ("reason", "1", ""),
        ("reason", "1", "Because"),
        ("reason", "1", None),
    ],
)
def test_bad_input_gets_a_sentence_at_its_field(
    desk: Desk, field: str, amount: object, reason: object
) -> None:
    payment_id = pay(desk, desk.invoice())

    with pytest.raises(InvalidInput) as refusal:
        refund(desk, payment_id, amount, reason=reason)

    assert list(refusal.value.problems) == [field]
    assert len(desk.rows()) == 1


def test_the_preview_tells_what_the_refund_then_does(desk: Desk) -> None:
    payment_id = pay(desk, desk.invoice())
    form = RefundForm(amount="250", reason="")

    preview = refunds.preview(desk.jane, payment_id, form, now=desk.now)
    receipt = refund(desk, payment_id, "250")

    assert (preview.status_before, preview.status_after) == ("Paid", "Partially paid")
    assert preview.balance_after == receipt.balance == "$250.00"


def test_the_dialog_starts_with_what_is_left(desk: Desk) -> None:
    payment_id = pay(desk, desk.invoice())
    refund(desk, payment_id, "250")

    start = refunds.start(desk.jane, payment_id, now=desk.now)

    assert start.amount == "750.00"
    assert start.title == "Check #4521"
    assert start.is_settled_outside


def test_the_same_form_twice_is_one_refund_and_two_forms_are_two(desk: Desk) -> None:
    payment_id = pay(desk, desk.invoice())

    first = refund(desk, payment_id, "100", token="refund-form-token-1")
    again = refund(desk, payment_id, "100", token="refund-form-token-1")
    deliberate = refund(desk, payment_id, "100", token="refund-form-token-2")

    assert again.is_repeat
    assert again.payment_id == first.payment_id
    assert not deliberate.is_repeat
    assert [row["amount_cents"] for row in desk.rows()] == [100_000, -10_000, -10_000]
    with pytest.raises(FormAlreadyUsed):
        refund(desk, payment_id, "200", token="refund-form-token-1")


def test_what_gives_nothing_back(desk: Desk) -> None:
    number = desk.invoice()
    payment_id = pay(desk, number, "100")
    back = refund(desk, payment_id, "50").payment_id
    with unit_of_work() as connection:
        invoice_id = desk.rows()[0]["invoice_id"]
        online = {"source": "online", "method": "Card"}
        pending = make_payment(connection, invoice_id, status="Pending", **online)
        failed = make_payment(connection, invoice_id, status="Failed", **online)
        card = make_payment(connection, invoice_id, **online)

    sentences = []
    for row_id in (back, pending, failed, card):
        with pytest.raises(NotRefundable) as refusal:
            refund(desk, row_id, "1")
        sentences.append(refusal.value.sentence)

    assert sentences == [
        "A refund cannot be refunded. Record a new payment instead.",
        "Available once it clears.",
        "This payment failed: there is nothing to refund.",
        refund_case.AT_STRIPE,
    ]


@pytest.mark.parametrize("payment_id", [0, -1, 2**40, 1.5, "1", None, True, [1]])
def test_a_payment_that_is_not_there_is_not_found(desk: Desk, payment_id: int) -> None:
    pay(desk, desk.invoice())

    with pytest.raises(NotFound):
        refund(desk, payment_id)

    assert len(desk.rows()) == 1


def test_who_may_not_is_refused_and_nothing_changes(desk: Desk) -> None:
    payment_id = pay(desk, desk.invoice())
    viewer = desk.someone(view_billing=True, all_clients=True)

    with pytest.raises(PermissionDenied):
        refund(desk, payment_id, by=viewer)
    with pytest.raises(NotFound):
        refund(desk, payment_id, by=desk.stranger())
    with pytest.raises(NotFound):
        refund(desk, payment_id, by=desk.someone(edit_billing=True))

    assert len(desk.rows()) == 1
    assert desk.audit() == ["Sarah Kim was denied: refund a payment (needs Edit billing)"]


def test_a_cancelled_invoice_stays_cancelled(desk: Desk) -> None:
    number = desk.invoice()
    payment_id = pay(desk, number, "400")
    with unit_of_work() as connection:
        connection.execute(
            update(invoice)
            .where(invoice.c.number == number)
            .values(cancelled_at=desk.now, stage="cancelled")
        )

    receipt = refund(desk, payment_id, "400")

    assert (receipt.status, receipt.balance) == ("Cancelled", "")
    assert receipt.sentence == f"Refund recorded. {number} is Cancelled."
    assert desk.stored(number)["stage"] == "cancelled"
    assert verify() == []
