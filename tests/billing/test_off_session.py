"""A saved method is charged with nobody present: once, whatever falls silent, and told plainly."""

from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

import pytest
from sqlalchemy import select

from assure_app.billing import (
    invoice_record,
    manual_payments,
    method_rows,
    off_session,
    stripe_accounts,
)
from assure_app.billing.checkout_closing import CheckoutInTheWay
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.off_session import Asked, Blocked, Why
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.payment import Source
from assure_app.models.tables import activity, notification, payment_method
from assure_app.stripe_gateway.outcomes import Ok, Reason, Refused, Unknown
from tests.factories import make_payment
from tests.support.fake_stripe import CHEN, make_account
from tests.support.online import PayDesk


def saved(pay_desk: PayDesk, kind: str = "card", **changes: Any) -> int:
    """Anita saves a method; its row's id."""
    pay_desk.start(pay_desk.invoice(), saves=True)
    customer_id = next(reversed(pay_desk.stripe.customers))
    method_id = pay_desk.stripe.save("acct_1ChenAdvisory", customer_id, kind, **changes)
    pay_desk.deliver()
    with reading() as connection:
        row_id = connection.scalar(
            select(payment_method.c.id).where(payment_method.c.method_id == method_id)
        )
    assert row_id is not None
    return int(row_id)


def reserve(
    pay_desk: PayDesk, number: str, method_id: int, source: Source = Source.BACKFILL, key: str = ""
) -> int | Blocked:
    """The asking's id, or why there is none."""
    with unit_of_work() as connection:
        method_rows.hold_client(connection, pay_desk.desk.client_id)
        client_id = pay_desk.desk.client_id
        method = method_rows.of_row(connection, client_id=client_id, row_id=method_id)
        invoice = invoice_record.find_and_lock(connection, pay_desk.desk.jane, number)
        reserved = off_session.reserve(
            connection,
            invoice=invoice,
            method=method,
            source=source,
            payer="Anita Patel",
            contact_id=pay_desk.anita.contact_id,
            key=key,
            now=pay_desk.now,
        )
    return reserved if isinstance(reserved, Blocked) else reserved.asking.id


def charged(pay_desk: PayDesk, number: str, method_id: int) -> Asked:
    asking_id = reserve(pay_desk, number, method_id)
    assert isinstance(asking_id, int)
    return off_session.ask(asking_id, now=pay_desk.now)


def rows_of(pay_desk: PayDesk, number: str) -> list[dict[str, Any]]:
    invoice_id = pay_desk.desk.stored(number)["id"]
    return [row for row in pay_desk.desk.rows() if row["invoice_id"] == invoice_id]


def test_a_card_pays_the_whole_balance(pay_desk: PayDesk) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()

    asked = charged(pay_desk, number, method_id)

    (row,) = rows_of(pay_desk, number)
    assert (asked.is_settled, asked.is_charged, asked.problem) == (True, True, "")
    assert (row["source"], row["status"], row["amount_cents"]) == ("backfill", "Completed", 100_000)
    assert (row["paid_by"], row["method_detail"]) == ("Anita Patel", "Visa •••• 4242")
    assert (row["fee_cents"], row["contact_id"]) == (2930, pay_desk.anita.contact_id)
    with reading() as connection:
        actors = set(
            connection.scalars(
                select(activity.c.actor).where(activity.c.payment_id == row["id"])
            ).all()
        )
    assert verify() == []
    assert actors == {"Back-fill"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"draft": True}, Why.OVER),
        ({"total_cents": 49}, Why.AMOUNT),
        ({"total_cents": 100_000_000}, Why.AMOUNT),
    ],
)
def test_what_cannot_be_charged_reserves_nothing(
    pay_desk: PayDesk, changes: dict[str, Any], why: Why
) -> None:
    method_id = saved(pay_desk)
    number = pay_desk.invoice(**changes)

    blocked = reserve(pay_desk, number, method_id)

    assert isinstance(blocked, Blocked)
    assert blocked.why is why
    assert blocked.sentence


