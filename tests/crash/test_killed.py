"""A process killed at each point of an act leaves all of it or nothing."""

import pytest

from assure_app.billing import manual_payments, refunds
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.refunds import RefundForm
from assure_app.billing.verification import verify
from tests.support.desk import Desk
from tests.support.killed import run_and_die

TOKEN = "one-form-token-00001"

DIES_BEFORE_COMMIT = [
    "ledger_rows.append",
    "ledger_rows.change_status",
    "invoice_record.save",
    "activity.append",
]


def record(desk: Desk, number: str) -> None:
    manual_payments.record_payment(desk.jane, number, PAYMENT, form_token=TOKEN, now=desk.now)


def refund(desk: Desk, payment_id: int) -> None:
    refunds.refund_payment(desk.jane, payment_id, REFUND, form_token=TOKEN, now=desk.now)


PAYMENT = PaymentForm(amount="400", method="Check", date="2026-05-22", reference="4521")
REFUND = RefundForm(amount="400", reason="Duplicate")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("where", ["ledger_rows.append", "invoice_record.save", "activity.append"])
def test_a_payment_killed_before_its_commit_never_was(
    desk: Desk, database: str, where: str, when: str
) -> None:
    number = desk.invoice()
    before = desk.stored(number)

    run_and_die(database, f"billing.{where} {when}", record, desk, number)

    assert desk.rows() == []
    assert desk.timeline() == []
    assert desk.stored(number) == before
    receipt = manual_payments.record_payment(
        desk.jane, number, PAYMENT, form_token=TOKEN, now=desk.now
    )
    assert not receipt.is_repeat
    assert verify() == []


def test_a_payment_killed_after_its_commit_is_not_recorded_again(desk: Desk, database: str) -> None:
    number = desk.invoice()

    run_and_die(database, "", record, desk, number)

    receipt = manual_payments.record_payment(
        desk.jane, number, PAYMENT, form_token=TOKEN, now=desk.now
    )

    assert receipt.is_repeat
    assert len(desk.rows()) == 1
    assert desk.stored(number)["balance_cents"] == 60_000
    assert verify() == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("where", DIES_BEFORE_COMMIT)
def test_a_refund_killed_before_its_commit_never_was(
    desk: Desk, database: str, where: str, when: str
) -> None:
    number = desk.invoice()
    payment_id = manual_payments.record_payment(
        desk.jane, number, PAYMENT, form_token="token-of-the-payment", now=desk.now
    ).payment_id
    before = (desk.rows(), desk.timeline(), desk.stored(number))

    run_and_die(database, f"billing.{where} {when}", refund, desk, payment_id)

    assert (desk.rows(), desk.timeline(), desk.stored(number)) == before
    receipt = refunds.refund_payment(desk.jane, payment_id, REFUND, form_token=TOKEN, now=desk.now)
    assert not receipt.is_repeat
    assert desk.stored(number)["balance_cents"] == 100_000
    assert verify() == []
