"""Past invoices are paid all at once: asked once, agreed once, each charged once by itself
(R114–R122)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from assure_app.billing import (
    autopay,
    backfill,
    manual_payments,
    saved_methods,
    stripe_accounts,
)
from assure_app.billing.backfill import AlreadyDeclined
from assure_app.billing.checkout_closing import PageNotClosed
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.reading.backfill import backfill_card
from assure_app.billing.reading.backfill_rows import BackfillCard
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.backfill import Agreed, ListChanged
from assure_app.domain.errors import NotFound
from assure_app.domain.portal_access import PaymentNotAllowed, PortalRole
from assure_app.models.tables import (
    activity,
    backfill_item,
    backfill_offer,
    contact,
    invoice,
    job,
    mail_message,
    notification,
    stripe_account,
)
from assure_app.models.tables import engagement as engagement_table
from tests.support.backfilling import ask_all, past, rows_of, statuses
from tests.support.fake_stripe import make_account
from tests.support.online import PayDesk
from tests.support.saving import save, work


def shown(pay_desk: PayDesk, **later: timedelta) -> tuple[BackfillCard, Agreed]:
    return backfill_card(pay_desk.anita, now=pay_desk.now + later.get("after", timedelta(0)))


def card(pay_desk: PayDesk) -> BackfillCard:
    return shown(pay_desk)[0]


def confirm(pay_desk: PayDesk, agreed: Agreed | None = None) -> backfill.Begun:
    return backfill.confirm(pay_desk.anita, agreed or shown(pay_desk)[1], now=pay_desk.now)


def offers() -> list[Any]:
    with reading() as connection:
        return list(connection.execute(select(backfill_offer)).all())


def askings(pay_desk: PayDesk) -> list[int]:
    """Cents of each asking without a page."""
    return [row["amount_cents"] for row in pay_desk.checkouts() if row["source"] == "backfill"]


# The question.


def test_the_first_method_asks_about_what_is_on_file(pay_desk: PayDesk) -> None:
    engagement = work(pay_desk)
    numbers = past(pay_desk, engagement, 100_000, 25_050)
    assert card(pay_desk) == BackfillCard()

    save(pay_desk)

    found = card(pay_desk)
    assert (found.step, found.question) == (
        "ask",
        "We have 2 unpaid invoices on file — pay them all now?",
    )
    assert (found.total, found.method, found.count) == ("$1,250.50", "Visa •••• 4242", 2)
    assert [(row.number, row.amount) for row in found.rows] == [
        (numbers[0], "$1,000.00"),
        (numbers[1], "$250.50"),
    ]
    assert (pay_desk.desk.rows(), pay_desk.stripe.charges) == ([], {})


def test_one_is_asked_about_as_one(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000)

    save(pay_desk)

    assert card(pay_desk).question == "We have 1 unpaid invoice on file — pay it now?"


def test_saved_while_paying_it_asks_about_the_others(pay_desk: PayDesk) -> None:
    engagement = work(pay_desk)
    paid, other = past(pay_desk, engagement, 100_000, 50_000)

    pay_desk.stripe.pay(pay_desk.opened(paid, saves=True))
    pay_desk.deliver()

    assert [row.number for row in card(pay_desk).rows] == [other]


def test_nothing_on_file_asks_nothing_and_neither_does_a_second_method(pay_desk: PayDesk) -> None:
    engagement = work(pay_desk)
    save(pay_desk)
    assert card(pay_desk) == BackfillCard()
    backfill.decline(pay_desk.anita, now=pay_desk.now)
    past(pay_desk, engagement, 100_000)

    save(pay_desk, "us_bank_account")

    assert card(pay_desk) == BackfillCard()
    assert len(offers()) == 1


def test_removed_and_saved_again_it_is_no_first_method(pay_desk: PayDesk) -> None:
    engagement = work(pay_desk)
    save(pay_desk)
    backfill.decline(pay_desk.anita, now=pay_desk.now)
    warning = saved_methods.find(pay_desk.anita, 1).effect.warning
    saved_methods.remove(pay_desk.anita, 1, told=warning, now=pay_desk.now)
    past(pay_desk, engagement, 100_000)

    save(pay_desk)

    assert card(pay_desk) == BackfillCard()


def test_who_may_not_pay_is_not_asked(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000)
    save(pay_desk)
    viewer = replace(pay_desk.anita, role=PortalRole.VIEWER)

    assert backfill_card(viewer, now=pay_desk.now)[0] == BackfillCard()
    agreed = shown(pay_desk)[1]
    with pytest.raises(PaymentNotAllowed):
        backfill.confirm(viewer, agreed, now=pay_desk.now)
    with pytest.raises(PaymentNotAllowed):
        backfill.decline(viewer, now=pay_desk.now)
    with pytest.raises(PaymentNotAllowed):
        backfill.close(viewer, now=pay_desk.now)
    assert offers()[0].answer == "waiting"


@pytest.mark.parametrize(
    ("days_ago", "is_asked"), [(0, True), (89, True), (90, True), (91, False), (400, False)]
)
def test_the_window_ends_at_ninety_days(
    pay_desk: PayDesk, days_ago: int, *, is_asked: bool
) -> None:
    past(pay_desk, work(pay_desk), 100_000, days_ago=days_ago)

    save(pay_desk)

    assert (card(pay_desk).step == "ask") is is_asked


def test_only_what_is_eligible_is_on_the_list(pay_desk: PayDesk) -> None:
    engagement, other = work(pay_desk), work(pay_desk, "Advice", is_autopay_on=False)
    sent, viewed, part, late, overfull = past(pay_desk, engagement, *[100_000] * 5)
    past(pay_desk, engagement, 49)
    past(pay_desk, other, 100_000)
    pay_desk.invoice()  # Of no work at all.
    cancelled, paid, processing = past(pay_desk, engagement, *[100_000] * 3)
    pay_desk.invoice(draft=True, engagement_id=engagement)
    now = pay_desk.now
    with unit_of_work() as connection:

        def change(number: str, **columns: object) -> None:
            connection.execute(update(invoice).where(invoice.c.number == number).values(columns))

        change(viewed, viewed_at=now)
        change(late, due_on=(now - timedelta(days=3)).date())
        change(cancelled, cancelled_at=now, stage="cancelled", balance_cents=0)
    pay_desk.stripe.pay(pay_desk.opened(part, "400"))
    pay_desk.stripe.pay(pay_desk.opened(paid))
    pay_desk.stripe.pay(pay_desk.opened(processing, "300"), method="us_bank_account")
    pay_desk.deliver()
    assert overfull

    save(pay_desk)

    assert {(row.number, row.amount) for row in card(pay_desk).rows} == {
        (sent, "$1,000.00"),
        (viewed, "$1,000.00"),
        (part, "$600.00"),
        (late, "$1,000.00"),
        (overfull, "$1,000.00"),
    }


def test_a_page_that_was_left_open_is_closed_before_its_invoice_is_charged(
    pay_desk: PayDesk,
) -> None:
    left_open, just_paid, being_paid = past(pay_desk, work(pay_desk), 100_000, 50_000, 25_000)
    pay_desk.opened(left_open)
    session_id = pay_desk.opened(just_paid, "500")
    pay_desk.stripe.verify_bank(pay_desk.opened(being_paid, "250"))
    save(pay_desk)
    agreed = shown(pay_desk)[1]
    pay_desk.stripe.pay(session_id)
    assert len(agreed.cents) == 3

    confirm(pay_desk, agreed)
    ask_all(pay_desk)

    assert statuses(pay_desk, left_open, just_paid, being_paid) == [
        [("backfill", "Completed", 100_000)],
        [("online", "Completed", 50_000)],
        [],
    ]
    assert pay_desk.stripe.taken_cents() == 150_000
    assert verify() == []


def test_while_stripe_cannot_close_a_page_nothing_is_agreed_to(pay_desk: PayDesk) -> None:
    left_open, other = past(pay_desk, work(pay_desk), 100_000, 50_000)
    pay_desk.opened(left_open)
    save(pay_desk)
    pay_desk.stripe.be_silent("expire_checkout")

    with pytest.raises(PageNotClosed):
        confirm(pay_desk)
    before = (askings(pay_desk), card(pay_desk).step)
    confirm(pay_desk)
    ask_all(pay_desk)

    assert before == ([], "ask")
    assert statuses(pay_desk, left_open, other) == [
        [("backfill", "Completed", 100_000)],
        [("backfill", "Completed", 50_000)],
    ]


def test_without_a_method_or_without_stripe_nothing_is_asked(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000)
    save(pay_desk)
    agreed = shown(pay_desk)[1]
    with unit_of_work() as connection:
        connection.execute(update(stripe_account).values(charges_enabled=False))

    assert card(pay_desk) == BackfillCard()
    with pytest.raises(ListChanged):
        confirm(pay_desk, agreed)

    with unit_of_work() as connection:
        connection.execute(update(stripe_account).values(charges_enabled=True))
    warning = saved_methods.find(pay_desk.anita, 1).effect.warning
    saved_methods.remove(pay_desk.anita, 1, told=warning, now=pay_desk.now)
    assert card(pay_desk) == BackfillCard()
    with pytest.raises(ListChanged):
        confirm(pay_desk, agreed)
    assert askings(pay_desk) == []


# The answer.


def test_not_now_charges_nothing_and_is_remembered(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000)
    save(pay_desk)
    agreed = shown(pay_desk)[1]

    for _ in range(2):
        backfill.decline(pay_desk.anita, now=pay_desk.now)

    assert card(pay_desk) == BackfillCard()
    with pytest.raises(AlreadyDeclined):
        confirm(pay_desk, agreed)
    assert (askings(pay_desk), pay_desk.stripe.charges) == ([], {})
    (offer,) = offers()
    assert (offer.answer, offer.answered_by_id) == ("declined", pay_desk.anita.contact_id)
    assert pay_desk.desk.audit() == [
        "Anita Patel of a client chose “Not now” for paying past invoices"
    ]


def test_each_invoice_is_charged_once_by_itself(pay_desk: PayDesk) -> None:
    numbers = past(pay_desk, work(pay_desk), 100_000, 25_050, 4_200)
    save(pay_desk)

    assert confirm(pay_desk) == backfill.Begun(firm_id=pay_desk.anita.firm_id, is_repeat=False)
    ask_all(pay_desk)

    assert statuses(pay_desk, *numbers) == [
        [("backfill", "Completed", 100_000)],
        [("backfill", "Completed", 25_050)],
        [("backfill", "Completed", 4_200)],
    ]
    assert pay_desk.stripe.taken_cents() == 129_250
    assert {row["paid_by"] for row in pay_desk.desk.rows()} == {"Anita Patel"}
    assert {row["contact_id"] for row in pay_desk.desk.rows()} == {pay_desk.anita.contact_id}
    with reading() as connection:
        told = connection.execute(
            select(activity.c.actor).where(activity.c.payment_id.is_not(None))
        )
        letters = connection.execute(select(mail_message.c.subject, mail_message.c.to_email)).all()
        jobs = connection.execute(select(job.c.name)).scalars().all()
    assert set(told.scalars()) == {"Back-fill"}
    received = [each.to_email for each in letters if each.subject.startswith("Payment received")]
    assert received == ["anita@patelfamily.example"] * 3
    assert jobs.count("ask-off-session") == 3
    assert pay_desk.desk.audit() == [
        "Anita Patel of a client agreed to pay 3 past invoices, $1,292.50, with Visa •••• 4242"
    ]
    found = card(pay_desk)
    assert (found.step, found.news, found.total) == ("done", "3 paid", "$1,292.50")
    assert verify() == []


def test_one_fails_and_the_others_are_paid(pay_desk: PayDesk) -> None:
    numbers = past(pay_desk, work(pay_desk), 100_000, 50_000, 25_000)
    method_id = save(pay_desk)
    pay_desk.stripe.declines[method_id] = ["", "insufficient_funds", ""]

    confirm(pay_desk)
    ask_all(pay_desk)

    assert statuses(pay_desk, *numbers) == [
        [("backfill", "Completed", 100_000)],
        [("backfill", "Failed", 50_000)],
        [("backfill", "Completed", 25_000)],
    ]
    found = card(pay_desk)
    assert (found.step, found.news) == ("done", "2 paid · 1 failed")
    failed = found.rows[1]
    assert (failed.number, failed.state, failed.reason) == (
        numbers[1],
        "Failed",
        "Your card has insufficient funds.",
    )
    assert failed.pay_href == f"/pay/{pay_desk.pay_token(numbers[1])}"
    assert [row.pay_href for row in found.rows if row.state == "Paid"] == ["", ""]
    assert pay_desk.desk.stored(numbers[1])["balance_cents"] == 50_000

    pay_desk.deliver()
    with reading() as connection:
        told = connection.execute(
            select(mail_message.c.to_email, mail_message.c.subject).where(
                mail_message.c.subject.startswith("Payment failed")
            )
        ).all()
        heard = connection.execute(select(notification.c.text)).scalars().all()
    failure = f"Patel Family: card payment of $500.00 on {numbers[1]} failed"
    assert sorted(told) == [
        ("anita@patelfamily.example", f"Payment failed: $500.00 for invoice {numbers[1]}"),
        (
            pay_desk.desk.email_of_jane(),
            f"Payment failed: Patel Family, $500.00 for invoice {numbers[1]}",
        ),
    ]
    assert heard.count(failure) == 1

    pay_desk.stripe.pay(pay_desk.opened(numbers[1], "500"))
    pay_desk.deliver()

    settled = card(pay_desk).rows[1]
    assert (settled.state, settled.reason, settled.pay_href) == (
        "Failed",
        "Settled in another way since.",
        "",
    )
    assert verify() == []


def test_a_bank_payment_is_under_way_until_it_arrives(pay_desk: PayDesk) -> None:
    (number,) = past(pay_desk, work(pay_desk), 100_000)
    save(pay_desk, "us_bank_account")

    confirm(pay_desk)
    ask_all(pay_desk)
    found = card(pay_desk)
    (charge_id,) = pay_desk.stripe.charges
    pay_desk.stripe.settle(charge_id)
    pay_desk.deliver()

    assert (found.step, found.news, found.rows[0].state) == ("done", "1 processing", "Processing")
    assert card(pay_desk).news == "1 paid"
    assert statuses(pay_desk, number) == [[("backfill", "Completed", 100_000)]]


def test_what_is_still_to_come_is_shown_in_the_middle(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000, 50_000, 25_000)
    save(pay_desk)

    confirm(pay_desk)
    before = card(pay_desk)
    ask_all(pay_desk, most=1)
    middle = card(pay_desk)

    assert (before.step, before.news) == ("run", "0 of 3 done")
    assert [row.state for row in before.rows] == ["Charging", "Waiting", "Waiting"]
    assert (middle.step, middle.news, middle.done, middle.count) == ("run", "1 of 3 done", 1, 3)
    assert [row.state for row in middle.rows] == ["Paid", "Charging", "Waiting"]
    assert card(pay_desk) == middle


def test_confirmed_twice_it_charges_once(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000, 50_000)
    save(pay_desk)
    agreed = shown(pay_desk)[1]

    begun = [confirm(pay_desk, agreed) for _ in range(3)]
    ask_all(pay_desk)
    begun += [confirm(pay_desk, agreed)]
    backfill.decline(pay_desk.anita, now=pay_desk.now)
    ask_all(pay_desk)

    assert [each.is_repeat for each in begun] == [False, True, True, True]
    assert askings(pay_desk) == [100_000, 50_000]
    assert pay_desk.stripe.taken_cents() == 150_000
    assert offers()[0].answer == "accepted"


def less(pay_desk: PayDesk, number: str) -> None:
    """Jane records $400 of it."""
    record(pay_desk, number, "400")


def all_of_it(pay_desk: PayDesk, number: str) -> None:
    record(pay_desk, number, "1000")


def record(pay_desk: PayDesk, number: str, amount: str) -> None:
    start = manual_payments.start(pay_desk.desk.jane, number, now=pay_desk.now)
    form = PaymentForm(amount=amount, method="Check", date=start.date, reference="1")
    manual_payments.record_payment(
        pay_desk.desk.jane, number, form, form_token=start.form_token, now=pay_desk.now
    )


@pytest.mark.parametrize(("act", "charged"), [(less, [60_000, 50_000]), (all_of_it, [50_000])])
def test_what_was_paid_since_it_was_shown_is_not_charged(
    pay_desk: PayDesk, act: Callable[[PayDesk, str], None], charged: list[int]
) -> None:
    number, _other = past(pay_desk, work(pay_desk), 100_000, 50_000)
    save(pay_desk)
    agreed = shown(pay_desk)[1]

    act(pay_desk, number)
    confirm(pay_desk, agreed)

    assert askings(pay_desk) == charged


def test_more_than_was_shown_is_asked_about_anew(pay_desk: PayDesk) -> None:
    engagement = work(pay_desk)
    past(pay_desk, engagement, 100_000)
    save(pay_desk)
    agreed = shown(pay_desk)[1]
    past(pay_desk, engagement, 50_000)

    with pytest.raises(ListChanged):
        confirm(pay_desk, agreed)
    assert (askings(pay_desk), offers()[0].answer) == ([], "waiting")
    confirm(pay_desk)

    assert askings(pay_desk) == [100_000, 50_000]


def test_another_method_than_was_shown_is_asked_about_anew(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000)
    save(pay_desk)
    agreed = shown(pay_desk)[1]
    save(pay_desk, "us_bank_account")
    saved_methods.make_default(pay_desk.anita, 2, now=pay_desk.now)

    with pytest.raises(ListChanged):
        confirm(pay_desk, agreed)

    assert card(pay_desk).method == "STRIPE TEST BANK •••• 6789"


def test_auto_pay_switched_off_since_it_was_shown_counts(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000)
    save(pay_desk)
    agreed = shown(pay_desk)[1]
    with unit_of_work() as connection:
        connection.execute(update(engagement_table).values(is_autopay_on=False))

    with pytest.raises(ListChanged):
        confirm(pay_desk, agreed)

    assert askings(pay_desk) == []


def test_what_can_all_not_be_charged_any_more_answers_nothing(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000, 50_000)
    save(pay_desk)
    agreed = shown(pay_desk)[1]
    other = make_account("acct_1AnotherOfChens")
    with unit_of_work() as connection:
        stripe_accounts.connect(connection, pay_desk.desk.jane.firm_id, other, now=pay_desk.now)

    with pytest.raises(ListChanged):
        confirm(pay_desk, agreed)

    assert (offers()[0].answer, askings(pay_desk)) == ("waiting", [])


def test_a_role_taken_away_since_the_click_counts(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000)
    save(pay_desk)
    agreed = shown(pay_desk)[1]
    with unit_of_work() as connection:
        connection.execute(update(contact).values(role="viewer"))

    for act in (
        lambda: backfill.confirm(pay_desk.anita, agreed, now=pay_desk.now),
        lambda: backfill.decline(pay_desk.anita, now=pay_desk.now),
    ):
        with pytest.raises(PaymentNotAllowed):
            act()

    assert askings(pay_desk) == []


def test_another_client_has_another_offer(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000)
    save(pay_desk)
    agreed = shown(pay_desk)[1]
    other = replace(pay_desk.anita, client_id=pay_desk.anita.client_id + 1)

    assert backfill_card(other, now=pay_desk.now)[0] == BackfillCard()
    with pytest.raises(NotFound):
        backfill.confirm(other, agreed, now=pay_desk.now)


@pytest.mark.parametrize("answer", ["none", "not now"])
def test_auto_pay_leaves_to_the_client_what_was_past_due_and_charges_what_falls_due(
    pay_desk: PayDesk, answer: str
) -> None:
    engagement, before = work(pay_desk), pay_desk.now - timedelta(days=5)
    sent = {"sent_at": before, "opened_at": before}
    late, today, next_week = (
        pay_desk.invoice(engagement_id=engagement, due_on=day, **sent)
        for day in (date(2026, 5, 21), date(2026, 5, 22), date(2026, 5, 29))
    )
    save(pay_desk)
    if answer == "not now":
        backfill.decline(pay_desk.anita, now=pay_desk.now)

    for day in range(9):
        while autopay.charge_next(now=pay_desk.now + timedelta(days=day)):
            pass

    paid = [("autopay", "Completed", 100_000)]
    assert statuses(pay_desk, late, today, next_week) == [[], paid, paid]
    assert [text for text, _ in pay_desk.desk.timeline() if "did not charge" in text] == [
        f"Auto-pay did not charge this invoice. {autopay.LEFT}"
    ]
    asked = card(pay_desk)
    assert [row.number for row in asked.rows] == ([late] if answer == "none" else [])


# What comes of it.


def test_a_silent_stripe_is_asked_again_by_the_sweep(pay_desk: PayDesk) -> None:
    numbers = past(pay_desk, work(pay_desk), 100_000, 50_000)
    save(pay_desk)
    pay_desk.stripe.be_silent("charge_off_session", after_acting=True)
    pay_desk.stripe.be_silent("charge_off_session")

    confirm(pay_desk)
    ask_all(pay_desk)
    assert card(pay_desk).news == "0 of 2 done"
    pay_desk.sweep(after=timedelta(minutes=10))

    assert card(pay_desk).news == "2 paid"
    assert pay_desk.stripe.taken_cents() == 150_000
    assert [len(rows_of(pay_desk, number)) for number in numbers] == [1, 1]


def test_without_any_job_the_sweep_finishes_it(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000, 50_000)
    save(pay_desk)

    confirm(pay_desk)
    pay_desk.sweep(after=timedelta(minutes=10))

    assert card(pay_desk).news == "2 paid"
    assert verify() == []


def test_closed_or_a_week_old_it_is_shown_no_more(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000)
    save(pay_desk)
    confirm(pay_desk)
    ask_all(pay_desk)

    assert shown(pay_desk, after=timedelta(days=7))[0].step == "done"
    assert shown(pay_desk, after=timedelta(days=7, seconds=1))[0] == BackfillCard()
    backfill.close(pay_desk.anita, now=pay_desk.now)
    assert card(pay_desk) == BackfillCard()


def test_the_database_keeps_the_answer_and_what_was_agreed_to(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000)
    save(pay_desk)
    confirm(pay_desk)

    for table, change in (
        (backfill_offer, {"answer": "declined", "charged_id": None}),
        (backfill_offer, {"client_id": 99}),
        (backfill_item, {"checkout_id": 99}),
    ):
        with pytest.raises(IntegrityError), unit_of_work() as connection:
            connection.execute(update(table).values(change))
        with pytest.raises(IntegrityError), unit_of_work() as connection:
            connection.execute(delete(table))


def test_a_method_removed_while_it_is_charged_fails_alone_and_is_told(pay_desk: PayDesk) -> None:
    past(pay_desk, work(pay_desk), 100_000, 50_000)
    save(pay_desk)
    confirm(pay_desk)
    ask_all(pay_desk, most=1)
    warning = saved_methods.find(pay_desk.anita, 1).effect.warning

    saved_methods.remove(pay_desk.anita, 1, told=warning, now=pay_desk.now)
    ask_all(pay_desk)

    found = card(pay_desk)
    assert (found.step, found.news) == ("done", "1 paid · 1 failed")
    assert pay_desk.stripe.taken_cents() == 100_000
    assert verify() == []
