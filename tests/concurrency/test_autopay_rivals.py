"""Auto-pay beside itself, the client's page, a check and a doubled click: one of them gets it."""

from collections.abc import Callable
from functools import partial
from secrets import token_urlsafe

import pytest
from sqlalchemy import Connection

from assure_app.billing import (
    autopay,
    autopay_acts,
    checkouts,
    manual_payments,
    method_needs,
    method_rows,
    off_session,
    saved_methods,
)
from assure_app.billing.checkouts import Checkout
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading
from tests.concurrency.test_online_rivals import all_at_once, pay_every_open_page
from tests.support.autopay import AutopayDesk, open_autopay_desk
from tests.support.fake_stripe import CHEN
from tests.support.online import PayDesk

WORKERS = 4


@pytest.fixture
def desk(pay_desk: PayDesk) -> AutopayDesk:
    opened = open_autopay_desk(pay_desk)
    opened.save()
    return opened


def workers(desk: AutopayDesk) -> list[Callable[[], object]]:
    return [partial(autopay.charge_next, now=desk.now)] * WORKERS


def settle(desk: AutopayDesk) -> None:
    """Everything that is still under way comes to its end."""
    pay_every_open_page(desk.pay)
    desk.pay.deliver()
    desk.work()
    desk.pay.sweep()


def arrived_cents(desk: AutopayDesk) -> int:
    return sum(row["amount_cents"] for row in desk.pay.desk.rows() if row["status"] == "Completed")


def test_workers_charge_each_invoice_once(desk: AutopayDesk) -> None:
    numbers = [desk.invoice() for _ in range(6)]

    all_at_once(*workers(desk))
    all_at_once(*workers(desk))
    settle(desk)

    assert [desk.rows(number) for number in numbers] == [[("autopay", "Completed", 100_000)]] * 6
    assert desk.pay.stripe.taken_cents() == 600_000
    assert verify() == []


def test_the_client_pays_by_hand_at_the_same_second(desk: AutopayDesk) -> None:
    number = desk.invoice()
    tokens = [token_urlsafe(24) for _ in range(2)]

    all_at_once(*workers(desk), *(partial(desk.pay.start, number, token=token) for token in tokens))
    settle(desk)

    assert arrived_cents(desk) == desk.pay.stripe.taken_cents() == 100_000
    assert desk.pay.exceptions() == []
    assert verify() == []


def test_an_asking_that_is_given_up_as_it_begins_is_not_charged(
    desk: AutopayDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.invoice()
    is_wanted = off_session._is_wanted

    def given_up_meanwhile(connection: Connection, asking: Checkout, held: InvoiceRecord) -> bool:
        answer = is_wanted(connection, asking, held)
        assert checkouts.forget_unasked(connection, asking.id, at=desk.now)
        return answer

    monkeypatch.setattr(off_session, "_is_wanted", given_up_meanwhile)

    autopay.charge_next(now=desk.now)

    assert desk.pay.stripe.taken_cents() == 0
    assert desk.rows(number) == []


def test_a_page_that_was_left_alone_is_paid_at_the_second_it_is_closed(desk: AutopayDesk) -> None:
    number = desk.invoice()
    desk.pay.start(number, now=desk.now - autopay.LEFT_ALONE)
    again = partial(desk.pay.start, number, token=token_urlsafe(24))

    all_at_once(*workers(desk), partial(pay_every_open_page, desk.pay), again)
    settle(desk)

    assert arrived_cents(desk) == desk.pay.stripe.taken_cents() == 100_000
    assert desk.pay.exceptions() == []
    assert verify() == []


def test_a_check_is_recorded_at_the_same_second(desk: AutopayDesk) -> None:
    number = desk.invoice()
    form = PaymentForm(amount="1000.00", method="Check", date="2026-05-22", reference="7")
    record = partial(
        manual_payments.record_payment,
        desk.pay.desk.jane,
        number,
        form,
        form_token=token_urlsafe(24),
        now=desk.now,
    )

    all_at_once(*workers(desk), record)
    settle(desk)

    assert arrived_cents(desk) == 100_000
    assert desk.pay.stripe.taken_cents() in {0, 100_000}
    assert desk.pay.exceptions() == []
    assert verify() == []


def test_a_doubled_click_beside_the_workers_tries_once(desk: AutopayDesk) -> None:
    method_id = next(iter(desk.pay.stripe.methods))
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"] * 9
    number = desk.invoice()
    asked = autopay_acts.start(desk.pay.desk.jane, number, "try", now=desk.now)
    click = partial(autopay_acts.do, desk.pay.desk.jane, asked, now=desk.now)

    all_at_once(*workers(desk), click, click)
    settle(desk)

    assert desk.rows(number) == [("autopay", "Failed", 100_000)]
    assert desk.stored(number).tries == 1


def test_the_method_is_removed_while_it_is_charged(desk: AutopayDesk) -> None:
    number = desk.invoice()
    method_id = next(iter(desk.pay.stripe.methods))
    row_id = desk.method_row(method_id)
    with reading() as connection:
        stored = method_rows.with_id(connection, account_id=CHEN, method_id=method_id)
        assert stored is not None
        told = method_needs.of_removal(connection, stored).warning
    remove = partial(saved_methods.remove, desk.pay.anita, row_id, told=told, now=desk.now)

    outcomes = all_at_once(*workers(desk), remove)
    settle(desk)

    assert outcomes == {"done": WORKERS + 1}
    assert arrived_cents(desk) == desk.pay.stripe.taken_cents()
    assert desk.pay.stripe.taken_cents() in {0, 100_000}
    assert len(desk.rows(number)) <= 1
    assert verify() == []
