"""Stripe's own receipt: whose row it is of, on both databases (R133)."""

import pytest

from assure_app.billing import stripe_receipts
from assure_app.domain.errors import NotFound, PermissionDenied
from tests.support.online import PayDesk

RECEIPT = "https://pay.stripe.com/receipts/payment/CAcQARoXChVhY2N0"


def test_it_is_asked_for_who_may_see_the_charge(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.pay(pay_desk.opened(number), receipt_url=RECEIPT)
    pay_desk.deliver()
    desk, row_id = pay_desk.desk, pay_desk.row()["id"]

    assert stripe_receipts.receipt_url(desk.jane, row_id) == RECEIPT
    for nobody, refusal in (
        (desk.someone(view_billing=True), NotFound),
        (desk.someone(all_clients=True), PermissionDenied),
        (desk.stranger(), NotFound),
    ):
        with pytest.raises(refusal):
            stripe_receipts.receipt_url(nobody, row_id)
    with pytest.raises(NotFound):
        stripe_receipts.receipt_url(desk.jane, row_id + 1)
