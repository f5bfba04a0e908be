"""What auto-pay will take is announced; what it gave up or was stopped for is asked for."""

from datetime import date, timedelta

import pytest

from assure_app.billing import autopay_acts, invoice_record
from assure_app.billing.coming_charges import coming_charge
from assure_app.db.unit_of_work import reading
from assure_app.domain.reminders import ComingCharge
from tests.support.autopay import AutopayDesk, open_autopay_desk
from tests.support.online import PayDesk

DAY = timedelta(days=1)


@pytest.fixture
def desk(pay_desk: PayDesk) -> AutopayDesk:
    return open_autopay_desk(pay_desk)


def coming(desk: AutopayDesk, number: str, *, after: timedelta = timedelta(0)) -> object:
    with reading() as connection:
        found = invoice_record.find(connection, desk.pay.desk.jane, number)
        return coming_charge(connection, found, now=desk.now + after)


def test_what_is_due_later_is_taken_on_its_day(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=date(2026, 5, 30))

    assert coming(desk, number) == ComingCharge(on=date(2026, 5, 30), method="Visa •••• 4242")
    desk.switch(on=False)
    assert coming(desk, number) is None


def test_between_two_tries_it_is_the_next_one(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"]
    number = desk.invoice()
    desk.work()

    assert coming(desk, number, after=DAY) == ComingCharge(
        on=date(2026, 5, 25), method="Visa •••• 4242"
    )


@pytest.mark.parametrize("code", ["expired_card", "authentication_required"])
def test_what_it_gave_up_is_not_taken(desk: AutopayDesk, code: str) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = [code]
    number = desk.invoice()
    desk.work()

    assert coming(desk, number) is None


def test_what_it_was_stopped_for_is_not_taken(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=date(2026, 5, 30))
    desk.work()

    autopay_acts.stop(desk.pay.desk.jane, number, now=desk.now)

    assert coming(desk, number) is None
