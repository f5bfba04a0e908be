"""What auto-pay does next, as the drawer says it to the firm and the portal to the client."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from assure_app.billing import autopay_acts, invoice_record, saved_methods
from assure_app.billing.coming_charges import coming_charge
from assure_app.billing.reading.invoice_detail import detail
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.reading.portal_home import portal_home
from assure_app.billing.reading.portal_invoice import portal_invoice
from assure_app.billing.reading.portal_rows import InvoiceCard, PortalInvoice
from assure_app.billing.reading.rows import AutopayNotice
from assure_app.db.unit_of_work import reading
from assure_app.domain.portal_access import PortalPerson, PortalPrincipal, PortalRole
from tests.support.autopay import AutopayDesk, open_autopay_desk
from tests.support.online import PayDesk

DAY = timedelta(days=1)


@pytest.fixture
def desk(pay_desk: PayDesk) -> AutopayDesk:
    return open_autopay_desk(pay_desk)


def to_firm(desk: AutopayDesk, number: str, *, after: timedelta = timedelta(0)) -> AutopayNotice:
    return detail(desk.pay.desk.jane, number, Query(), now=desk.now + after).autopay


def to_client(desk: AutopayDesk, number: str, viewer: PortalPrincipal | None = None) -> str:
    return page_of(desk, number, viewer).autopay


def in_short(desk: AutopayDesk, number: str) -> str:
    return card_of(desk, number).autopay


def card_of(desk: AutopayDesk, number: str) -> InvoiceCard:
    cards = portal_home(desk.pay.anita, now=desk.now).outstanding
    return next(each for each in cards if each.number == number)


def page_of(desk: AutopayDesk, number: str, viewer: PortalPrincipal | None = None) -> PortalInvoice:
    who = viewer or desk.pay.anita
    person = PortalPerson(session_id=1, email=who.email, contacts=(who,))
    return portal_invoice(person, desk.pay.pay_token(number), now=desk.now)[1]


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
    assert in_short(desk, number) == "Auto-pay charges Visa •••• 4242 on May 24"
    assert to_client(desk, number) == (
        "Auto-pay is on: Visa •••• 4242 will be charged $1,000.00 on May 24. You need do nothing."
    )


def test_a_card_that_will_be_over_by_then_is_told_of(desk: AutopayDesk) -> None:
    desk.save(expiry="05/26")
    good, over = (desk.invoice(due_on=day) for day in (date(2026, 5, 31), date(2026, 6, 1)))
    desk.work()

    assert "expires" not in to_client(desk, good)
    assert to_client(desk, over) == (
        "Auto-pay is on: Visa •••• 4242 will be charged $1,000.00 on Jun 1, but it expires 05/26."
        " Please add another payment method and make it the default."
    )
    assert in_short(desk, over).endswith("on Jun 1, but it expires 05/26")
    assert to_firm(desk, over).text == "The card expires 05/26, so it may be declined."
    viewer = replace(desk.pay.anita, role=PortalRole.VIEWER)
    assert "05/26" not in to_client(desk, over, viewer)


def test_a_decline_says_why_and_when_it_is_tried_again(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"] * 9
    number = desk.invoice()
    desk.work()

    notice = to_firm(desk, number)

    assert notice.heading == "The card has insufficient funds."
    assert notice.text == (
        "Auto-pay tries again on May 25, with Visa •••• 4242. 1 try failed so far."
    )
    assert notice.try_label == "Try again now"
    assert (notice.kind, notice.can_try, notice.can_stop) == ("failed", True, True)
    assert to_client(desk, number) == (
        "We could not charge Visa •••• 4242. We will try again on May 25, for $1,000.00. You can"
        " also pay now."
    )

    assert in_short(desk, number) == "Auto-pay tries again with Visa •••• 4242 on May 25"

    for day in (3, 8, 15):
        desk.work(after=day * DAY)
    assert in_short(desk, number) == ""
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
    assert notice.text.endswith("Once they have fixed it, try again.")
    assert (notice.can_try, notice.can_stop) == (True, False)


def test_a_charge_that_only_has_to_be_confirmed_is_not_to_be_fixed(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["authentication_required"]
    number = desk.invoice()
    desk.work()

    assert to_firm(desk, number).text == (
        "The bank wants the cardholder to confirm this payment. Patel Family was sent a link, where"
        " they confirm it as they pay."
    )


def test_a_stopped_one_says_by_whom_and_can_go_on(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=date(2026, 5, 24))
    autopay_acts.stop(desk.pay.desk.jane, number, now=desk.now)

    notice = to_firm(desk, number)

    assert notice.heading == "Auto-pay is stopped for this invoice"
    assert notice.text == "Jane Chen stopped it. Patel Family pays by hand."
    assert (notice.can_go_on, notice.can_stop) == (True, False)
    assert (notice.can_try, notice.try_label) == (True, "Charge now")
    assert to_client(desk, number) == "Auto-pay will not charge this invoice. Please pay now."


def test_what_was_past_due_before_anything_was_saved_is_left_to_the_client(
    desk: AutopayDesk,
) -> None:
    desk.switch(on=False)
    before = desk.now - 5 * DAY
    late = desk.invoice(due_on=date(2026, 5, 20), opened_at=before, sent_at=before)
    desk.save()
    desk.switch(on=True)

    told = to_client(desk, late)
    notice = to_firm(desk, late)

    assert told == (
        "Auto-pay will not charge this invoice: it was past due before a payment method was saved."
        " Please pay now."
    )
    assert notice.heading == "Auto-pay leaves this invoice to the client"
    with reading() as connection:
        held = invoice_record.find(connection, desk.pay.desk.jane, late)
        assert coming_charge(connection, held, now=desk.now) is None


def test_what_failed_is_named_and_what_took_its_place(desk: AutopayDesk) -> None:
    old = desk.save()
    desk.pay.stripe.declines[old] = ["insufficient_funds"]
    number = desk.invoice()
    desk.work()
    new = desk.save(last4="1881")
    saved_methods.make_default(desk.pay.anita, desk.method_row(new), now=desk.now)

    told = to_client(desk, number)
    viewer = replace(desk.pay.anita, role=PortalRole.VIEWER)

    assert told == (
        "We could not charge Visa •••• 4242. We will try again on May 25: Visa •••• 1881 will be"
        " charged $1,000.00. You can also pay now."
    )
    assert to_client(desk, number, viewer) == (
        "We could not charge your saved payment method. We will try again on May 25, for $1,000.00."
    )


def test_a_charge_that_nobody_has_heard_of_says_so(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice()
    desk.pay.stripe.be_silent("charge_off_session")
    desk.work()

    assert to_firm(desk, number).heading == "Auto-pay is charging this invoice"
    assert to_client(desk, number) == (
        "We are charging $1,000.00 to Visa •••• 4242 and wait for the bank’s answer. You need not"
        " pay: this page shows what comes of it."
    )
    assert page_of(desk, number).can_pay is False
    card = card_of(desk, number)
    assert (card.act, card.when, card.autopay) == ("See invoice", "being charged now", "")


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
