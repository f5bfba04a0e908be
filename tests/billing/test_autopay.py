"""Auto-pay charges what is due once, tries again as the firm says, and tells whom it concerns."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from secrets import token_urlsafe
from typing import Any

import pytest
from sqlalchemy import Connection

from assure_app.billing import (
    autopay,
    autopay_acts,
    firm_settings,
    off_session,
    refunds,
    saved_methods,
    sending,
)
from assure_app.billing.autopay_acts import AutopayRefused
from assure_app.billing.off_session import Blocked, Reserved
from assure_app.billing.reading.portal_invoice import portal_invoice
from assure_app.billing.reading.send_rows import SendForm
from assure_app.billing.refunds import RefundForm
from assure_app.billing.verification import verify
from assure_app.domain.autopay import AutopayState
from assure_app.domain.errors import NotFound, PermissionDenied
from assure_app.domain.portal_access import PortalPerson
from tests.mail.letters import messages
from tests.support.autopay import AutopayDesk, open_autopay_desk
from tests.support.online import PayDesk

DAY = timedelta(days=1)
MORNING = timedelta(hours=19)
"""From the desk's 11:00 to 06:00 of the next day."""


@pytest.fixture
def desk(pay_desk: PayDesk) -> AutopayDesk:
    return open_autopay_desk(pay_desk)