def test_a_pending_part_holds_up_the_rest(pay_desk: PayDesk) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()
    with unit_of_work() as connection:
        make_payment(
            connection,
            pay_desk.desk.stored(number)["id"],
            source="online",
            method="ACH",
            amount_cents=40_000,
            status="Pending",
        )

    held_up = reserve(pay_desk, number, method_id)

    assert pay_desk.desk.stored(number)["balance_cents"] == 60_000
    assert isinstance(held_up, Blocked)
    assert held_up.why is Why.PENDING


def test_a_live_asking_a_pending_payment_and_another_client_block(pay_desk: PayDesk) -> None:
    card, bank = saved(pay_desk), saved(pay_desk, "us_bank_account")
    asked, pending = pay_desk.invoice(), pay_desk.invoice()
    first = reserve(pay_desk, asked, card)
    charged(pay_desk, pending, bank)

    live, under_way = reserve(pay_desk, asked, card), reserve(pay_desk, pending, card)
    nobodys = reserve(pay_desk, pay_desk.invoice(), 999)

    assert isinstance(first, int)
    found = [each.why for each in (live, under_way, nobodys) if isinstance(each, Blocked)]
    assert found == [Why.LIVE, Why.PENDING, Why.METHOD]


def test_the_same_key_is_the_same_asking(pay_desk: PayDesk) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()

    first = reserve(pay_desk, number, method_id, key="the same key again")
    second = reserve(pay_desk, number, method_id, key="the same key again")

    assert first == second
    assert isinstance(first, int)


def test_what_was_never_asked_gives_way_to_a_check(pay_desk: PayDesk) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()
    asking_id = reserve(pay_desk, number, method_id)
    assert isinstance(asking_id, int)

    record(pay_desk, number)
    asked = off_session.ask(asking_id, now=pay_desk.now)

    assert (asked.is_settled, asked.is_charged) == (True, False)
    assert "charge_off_session" not in pay_desk.stripe.calls
    assert [row["source"] for row in rows_of(pay_desk, number)] == ["manual"]
    assert verify() == []


def test_of_what_is_not_owed_any_more_stripe_is_never_asked(pay_desk: PayDesk) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()
    asking_id = reserve(pay_desk, number, method_id)
    assert isinstance(asking_id, int)
    # The worker died; meanwhile money came back that a bank had taken.
    with unit_of_work() as connection:
        make_payment(connection, pay_desk.desk.stored(number)["id"], amount_cents=1)

    pay_desk.sweep(after=timedelta(hours=1))
    asked = off_session.ask(asking_id, now=pay_desk.now)

    assert (asked.is_settled, asked.is_charged) == (True, False)
    assert pay_desk.stripe.taken_cents() == 0
    assert isinstance(reserve(pay_desk, number, method_id), int)


def test_what_stripe_is_silent_about_keeps_its_place(pay_desk: PayDesk) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()
    pay_desk.stripe.be_silent("charge_off_session", after_acting=True, times=3)
    asked = charged(pay_desk, number, method_id)

    with pytest.raises(CheckoutInTheWay, match=r"Anita Patel is paying \$1,000.00 at this moment"):
        record(pay_desk, number)
    with pytest.raises(CheckoutInTheWay):
        pay_desk.start(number)
    pay_desk.sweep(after=timedelta(minutes=7))

    assert not asked.is_settled
    assert [row["source"] for row in rows_of(pay_desk, number)] == ["backfill"]
    assert pay_desk.stripe.taken_cents() == 100_000


def test_a_key_that_was_used_for_other_figures_says_nothing_of_the_charge(
    pay_desk: PayDesk,
) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()
    pay_desk.stripe.answers_off_session = Refused(
        reason=Reason.KEY_REUSED, code="idempotency_error", sentence="Used."
    )

    asked = charged(pay_desk, number, method_id)

    assert (asked.is_settled, rows_of(pay_desk, number)) == (False, [])
    assert pay_desk.states()[-1] == "new"


def test_a_silence_of_more_than_a_day_is_told_once(pay_desk: PayDesk) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()
    pay_desk.stripe.answers_off_session = Unknown(reason="no_answer")
    charged(pay_desk, number, method_id)

    told = []
    for hours in (1, 23, 24, 25, 48):
        pay_desk.sweep(after=timedelta(hours=hours))
        with reading() as connection:
            told.append(list(connection.scalars(select(notification.c.text))))

    news = f"Stripe does not say whether it charged $1,000.00 on {number}"
    assert told == [[], [], [news], [news], [news]]


