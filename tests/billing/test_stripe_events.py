"""Callbacks: once each, in any order, whatever fails meanwhile, and nothing dropped in silence."""

import copy
from contextlib import suppress
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from assure_app.billing import (
    stripe_accounts,
    stripe_events,
    stripe_exceptions,
    stripe_news,
    stripe_replay,
    stripe_sweep,
)
from assure_app.billing.reading import stripe_page
from assure_app.billing.stripe_accounts import ConnectState
from assure_app.billing.stripe_events import WAITS, ForeignAccount, Receipt
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.billing.verification import verify
from assure_app.db.engine import engine
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import NotFound, PermissionDenied
from assure_app.models.tables import checkout, invoice, mail_message, payment, stripe_exception
from assure_app.stripe_gateway.records import Event
from tests.support.fake_stripe import CHEN, FakeStripe, make_account
from tests.support.online import PayDesk


def event(pay_desk: PayDesk, **changes: Any) -> Event:
    values: dict[str, Any] = {
        "id": "evt_1",
        "account_id": CHEN,
        "type": "charge.succeeded",
        "object_id": "ch_1",
        "object_kind": "charge",
        "is_live": False,
        "created_at": pay_desk.now,
    }
    return Event(**values | changes)


def news_of_a_life(stripe: FakeStripe, session_id: str, *, arrives: bool) -> list[stripe_news.News]:
    """Six things that Stripe says in the life of a payment, each asked for at its own moment."""

    def said(kind: str, object_id: str) -> stripe_news.News:
        with copy.deepcopy(stripe).installed():
            news = stripe_news.of_object(CHEN, kind, object_id)
        assert news is not None
        return news

    declined = stripe.decline(session_id)
    told = [said("charge", declined), said("checkout.session", session_id)]
    charge_id = stripe.pay(session_id, method="us_bank_account")
    told += [said("charge", charge_id), said("checkout.session", session_id)]
    intent_id = stripe.charges[charge_id].payment_intent_id or ""
    if arrives:
        stripe.settle(charge_id)
        told.append(said("payment_intent", intent_id))
        stripe.learn_fee(charge_id, 77)
    else:
        stripe.fail(charge_id)
        told.append(said("payment_intent", intent_id))
    return [*told, said("charge", charge_id)]


@pytest.mark.parametrize("arrives", [True, False])
def test_every_order_with_duplicates_ends_alike(pay_desk: PayDesk, *, arrives: bool) -> None:
    number = pay_desk.invoice()
    told = news_of_a_life(pay_desk.stripe, pay_desk.opened(number), arrives=arrives)
    random = Random(4)
    orders = list(permutations(range(len(told))))
    if engine().dialect.name == "postgresql" or not arrives:
        orders = random.sample(orders, 60)

    ends = {
        end_of(pay_desk, [told[which] for which in (*order, *random.sample(order, 2))])
        for order in orders
    }

    rows = (("Failed", 0), ("Completed", 77)) if arrives else (("Failed", 0), ("Failed", 0))
    figures = ("paid", 0, 100_000, 0) if arrives else ("open", 100_000, 0, 0)
    letters = 1 if arrives else 2  # Of a bank payment that failed the firm's owner hears as well.
    assert ends == {(tuple(sorted(rows)), figures, "completed", letters, 0)}
    pay_desk.deliver()
    assert verify() == []


class Undone(Exception):
    """Ends a transaction whose outcome was only looked at."""


def end_of(pay_desk: PayDesk, told: list[stripe_news.News]) -> tuple[object, ...]:
    """Rows, figures, page, letters and exceptions once all of this was booked; then undone."""
    end: tuple[object, ...] = ()
    with suppress(Undone), unit_of_work() as connection:
        for news in told:
            news(connection, now=pay_desk.now)
        rows = connection.execute(select(payment.c.status, payment.c.fee_cents))
        names = ("stage", "balance_cents", "settled_cents", "pending_cents")
        figures = connection.execute(select(*(invoice.c[name] for name in names))).one()
        end = (
            tuple(sorted((row.status, row.fee_cents) for row in rows)),
            tuple(figures),
            connection.scalar(select(checkout.c.state)),
            connection.scalar(select(func.count()).select_from(mail_message)),
            connection.scalar(select(func.count()).select_from(stripe_exception)),
        )
        raise Undone
    return end


