"""The same act from several threads at once: exact counts, never a cent too much (R035, R080)."""

import secrets
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select

from assure_app.billing import manual_payments, refunds, sending
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.reading.send_rows import SendForm
from assure_app.billing.refunds import RefundForm
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import BillingError
from assure_app.models.tables import contact
from tests.mail.letters import messages
from tests.support.desk import Desk

RIVALS = 8


def all_at_once(act: Callable[[int], object]) -> Counter[str]:
    """Run the act in 8 threads that start together; count the outcomes by name."""
    barrier = threading.Barrier(RIVALS)
    outcomes: list[str] = []

    def run(rival: int) -> None:
        barrier.wait()
        try:
            result = act(rival)
        except BillingError as refusal:
            outcomes.append(type(refusal).__name__)
        else:
            outcomes.append("repeat" if getattr(result, "is_repeat", False) else "done")

    threads = [threading.Thread(target=run, args=(rival,)) for rival in range(RIVALS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


def recording(desk: Desk, number: str, amount: str, token: str = "") -> object:
    form = PaymentForm(amount=amount, method="Cash", date="2026-05-22")
    return manual_payments.record_payment(
        desk.jane, number, form, form_token=token or secrets.token_urlsafe(24), now=desk.now
    )


def refunding(desk: Desk, payment_id: int, amount: str, token: str = "") -> object:
    form = RefundForm(amount=amount, reason="Other")
    return refunds.refund_payment(
        desk.jane, payment_id, form, form_token=token or secrets.token_urlsafe(24), now=desk.now
    )


def test_eight_full_payments_at_once_are_one(desk: Desk) -> None:
    number = desk.invoice()

    outcomes = all_at_once(lambda _: recording(desk, number, "1000"))

    assert outcomes == {"done": 1, "NotPayable": 7}
    assert [row["amount_cents"] for row in desk.rows()] == [100_000]
    assert verify() == []


def test_eight_thirds_at_once_are_three(desk: Desk) -> None:
    number = desk.invoice()

    outcomes = all_at_once(lambda _: recording(desk, number, "300"))

    assert outcomes == {"done": 3, "AmountExceedsBalance": 5}
    assert desk.stored(number)["balance_cents"] == 10_000
    assert len(desk.timeline()) == 3
    assert verify() == []


def test_one_form_sent_eight_times_at_once_is_one_row(desk: Desk) -> None:
    number = desk.invoice()

    outcomes = all_at_once(lambda _: recording(desk, number, "100", token="one-form-token-00001"))

    assert outcomes == {"done": 1, "repeat": 7}
    assert desk.stored(number)["balance_cents"] == 90_000
    assert verify() == []


def test_one_form_on_eight_invoices_at_once_is_one_row(desk: Desk) -> None:
    numbers = [desk.invoice() for _ in range(RIVALS)]

    outcomes = all_at_once(
        lambda rival: recording(desk, numbers[rival], "100", token="one-form-token-00001")
    )

    assert outcomes == {"done": 1, "FormAlreadyUsed": 7}
    assert len(desk.rows()) == 1
    assert verify() == []


def test_eight_full_refunds_at_once_are_one(desk: Desk) -> None:
    number = desk.invoice()
    recording(desk, number, "1000")
    payment_id = desk.rows()[0]["id"]

    outcomes = all_at_once(lambda _: refunding(desk, payment_id, "1000"))

    assert outcomes == {"done": 1, "NotRefundable": 7}
    assert [row["amount_cents"] for row in desk.rows()] == [100_000, -100_000]
    assert desk.stored(number)["balance_cents"] == 100_000
    assert verify() == []


def test_eight_partial_refunds_at_once_never_exceed_the_payment(desk: Desk) -> None:
    number = desk.invoice()
    recording(desk, number, "1000")
    payment_id = desk.rows()[0]["id"]

    outcomes = all_at_once(lambda _: refunding(desk, payment_id, "300"))

    assert outcomes == {"done": 3, "RefundExceedsRefundable": 5}
    assert sum(row["amount_cents"] for row in desk.rows()) == 10_000
    assert verify() == []


@pytest.mark.parametrize("repeat", range(3))
def test_payments_and_refunds_at_once_keep_every_cent(desk: Desk, repeat: int) -> None:
    number = desk.invoice()
    recording(desk, number, "500")
    payment_id = desk.rows()[0]["id"]

    def act(rival: int) -> object:
        if rival % 2:
            return refunding(desk, payment_id, f"{100 + repeat}")
        return recording(desk, number, "150")

    outcomes = all_at_once(act)

    stored = desk.stored(number)
    assert stored["settled_cents"] == sum(row["amount_cents"] for row in desk.rows())
    assert stored["balance_cents"] == 100_000 - stored["settled_cents"]
    assert outcomes["done"] == len(desk.rows()) - 1
    assert verify() == []


def test_a_draft_sent_by_eight_people_at_once_is_one_mail(desk: Desk) -> None:
    number = desk.invoice(draft=True)
    form = SendForm(to="anita@patelfamily.example", keep="on")

    outcomes = all_at_once(lambda _: sending.send(desk.jane, number, form, version=0, now=desk.now))

    assert outcomes == {"done": 1, "repeat": 7}
    assert len(messages()) == 1
    assert desk.timeline() == [("Invoice sent to client (email)", "Jane Chen")]
    assert verify() == []


def test_an_invoice_sent_again_eight_times_at_once_is_one_mail(desk: Desk) -> None:
    number = desk.invoice()
    form = SendForm(to="anita@patelfamily.example")

    outcomes = all_at_once(
        lambda _: sending.resend(desk.jane, number, form, version=0, now=desk.now)
    )

    assert outcomes == {"done": 1, "repeat": 7}
    assert len(messages()) == 1


def test_eight_invoices_of_one_new_client_keep_its_address_once(desk: Desk) -> None:
    numbers = [desk.invoice(draft=True) for _ in range(RIVALS)]
    form = SendForm(to="anita@patelfamily.example", keep="on")

    outcomes = all_at_once(
        lambda rival: sending.send(desk.jane, numbers[rival], form, version=0, now=desk.now)
    )

    assert outcomes == {"done": 8}
    with reading() as connection:
        assert len(connection.execute(select(contact)).all()) == 1