def test_an_error_that_stripe_keeps_is_given_up_after_an_hour(pay_desk: PayDesk) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()
    asking_id = reserve(pay_desk, number, method_id)
    assert isinstance(asking_id, int)
    kept = Unknown(reason="status_500")
    pay_desk.stripe.answers_off_session = kept

    off_session.ask(asking_id, now=pay_desk.now)
    pay_desk.sweep(after=timedelta(minutes=30))
    early = pay_desk.checkouts()[-1]["state"]
    pay_desk.sweep(after=timedelta(minutes=61))
    late = pay_desk.checkouts()[-1]["state"]
    pay_desk.stripe.answers_off_session = None

    assert (early, late) == ("new", "expired")
    assert charged(pay_desk, number, method_id).is_charged
    assert pay_desk.stripe.taken_cents() == 100_000


def test_a_disconnected_account_blocks_no_invoice_for_ever(pay_desk: PayDesk) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()
    assert isinstance(reserve(pay_desk, number, method_id), int)

    with unit_of_work() as connection:
        stripe_accounts.disconnect(connection, CHEN, now=pay_desk.now)
    pay_desk.sweep(after=timedelta(minutes=2))

    assert pay_desk.checkouts()[-1]["state"] == "expired"


def test_what_a_lost_account_may_have_charged_holds_its_place_for_a_day(
    pay_desk: PayDesk,
) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()
    pay_desk.stripe.answers_off_session = Unknown(reason="no_answer")
    charged(pay_desk, number, method_id)
    with unit_of_work() as connection:
        stripe_accounts.disconnect(connection, CHEN, now=pay_desk.now)

    states = []
    for hours in (1, 22, 24):
        pay_desk.sweep(after=timedelta(hours=hours))
        states.append(pay_desk.states()[-1])

    assert states == ["new", "new", "expired"]


def test_a_former_account_that_still_answers_is_asked_until_it_says_what_it_did(
    pay_desk: PayDesk,
) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()
    pay_desk.stripe.be_silent("charge_off_session", after_acting=True)
    charged(pay_desk, number, method_id)
    connect_another(pay_desk)
    pay_desk.stripe.be_silent("find_payment_intent")

    pay_desk.sweep(after=timedelta(hours=30))
    silent = pay_desk.states()[-1]
    pay_desk.sweep(after=timedelta(hours=31))

    assert (silent, pay_desk.states()[-1]) == ("new", "completed")
    assert [row["status"] for row in rows_of(pay_desk, number)] == ["Completed"]


def test_what_is_heard_of_while_it_is_looked_for_is_not_charged_again(
    pay_desk: PayDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()
    pay_desk.stripe.be_silent("charge_off_session", after_acting=True)
    charged(pay_desk, number, method_id)
    pay_desk.stripe.forget_keys()

    def told_meanwhile(*_account: object, **_asked: object) -> Ok[None]:
        pay_desk.deliver()
        return Ok(None)

    monkeypatch.setattr(pay_desk.stripe, "find_payment_intent", told_meanwhile)

    pay_desk.sweep(after=timedelta(hours=30))

    assert pay_desk.states()[-1] == "completed"
    assert pay_desk.stripe.taken_cents() == 100_000
    assert [row["status"] for row in rows_of(pay_desk, number)] == ["Completed"]


def test_what_was_saved_in_a_former_account_is_not_charged(pay_desk: PayDesk) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()
    connect_another(pay_desk)

    blocked = reserve(pay_desk, number, method_id)

    assert isinstance(blocked, Blocked)
    assert blocked.why is Why.METHOD


def connect_another(pay_desk: PayDesk) -> None:
    """The firm goes on with another account at Stripe."""
    other = make_account("acct_1AnotherOfChens")
    with unit_of_work() as connection:
        stripe_accounts.connect(connection, pay_desk.desk.jane.firm_id, other, now=pay_desk.now)


def record(pay_desk: PayDesk, number: str) -> None:
    form = PaymentForm(amount="1000.00", method="Check", date="2026-05-22", reference="")
    manual_payments.record_payment(
        pay_desk.desk.jane, number, form, form_token=token_urlsafe(24), now=pay_desk.now
    )
