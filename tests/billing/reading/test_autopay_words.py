"""What auto-pay does next, as the drawer says it to the firm and the portal to the client."""

from datetime import date, timedelta

import pytest

from assure_app.billing import autopay_acts
from assure_app.billing.reading.invoice_detail import detail
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.reading.portal_invoice import portal_invoice
from assure_app.billing.reading.rows import AutopayNotice
from assure_app.domain.portal_access import PortalPerson
from tests.support.autopay import AutopayDesk, open_autopay_desk
from tests.support.online import PayDesk

DAY = timedelta(days=1)


@pytest.fixture
def desk(pay_desk: PayDesk) -> AutopayDesk:
    return open_autopay_desk(pay_desk)


def to_firm(desk: AutopayDesk, number: str, *, after: timedelta = timedelta(0)) -> AutopayNotice:
    return detail(desk.pay.desk.jane, number, Query(), now=desk.now + after).autopay


def to_client(desk: AutopayDesk, number: str) -> str:
    person = PortalPerson(session_id=1, email=desk.pay.anita.email, contacts=(desk.pay.anita,))
    return portal_invoice(person, desk.pay.pay_token(number), now=desk.now)[1].autopay


def test_a_charge_that_is_to_come_names_its_method_and_its_day(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=date(2026, 5, 24))
    desk.work()

    notice = to_firm(desk, number)

    assert (notice.kind, notice.heading, notice.text) == (
        "plain",
        "Auto-pay charges Visa •••• 4242 on May 24",
        "",
    )
    assert (notice.can_try, notice.can_stop, notice.can_go_on) == (False, True, False)
    assert to_client(desk, number) == (
        "Visa •••• 4242 will be charged $1,000.00 on May 24. You need do nothing."
    )


def test_a_decline_says_why_and_when_it_is_tried_again(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"] * 9
    number = desk.invoice()
    desk.work()

    notice = to_firm(desk, number)

    assert notice.heading == "The card has insufficient funds."
    assert notice.text == "Next try May 25, to Visa •••• 4242. 1 try failed so far."
    assert (notice.kind, notice.can_try, notice.can_stop) == ("failed", True, True)
    assert to_client(desk, number) == (
        "We could not charge Visa •••• 4242. We will try again on May 25, or you can pay now."
    )

    for day in (3, 8, 15):
        desk.work(after=day * DAY)
    assert to_firm(desk, number).heading == "Auto-pay stopped after 4 tries"
    assert to_client(desk, number).endswith("Your card has insufficient funds. Please pay now.")


def test_a_hard_decline_waits_for_the_client(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["expired_card"]
    number = desk.invoice()
    desk.work()

    notice = to_firm(desk, number)

    assert notice.heading == "Auto-pay waits for the client"
    assert notice.text.startswith("The card has expired. Patel Family was sent a link to pay.")
    assert (notice.can_try, notice.can_stop) == (True, False)


def test_a_stopped_one_says_by_whom_and_can_go_on(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=date(2026, 5, 24))
    autopay_acts.stop(desk.pay.desk.jane, number, now=desk.now)

    notice = to_firm(desk, number)

    assert notice.heading == "Auto-pay is stopped for this invoice"
    assert notice.text == "Jane Chen stopped it. Patel Family pays by hand."
    assert (notice.can_go_on, notice.can_stop) == (True, False)
    assert to_client(desk, number) == ""


def test_a_charge_that_nobody_has_heard_of_says_so(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice()
    desk.pay.stripe.be_silent("charge_off_session")
    desk.work()

    assert to_firm(desk, number).heading == "Auto-pay is charging this invoice"
    assert to_client(desk, number) == "Visa •••• 4242 is being charged $1,000.00 at this moment."


def test_what_is_paid_off_or_by_hand_says_nothing(desk: AutopayDesk) -> None:
    desk.save()
    paid, by_hand = desk.invoice(), desk.pay.invoice()
    off = desk.invoice(due_on=date(2026, 5, 24))
    desk.work()
    desk.switch(on=False)

    assert [to_firm(desk, each) for each in (paid, by_hand, off)] == [AutopayNotice()] * 3


def test_who_only_looks_can_do_nothing(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=date(2026, 5, 24))
    viewer = desk.pay.desk.someone(view_billing=True, all_clients=True)

    notice = detail(viewer, number, Query(), now=desk.now).autopay

    assert notice.heading == "Auto-pay charges Visa •••• 4242 on May 24"
    assert {notice.can_try, notice.can_stop, notice.can_go_on} == {False}