def test_a_due_invoice_is_charged_once_to_the_default_method(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice()

    desk.work()
    desk.work(after=DAY)

    assert desk.rows(number) == [("autopay", "Completed", 100_000)]
    assert desk.state(number) is AutopayState.DONE
    assert desk.pay.row()["paid_by"] == "System (auto-pay)"
    assert desk.pay.row()["contact_id"] is None
    assert desk.timeline(number)[:2] == [
        ("Payment $1,000 started — Visa •••• 4242", "Auto-Pay"),
        ("Payment $1,000 confirmed — Visa •••• 4242", "Auto-Pay"),
    ]
    assert desk.letters() == [f"Payment received: $1,000.00 for invoice {number}"]
    assert desk.news() == [
        ("payment_landed", f"Patel Family paid $1,000.00 on {number} by Auto-Pay")
    ]
    assert verify() == []


def test_all_that_is_told_of_its_charge_is_told_by_auto_pay(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice()
    desk.work()
    (charge_id,) = desk.pay.stripe.charges

    desk.pay.stripe.learn_fee(charge_id, 2_500)
    desk.pay.deliver()

    assert desk.timeline(number) == [
        ("Payment $1,000 started — Visa •••• 4242", "Auto-Pay"),
        ("Payment $1,000 confirmed — Visa •••• 4242", "Auto-Pay"),
        ("Stripe fee $29.30", "Auto-Pay"),
        ("Status changed from Sent to Paid", "Auto-Pay"),
        ("Stripe fee is $25, estimated at $29.30", "Auto-Pay"),
    ]
    (letter,) = messages()
    assert "Auto-pay charged Visa •••• 4242 as agreed, and Chen Advisory received" in letter["text"]
    assert "System" not in letter["text"]


def test_the_letter_of_an_invoice_says_that_it_is_charged_by_itself(desk: AutopayDesk) -> None:
    desk.save()
    jane = desk.pay.desk.jane
    number = desk.invoice(draft=True, due_on=date(2026, 6, 15))
    late = desk.invoice(draft=True, due_on=date(2026, 5, 1))

    for each in (number, late):
        form = SendForm(to="anita@patelfamily.example")
        sending.send(jane, each, form, version=0, now=desk.now)

    said = "your saved payment method will be charged $1,000.00 on {}. You need do nothing."
    told, told_late = (each["text"] for each in messages())
    assert said.format("Jun 15, 2026") in told
    assert said.format("May 23, 2026") in told_late  # Past due already: the next morning.
    desk.work()
    before = desk.rows(late)
    desk.work(after=MORNING)
    assert (before, desk.rows(number)) == ([], [])
    assert desk.rows(late) == [("autopay", "Completed", 100_000)]


def test_the_client_reads_that_it_was_auto_pay(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice()
    desk.work()
    anita = desk.pay.anita
    person = PortalPerson(session_id=1, email=anita.email, contacts=(anita,))

    _, shown = portal_invoice(person, desk.pay.pay_token(number), now=desk.now)

    (row,) = shown.history
    assert (row.what, row.method, row.state) == ("Auto-pay", "Visa •••• 4242", "Paid")


def test_it_begins_at_six_in_the_morning_of_the_due_day(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=date(2026, 5, 23))

    desk.work()
    desk.work(after=MORNING - timedelta(seconds=1))
    before = desk.rows(number)
    desk.work(after=MORNING)

    assert before == []
    assert desk.rows(number) == [("autopay", "Completed", 100_000)]


def test_what_is_past_due_when_it_is_switched_on_waits_for_the_morning(desk: AutopayDesk) -> None:
    desk.switch(on=False)
    desk.save()
    number = desk.invoice(due_on=date(2026, 4, 1))
    desk.work()
    desk.switch(on=True)

    desk.work()
    before = desk.rows(number)
    desk.work(after=MORNING)

    assert before == []
    assert desk.rows(number) == [("autopay", "Completed", 100_000)]


def test_a_declined_card_is_tried_again_after_three_five_and_seven_days(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"] * 9
    number = desk.invoice()
    tries: list[int] = []

    for day in range(30):
        desk.work(after=day * DAY)
        if len(desk.rows(number)) > len(tries):
            tries.append(day)

    assert tries == [0, 3, 8, 15]
    assert desk.rows(number) == [("autopay", "Failed", 100_000)] * 4
    assert desk.state(number) is AutopayState.EXHAUSTED
    assert desk.pay.desk.stored(number)["is_autopay_failed"] is True
    assert ("Auto-pay tries again on May 25", "Auto-Pay") in desk.timeline(number)
    assert desk.timeline(number)[-1] == (
        "Auto-pay stopped after 4 tries: every one failed",
        "System",
    )
    assert desk.letters() == [f"Payment failed: $1,000.00 for invoice {number}"] * 4
    assert [kind for kind, _text in desk.news()] == ["payment_failed"] * 3 + ["retries_exhausted"]
    assert verify() == []


def test_a_later_try_that_succeeds_takes_the_mark_away(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"]
    number = desk.invoice()

    desk.work()
    marked = desk.pay.desk.stored(number)["is_autopay_failed"]
    desk.work(after=3 * DAY)

    assert marked is True
    assert desk.pay.desk.stored(number)["is_autopay_failed"] is False
    assert [status for _source, status, _cents in desk.rows(number)] == ["Failed", "Completed"]
    assert (desk.stored(number).failures, desk.stored(number).failure) == (0, "")


@pytest.mark.parametrize("code", ["authentication_required", "expired_card", "lost_card"])
def test_a_card_that_will_not_do_is_not_tried_again(desk: AutopayDesk, code: str) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = [code] * 9
    number = desk.invoice()

    for day in range(20):
        desk.work(after=day * DAY)

    assert desk.rows(number) == [("autopay", "Failed", 100_000)]
    assert desk.state(number) is AutopayState.CLIENT
    assert desk.letters() == [f"Payment failed: $1,000.00 for invoice {number}"]


def test_a_refusal_without_a_charge_is_a_failed_row_too(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines_chargeless[method_id] = "authentication_required"
    number = desk.invoice()

    desk.work()

    (row,) = desk.pay.desk.rows()
    assert (row["status"], row["stripe_charge_id"], row["method_detail"]) == (
        "Failed",
        None,
        "Visa •••• 4242",
    )
    assert row["failure_reason"] == "The bank wants the cardholder to confirm this payment."
    assert desk.pay.states() == ["refused"]
    assert desk.state(number) is AutopayState.CLIENT
    assert verify() == []


def test_a_bank_payment_that_fails_days_later_is_that_trys_failure(desk: AutopayDesk) -> None:
    desk.save("us_bank_account")
    number = desk.invoice()
    desk.work()
    (charge_id,) = desk.pay.stripe.charges
    pending = (desk.rows(number), desk.state(number))

    desk.work(after=DAY)
    desk.pay.stripe.fail(charge_id)
    desk.pay.receive_all()
    desk.pay.work(now=desk.now + 2 * DAY)
    desk.work(after=2 * DAY)

    assert pending == ([("autopay", "Pending", 100_000)], AutopayState.CHARGING)
    assert desk.rows(number) == [("autopay", "Failed", 100_000)]
    assert desk.stored(number).next_try_at == datetime(2026, 5, 27, 10, tzinfo=UTC)
    assert desk.pay.desk.stored(number)["is_autopay_failed"] is True
    assert desk.letters() == [f"Payment failed: $1,000.00 for invoice {number}"]


def test_only_what_is_left_is_charged(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=date(2026, 5, 23))
    desk.work()
    desk.record(number, "400.00")

    desk.work(after=MORNING)

    assert desk.rows(number) == [("manual", "Completed", 40_000), ("autopay", "Completed", 60_000)]


def test_what_the_firm_gave_back_is_not_charged_again(desk: AutopayDesk) -> None:
    number = desk.invoice(due_on=date(2026, 5, 23))
    desk.save()
    desk.record(number, "1000.00")
    payment_id = desk.pay.row()["id"]
    form = RefundForm(amount="1000.00", reason="Other", notes="")
    refunds.refund_payment(
        desk.pay.desk.jane, payment_id, form, form_token=token_urlsafe(24), now=desk.now
    )

    desk.switch(on=False)
    desk.switch(on=True)
    desk.work(after=5 * DAY)

    assert desk.pay.desk.stored(number)["balance_cents"] == 100_000
    assert desk.state(number) is AutopayState.DONE
    assert desk.pay.stripe.taken_cents() == 0


def test_without_a_method_it_says_so_once(desk: AutopayDesk) -> None:
    number = desk.invoice()

    desk.work()
    desk.save()
    desk.work(after=DAY)

    assert desk.rows(number) == []
    assert desk.state(number) is AutopayState.CLIENT
    assert len(desk.letters()) == len(desk.news()) == 1
    assert desk.timeline(number) == [
        (
            "Auto-pay did not charge this invoice. No payment method is saved that can be charged.",
            "System",
        )
    ]


def test_a_removed_method_gives_way_to_the_next_default(desk: AutopayDesk) -> None:
    desk.save(last4="1881")
    gone = desk.save()
    saved_methods.make_default(desk.pay.anita, desk.method_row(gone), now=desk.now)
    number = desk.invoice()
    # At Stripe it is gone already, and nobody told us.
    methods = desk.pay.stripe.methods
    methods[gone] = replace(methods[gone], customer_id=None)

    desk.work()

    assert [status for _source, status, _cents in desk.rows(number)] == ["Failed", "Completed"]
    assert [row["method_detail"] for row in desk.pay.desk.rows()] == [
        "Visa •••• 4242",
        "Visa •••• 1881",
    ]


def test_switched_off_between_tries_there_are_no_more(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"] * 9
    number = desk.invoice()

    desk.work()
    desk.switch(on=False)
    desk.work(after=10 * DAY)

    assert desk.rows(number) == [("autopay", "Failed", 100_000)]


def test_an_open_page_of_the_clients_comes_first(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice()
    session_id = desk.pay.opened(number)

    desk.work()
    desk.pay.stripe.pay(session_id)
    desk.pay.deliver()
    desk.work(after=DAY)

    assert desk.rows(number) == [("online", "Completed", 100_000)]
    assert desk.pay.stripe.taken_cents() == 100_000


HOUR = timedelta(hours=1)


def test_a_page_that_was_left_alone_is_closed_at_stripe_and_then_charged(
    desk: AutopayDesk,
) -> None:
    desk.save()
    number = desk.invoice()
    desk.pay.opened(number)

    desk.work()
    desk.work(after=HOUR - timedelta(seconds=1))
    while_young = (desk.rows(number), desk.pay.states())
    desk.work(after=HOUR + timedelta(minutes=15))

    assert while_young == ([], ["open"])
    assert desk.rows(number) == [("autopay", "Completed", 100_000)]
    assert desk.pay.states() == ["expired", "completed"]
    assert desk.pay.stripe.calls[-2:] == ["expire_checkout", "charge_off_session"]
    assert desk.pay.exceptions() == []
    assert verify() == []


def test_a_page_that_was_just_paid_refuses_to_be_closed_and_is_booked(desk: AutopayDesk) -> None:
    desk.save()
    paid, in_part = desk.invoice(), desk.invoice()
    desk.pay.stripe.pay(desk.pay.opened(paid))
    desk.pay.stripe.pay(desk.pay.opened(in_part, "400"))

    desk.work(after=HOUR)

    assert desk.rows(paid) == [("online", "Completed", 100_000)]
    assert desk.rows(in_part) == [("online", "Completed", 40_000), ("autopay", "Completed", 60_000)]
    assert desk.pay.stripe.taken_cents() == 200_000
    assert verify() == []


def test_a_page_that_cannot_be_closed_holds_auto_pay_off(desk: AutopayDesk) -> None:
    desk.save()
    silent, verified = desk.invoice(), desk.invoice()
    desk.pay.opened(silent)
    desk.pay.stripe.verify_bank(desk.pay.opened(verified))
    desk.pay.stripe.be_silent("expire_checkout")

    desk.work(after=HOUR)
    before = (desk.rows(silent), desk.rows(verified))
    desk.work(after=2 * HOUR)

    assert before == ([], [])
    assert desk.rows(silent) == [("autopay", "Completed", 100_000)]
    assert desk.rows(verified) == []
    assert desk.pay.stripe.taken_cents() == 100_000


def test_nothing_is_closed_for_what_cannot_be_charged(desk: AutopayDesk) -> None:
    number = desk.invoice()
    desk.pay.opened(number)

    desk.work(after=HOUR)

    assert desk.state(number) is AutopayState.CLIENT
    assert desk.pay.states() == ["open"]


def test_a_firm_user_who_tries_now_has_a_page_closed_that_was_left_alone(
    desk: AutopayDesk,
) -> None:
    desk.save()
    number = desk.invoice(due_on=date(2026, 5, 30))
    desk.pay.opened(number)
    desk.work()
    jane = desk.pay.desk.jane

    asked = autopay_acts.start(jane, number, autopay_acts.TRY, now=desk.now)

    with pytest.raises(AutopayRefused, match="being paid at this moment"):
        autopay_acts.do(jane, asked, now=desk.now)
    done = autopay_acts.do(jane, asked, now=desk.now + HOUR)

    assert done.sentence == f"$1,000.00 was charged for {number}."
    assert desk.pay.states() == ["expired", "completed"]
    assert desk.pay.stripe.taken_cents() == 100_000


def test_a_silent_stripe_is_asked_again_and_charges_once(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice()
    desk.pay.stripe.be_silent("charge_off_session", after_acting=True)

    desk.work()
    before = (desk.rows(number), desk.pay.states())
    desk.pay.sweep(after=timedelta(minutes=2))
    desk.work(after=DAY)

    assert before == ([], ["new"])
    assert desk.rows(number) == [("autopay", "Completed", 100_000)]
    assert desk.pay.stripe.taken_cents() == 100_000


def test_after_a_day_the_charge_is_looked_for_before_it_is_asked_anew(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice()
    desk.pay.stripe.be_silent("charge_off_session", after_acting=True)
    desk.work()
    desk.pay.stripe.forget_keys()

    desk.pay.sweep(after=timedelta(hours=25))

    assert desk.rows(number) == [("autopay", "Completed", 100_000)]
    assert desk.pay.stripe.taken_cents() == 100_000
    assert desk.pay.stripe.calls.count("charge_off_session") == 1


def test_a_firm_user_tries_now_stops_and_goes_on(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"]
    number = desk.invoice()
    desk.work()
    jane = desk.pay.desk.jane

    autopay_acts.stop(jane, number, now=desk.now)
    desk.work(after=10 * DAY)
    stopped = desk.rows(number)
    autopay_acts.go_on(jane, number, now=desk.now)
    asked = autopay_acts.start(jane, number, "try", now=desk.now)
    done = autopay_acts.do(jane, asked, now=desk.now)
    for tries, sentence in ((1, "in the meantime"), (2, "nothing any more")):
        with pytest.raises(AutopayRefused, match=sentence):
            autopay_acts.do(jane, replace(asked, tries=tries), now=desk.now)

    assert stopped == [("autopay", "Failed", 100_000)]
    assert done.sentence == f"$1,000.00 was charged for {number}."
    assert ("Auto-pay stopped for this invoice", "Jane Chen") in desk.timeline(number)
    assert desk.pay.stripe.taken_cents() == 100_000
    assert verify() == []


def test_only_who_edits_billing_of_that_client_may(desk: AutopayDesk) -> None:
    number = desk.invoice()
    viewer = desk.pay.desk.someone(view_billing=True, all_clients=True)

    stranger = desk.pay.desk.stranger()

    for act in (
        autopay_acts.stop,
        autopay_acts.go_on,
        partial(autopay_acts.try_now, tries=0, told=""),
    ):
        with pytest.raises(PermissionDenied):
            act(viewer, number, now=desk.now)
        with pytest.raises(NotFound):
            act(stranger, number, now=desk.now)

    assert desk.pay.stripe.calls == []


def test_a_due_day_that_was_put_off_puts_the_next_try_off(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"]
    number = desk.invoice()
    desk.work()

    desk.give_until(number, date(2026, 6, 22))
    for day in range(31):
        desk.work(after=day * DAY)
    before = desk.rows(number)
    desk.work(after=31 * DAY)

    assert before == [("autopay", "Failed", 100_000)]
    assert [status for _source, status, _cents in desk.rows(number)] == ["Failed", "Completed"]


def test_switched_on_again_after_the_day_of_a_try_it_waits_for_the_morning(
    desk: AutopayDesk,
) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"]
    number = desk.invoice()
    desk.work()
    desk.switch(on=False)
    desk.work(after=10 * DAY)
    desk.switch(on=True)

    desk.work(after=10 * DAY)
    before = desk.rows(number)
    desk.work(after=10 * DAY + MORNING)

    assert before == [("autopay", "Failed", 100_000)]
    assert [status for _source, status, _cents in desk.rows(number)] == ["Failed", "Completed"]


def test_in_another_time_zone_it_begins_at_six_by_that_clock(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=date(2026, 5, 25))
    desk.work()
    before = firm_settings.start(desk.pay.desk.jane)
    after = replace(before, timezone="Pacific/Kiritimati")
    firm_settings.save(desk.pay.desk.jane, before=before, after=after, now=desk.now)
    six = datetime(2026, 5, 24, 16, tzinfo=UTC) - desk.now

    desk.work()
    desk.work(after=six - timedelta(seconds=1))
    too_early = desk.rows(number)
    desk.work(after=six)

    assert too_early == []
    assert desk.rows(number) == [("autopay", "Completed", 100_000)]


def test_found_without_a_method_a_second_time_it_waits_all_the_same(desk: AutopayDesk) -> None:
    number = desk.invoice()
    desk.work()
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"]
    asked = autopay_acts.start(desk.pay.desk.jane, number, "try", now=desk.now)
    autopay_acts.do(desk.pay.desk.jane, asked, now=desk.now)
    desk.pay.stripe.change_method(method_id, "payment_method.detached", customer_id=None)
    desk.pay.deliver()

    desk.work(after=3 * DAY)

    assert desk.state(number) is AutopayState.CLIENT
    assert desk.letters() == [f"Payment failed: $1,000.00 for invoice {number}"] * 3


def test_what_was_given_up_unasked_is_not_said_to_be_under_way(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice()
    desk.reserve_and_die()

    desk.pay.start(number)
    desk.work(after=timedelta(minutes=16))

    assert desk.state(number) is AutopayState.WAITING
    assert desk.pay.states() == ["expired", "open"]


def test_what_a_form_of_a_browser_says_is_no_asking_of_auto_pays(desk: AutopayDesk) -> None:
    desk.save()
    other = desk.invoice(due_on=date(2026, 6, 22))
    number = desk.invoice(id=123_456)
    desk.pay.start(other, token="autopay 123456 1")

    desk.work()

    assert desk.rows(number) == [("autopay", "Completed", 100_000)]


def test_an_invoice_that_something_befalls_lets_the_others_come_first(
    desk: AutopayDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.save()
    first, second = desk.invoice(), desk.invoice()
    befallen = desk.pay.desk.stored(first)["id"]
    reserve = off_session.reserve

    def fail_for_first(connection: Connection, **asked: Any) -> Reserved | Blocked:
        if asked["invoice"].id == befallen:
            raise ZeroDivisionError
        return reserve(connection, **asked)

    with monkeypatch.context() as patched:
        patched.setattr(off_session, "reserve", fail_for_first)
        with pytest.raises(ZeroDivisionError):
            autopay.charge_next(now=desk.now)
        desk.work()
    at_first = desk.rows(first), desk.rows(second)
    desk.work(after=autopay.SILENCE)

    assert at_first == ([], [("autopay", "Completed", 100_000)])
    assert desk.rows(first) == [("autopay", "Completed", 100_000)]
    assert verify() == []