def test_an_event_is_taken_in_once(pay_desk: PayDesk) -> None:
    told = event(pay_desk)

    received = [stripe_events.receive(told, now=pay_desk.now) for _ in range(3)]

    assert received == [Receipt.NEW, Receipt.REPEATED, Receipt.REPEATED]
    assert pay_desk.events() == ["waiting"]


@pytest.mark.parametrize("account_id", ["acct_of_nobody", None, ""])
def test_an_event_of_nobodys_account_writes_nothing(
    pay_desk: PayDesk, account_id: str | None
) -> None:
    with pytest.raises(ForeignAccount):
        stripe_events.receive(event(pay_desk, account_id=account_id), now=pay_desk.now)

    assert pay_desk.events() == []


def test_an_unknown_type_changes_nothing(pay_desk: PayDesk) -> None:
    stripe_events.receive(event(pay_desk, type="invoice.finalized"), now=pay_desk.now)
    stripe_events.receive(
        event(pay_desk, id="evt_2", type="charge.updated", object_id=""), now=pay_desk.now
    )

    pay_desk.work()

    assert pay_desk.events() == ["ignored", "ignored"]
    assert pay_desk.stripe.calls == []


def test_an_unknown_charge_is_kept_for_a_person(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
    token = pay_desk.checkouts()[0]["token"]
    pay_desk.stripe.change_charge(charge_id, metadata={"assure_checkout": "token-of-nobody"})
    stripe_events.receive(event(pay_desk, object_id=charge_id), now=pay_desk.now)
    stripe_events.receive(event(pay_desk, id="evt_2", object_id=charge_id), now=pay_desk.now)
    pay_desk.work()

    assert pay_desk.desk.rows() == []
    assert pay_desk.events() == ["done", "done"]
    ((kind, sentence),) = pay_desk.exceptions()
    assert kind == "unknown charge"
    assert sentence.startswith("Stripe took $1,000.00 that no invoice here asked for.")

    (row,) = stripe_page.page(pay_desk.desk.jane, now=pay_desk.now).waiting
    assert (row.amount, row.object_id, row.can_replay) == ("$1,000.00", charge_id, True)
    still = stripe_replay.replay(pay_desk.desk.jane, row.id, now=pay_desk.now)
    assert not still.is_settled
    assert len(pay_desk.exceptions()) == 1

    pay_desk.stripe.change_charge(charge_id, metadata={"assure_checkout": token})
    replayed = stripe_replay.replay(pay_desk.desk.jane, row.id, now=pay_desk.now)

    assert replayed.is_settled
    assert pay_desk.row()["status"] == "Completed"
    assert pay_desk.exceptions() == []
    assert "Jane Chen replayed" in pay_desk.desk.audit()[-1]
    assert verify() == []


def test_metadata_that_no_column_holds_is_unknown(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
    pay_desk.stripe.change_charge(charge_id, metadata={"assure_checkout": "a\0b" * 500})
    stripe_events.receive(event(pay_desk, object_id=charge_id), now=pay_desk.now)

    pay_desk.work()

    assert [kind for kind, _ in pay_desk.exceptions()] == ["unknown charge"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount_cents": 99_999}, "It is over $999.99, but $1,000.00 was asked for."),
        ({"currency": "eur"}, "It is in EUR, not in USD."),
    ],
)
def test_a_charge_that_differs_is_kept_for_a_person(
    pay_desk: PayDesk, changes: dict[str, Any], said: str
) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
    pay_desk.stripe.change_charge(charge_id, **changes)

    pay_desk.deliver()

    assert pay_desk.desk.rows() == []
    assert pay_desk.desk.stored(number)["balance_cents"] == 100_000
    ((kind, sentence),) = pay_desk.exceptions()
    assert kind == "mismatch"
    assert said in sentence


def test_a_charge_of_another_firms_account_pays_nothing(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
    stranger = pay_desk.desk.stranger()
    with unit_of_work() as connection:
        stripe_accounts.connect(
            connection, stranger.firm_id, make_account("acct_other"), now=pay_desk.now
        )
    pay_desk.stripe.change_charge(charge_id, account_id="acct_other")
    stripe_events.receive(
        event(pay_desk, account_id="acct_other", object_id=charge_id), now=pay_desk.now
    )

    pay_desk.work()

    assert pay_desk.desk.rows() == []
    assert stripe_page.page(pay_desk.desk.jane, now=pay_desk.now).waiting == ()
    (row,) = stripe_page.page(stranger, now=pay_desk.now).waiting
    assert (row.kind, row.number) == ("Mismatch", "")


def test_an_object_that_stripe_does_not_know_is_kept_for_a_person(pay_desk: PayDesk) -> None:
    stripe_events.receive(event(pay_desk, object_id="ch_missing"), now=pay_desk.now)

    pay_desk.work()

    assert pay_desk.events() == ["done"]
    assert [kind for kind, _ in pay_desk.exceptions()] == ["unknown object"]


def test_a_silent_stripe_puts_the_event_off(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
    stripe_events.receive(event(pay_desk, object_id=charge_id), now=pay_desk.now)
    pay_desk.stripe.be_silent("retrieve_charge")

    pay_desk.work()
    assert pay_desk.events() == ["waiting"]
    pay_desk.work(now=pay_desk.now + WAITS[0])

    assert pay_desk.events() == ["done"]
    assert pay_desk.row()["status"] == "Completed"


def test_after_the_last_attempt_a_person_is_asked(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
    stripe_events.receive(event(pay_desk, object_id=charge_id), now=pay_desk.now)
    pay_desk.stripe.be_silent("retrieve_charge", times=len(WAITS) + 2)

    for attempt in range(len(WAITS) + 3):
        pay_desk.work(now=pay_desk.now + timedelta(days=2 * attempt))

    assert pay_desk.events() == ["failed"]
    (row,) = stripe_page.page(pay_desk.desk.jane, now=pay_desk.now).waiting
    assert row.kind == "Not applied"
    with pytest.raises(StripeSilent):
        stripe_replay.replay(pay_desk.desk.jane, row.id, now=pay_desk.now)
    assert stripe_replay.replay(pay_desk.desk.jane, row.id, now=pay_desk.now).is_settled
    assert pay_desk.row()["status"] == "Completed"


def test_an_event_taken_by_a_process_that_died_is_due_again(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
    stripe_events.receive(event(pay_desk, object_id=charge_id), now=pay_desk.now)
    assert stripe_events._take(pay_desk.now) is not None

    pay_desk.work()
    assert pay_desk.desk.rows() == []
    pay_desk.work(now=pay_desk.now + stripe_events.LEASE)

    assert pay_desk.row()["status"] == "Completed"


def test_polling_finds_what_no_callback_told(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.pay(pay_desk.opened(number))

    assert stripe_sweep.poll_next(now=pay_desk.now) is not None
    assert stripe_sweep.poll_next(now=pay_desk.now) is None
    pay_desk.work()

    assert pay_desk.row()["status"] == "Completed"
    assert stripe_sweep.poll_next(now=pay_desk.now + stripe_sweep.POLL_EVERY) is not None
    assert set(pay_desk.events()) == {"done"}


def test_a_page_that_was_paid_in_silence_is_found_by_the_sweep(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number), method="us_bank_account")
    pay_desk.sweep(after=timedelta(minutes=16))
    assert pay_desk.row()["status"] == "Pending"

    pay_desk.stripe.settle(charge_id)
    pay_desk.sweep(after=timedelta(days=6))
    assert pay_desk.row()["status"] == "Pending"
    pay_desk.sweep(after=timedelta(days=7, hours=1))

    assert pay_desk.row()["status"] == "Completed"
    assert pay_desk.checkouts()[0]["due_at"] is None


def test_a_page_that_came_of_age_frees_the_invoice(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.close_page(pay_desk.opened(number))

    pay_desk.deliver()

    assert pay_desk.states() == ["expired"]
    assert pay_desk.checkouts()[0]["due_at"] is None


def test_an_account_that_is_restricted_takes_no_payments(pay_desk: PayDesk) -> None:
    pay_desk.stripe.accounts[CHEN] = make_account(
        CHEN, charges_enabled=False, disabled_reason="requirements.past_due"
    )
    stripe_events.receive(
        event(pay_desk, type="account.updated", object_id=CHEN, object_kind="account"),
        now=pay_desk.now,
    )

    pay_desk.work()

    assert stripe_page.page(pay_desk.desk.jane, now=pay_desk.now).connection.state == "Restricted"


def test_an_account_that_let_us_go_takes_no_payments(pay_desk: PayDesk) -> None:
    assert stripe_page.page(pay_desk.desk.jane, now=pay_desk.now).connection.state == "Active"
    del pay_desk.stripe.accounts[CHEN]

    state = stripe_accounts.refresh(pay_desk.desk.jane.firm_id, now=pay_desk.now)

    assert state is ConnectState.NOT_CONNECTED
    assert (
        stripe_page.page(pay_desk.desk.stranger(), now=pay_desk.now).connection.state
        == "Not connected"
    )


def test_a_dispute_that_stripe_does_not_show_is_kept_for_a_person(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.pay(pay_desk.opened(number))
    pay_desk.deliver()
    stripe_events.receive(
        event(
            pay_desk,
            id="evt_2",
            type="charge.dispute.created",
            object_kind="dispute",
            object_id="dp_1",
        ),
        now=pay_desk.now,
    )

    pay_desk.work()

    assert [kind for kind, _ in pay_desk.exceptions()] == ["unknown object"]
    assert verify() == []


def test_a_success_that_is_told_as_failed_is_kept_for_a_person(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    session_id = pay_desk.opened(number)
    charge_id = pay_desk.stripe.pay(session_id)
    pay_desk.deliver()
    status = type(pay_desk.stripe.charges[charge_id].status)("failed")
    pay_desk.stripe.change_charge(charge_id, status=status)
    stripe_events.receive(event(pay_desk, object_id=charge_id), now=pay_desk.now)

    pay_desk.work()

    assert pay_desk.row()["status"] == "Completed"
    assert [kind for kind, _ in pay_desk.exceptions()] == ["contradiction"]


def test_a_success_after_a_failure_is_a_new_row(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number), method="us_bank_account")
    pay_desk.stripe.fail(charge_id)
    pay_desk.deliver()
    succeeded = type(pay_desk.stripe.charges[charge_id].status)("succeeded")
    pay_desk.stripe.change_charge(charge_id, status=succeeded)
    stripe_events.receive(event(pay_desk, object_id=charge_id), now=pay_desk.now)

    pay_desk.work()

    assert [row["status"] for row in pay_desk.desk.rows()] == ["Failed", "Completed"]
    assert pay_desk.desk.stored(number)["stage"] == "paid"
    assert verify() == []


def test_exceptions_are_for_owners_and_stripe_admins(pay_desk: PayDesk) -> None:
    stripe_events.receive(event(pay_desk, object_id="ch_missing"), now=pay_desk.now)
    pay_desk.work()
    jane, sarah = pay_desk.desk.jane, pay_desk.desk.someone(edit_billing=True)
    olga = pay_desk.desk.stranger()
    sarah = type(sarah)(
        **{name: getattr(sarah, name) for name in sarah.__slots__} | {"is_stripe_admin": False}
    )
    with reading() as connection:
        exception_id = connection.scalar(select(stripe_exception.c.id))

    with pytest.raises(PermissionDenied):
        stripe_page.page(sarah, now=pay_desk.now)
    with pytest.raises(PermissionDenied):
        stripe_replay.replay(sarah, exception_id, now=pay_desk.now)
    with pytest.raises(NotFound):
        stripe_replay.replay(olga, exception_id, now=pay_desk.now)
    for nonsense in (None, "1", -1, 2**40, True):
        with pytest.raises(NotFound):
            stripe_exceptions.resolve(jane, nonsense, "Done", now=pay_desk.now)

    assert stripe_exceptions.count_open(jane) == 1
    assert stripe_exceptions.count_open(sarah) == 0
    stripe_exceptions.resolve(jane, exception_id, "A test of ours", now=pay_desk.now)
    stripe_exceptions.resolve(jane, exception_id, "A test of ours", now=pay_desk.now)
    assert stripe_exceptions.count_open(jane) == 0
    assert len([text for text in pay_desk.desk.audit() if "settled" in text]) == 1
