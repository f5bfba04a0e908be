"""Saved methods: what is saved, for whom, which is the default, and how one goes (R040, R127)."""

import secrets
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select, update

from assure_app.billing import (
    method_books,
    online_payments,
    saved_methods,
    stripe_events,
    stripe_sweep,
)
from assure_app.billing.charges import Booked
from assure_app.billing.method_acts import MethodNotRemoved
from assure_app.billing.stripe_customers import NotSaved
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import FormAlreadyUsed, NotFound
from assure_app.domain.portal_access import PaymentNotAllowed, PortalPrincipal, PortalRole
from assure_app.domain.saved_methods import MethodDisabled
from assure_app.models import Contact
from assure_app.models.tables import audit_entry, contact, stripe_customer
from assure_app.stripe_gateway.outcomes import Reason, Refused
from tests.factories import insert, make_client
from tests.support.fake_stripe import CHEN
from tests.support.online import PayDesk

TOKEN = "one-form-token-00001"
SHOWN = ("brand_or_bank", "last4", "expiry", "is_default")


def shown(pay_desk: PayDesk) -> list[tuple[Any, ...]]:
    """What is kept of each method that was not removed, oldest first."""
    return [
        tuple(row[name] for name in SHOWN)
        for row in pay_desk.methods()
        if row["removed_at"] is None
    ]


def saved(pay_desk: PayDesk, *kinds: str, is_heard: bool = True) -> list[str]:
    """Anita pays once with each kind and saves it; Stripe's names of them."""
    for kind in kinds:
        pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice(), saves=True), method=kind)
    if is_heard:
        pay_desk.deliver()
    return list(pay_desk.stripe.methods)


def customers() -> list[dict[str, Any]]:
    with reading() as connection:
        rows = connection.execute(select(stripe_customer).order_by(stripe_customer.c.id))
        return [dict(row) for row in rows.mappings()]


def log() -> list[str]:
    with reading() as connection:
        return list(connection.execute(select(audit_entry.c.text)).scalars())


def somebody_else(pay_desk: PayDesk) -> PortalPrincipal:
    """A contact of another client of the firm."""
    with unit_of_work() as connection:
        client_id = make_client(connection, pay_desk.desk.jane.firm_id)
        contact_id = insert(
            connection, Contact, client_id=client_id, name="Tom", email="tom@x.example"
        )
    return PortalPrincipal(
        contact_id=contact_id,
        client_id=client_id,
        firm_id=pay_desk.desk.jane.firm_id,
        name="Tom",
        email="tom@x.example",
        role=PortalRole.OWNER,
    )


# What is asked of Stripe.


def test_without_a_tick_nothing_is_saved_and_nobody_is_made(pay_desk: PayDesk) -> None:
    pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice()))
    pay_desk.deliver()

    assert (pay_desk.methods(), customers(), pay_desk.stripe.customers) == ([], [], {})
    assert [(page["customer_id"], page["saves_method"]) for page in pay_desk.checkouts()] == [
        (None, False)
    ]


def test_with_a_tick_what_is_paid_with_is_saved_for_the_client(pay_desk: PayDesk) -> None:
    (method_id,) = saved(pay_desk, "card")

    (customer,) = customers()
    (stored,) = pay_desk.methods()
    assert list(pay_desk.stripe.customers) == [customer["customer_id"]]
    assert (customer["account_id"], customer["client_id"], customer["email"]) == (
        CHEN,
        pay_desk.desk.client_id,
        "anita@patelfamily.example",
    )
    assert (stored["method_id"], stored["kind"]) == (method_id, "card")
    assert shown(pay_desk) == [("Visa", "4242", "04/30", True)]
    assert stored["added_by_id"] == pay_desk.anita.contact_id
    assert verify() == []


def test_a_client_is_one_customer_whatever_is_saved(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card", "us_bank_account")

    assert len(pay_desk.stripe.customers) == len(customers()) == 1
    assert shown(pay_desk) == [
        ("Visa", "4242", "04/30", True),
        ("STRIPE TEST BANK", "6789", "", False),
    ]


def test_who_saved_something_is_offered_it_though_nothing_more_is_saved(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card")

    pay_desk.opened(pay_desk.invoice())

    (customer,) = customers()
    assert [(page["customer_id"], page["saves_method"]) for page in pay_desk.checkouts()] == [
        (customer["customer_id"], True),
        (customer["customer_id"], False),
    ]


def test_the_tick_is_part_of_the_form(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.start(number, token=TOKEN)

    with pytest.raises(FormAlreadyUsed):
        pay_desk.start(number, token=TOKEN, saves=True)


def test_only_a_true_tick_saves(pay_desk: PayDesk) -> None:
    online_payments.start_checkout(
        pay_desk.anita,
        pay_desk.pay_token(pay_desk.invoice()),
        "1000",
        form_token=secrets.token_urlsafe(24),
        saves_method="yes",  # type: ignore[arg-type]
        now=pay_desk.now,
    )

    assert pay_desk.checkouts()[0]["saves_method"] is False


@pytest.mark.parametrize("after_acting", [False, True])
def test_a_silent_stripe_makes_one_customer(pay_desk: PayDesk, after_acting: bool) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.be_silent("create_customer", after_acting=after_acting)

    with pytest.raises(StripeSilent):
        pay_desk.start(number, token=TOKEN, saves=True)
    pay_desk.start(number, token=TOKEN, saves=True)

    assert len(pay_desk.stripe.customers) == len(customers()) == 1
    assert pay_desk.states() == ["open"]


@pytest.mark.parametrize("after_acting", [False, True])
def test_a_day_later_the_customer_is_looked_for_first(
    pay_desk: PayDesk, after_acting: bool
) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.be_silent("create_customer", after_acting=after_acting)
    with pytest.raises(StripeSilent):
        pay_desk.start(number, saves=True)
    pay_desk.stripe.answers.clear()  # Stripe forgets its keys.

    pay_desk.start(number, saves=True, now=pay_desk.now + timedelta(hours=24))

    assert [row["customer_id"] for row in customers()] == list(pay_desk.stripe.customers)
    assert len(pay_desk.stripe.customers) == 1


def test_a_client_whom_stripe_refuses_can_pay_without_saving(
    pay_desk: PayDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = pay_desk.invoice()
    refusal = Refused(reason=Reason.INVALID, code="email_invalid", sentence="No such email.")
    monkeypatch.setattr(
        "assure_app.billing.stripe_customers.customers.create_customer",
        lambda *_args, **_kwargs: refusal,
    )

    with pytest.raises(NotSaved, match=r"No such email\. You can pay without saving it\."):
        pay_desk.start(number, saves=True)
    assert pay_desk.checkouts() == []
    pay_desk.start(number)

    assert pay_desk.states() == ["open"]


def test_a_customer_that_the_firm_deleted_is_made_anew(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card")
    number = pay_desk.invoice()
    pay_desk.stripe.customers.clear()

    with pytest.raises(online_payments.PageOver, match=r"Press Pay again\."):
        pay_desk.start(number, saves=True)
    pay_desk.start(number, saves=True)

    assert shown(pay_desk) == []
    assert [row["gone_at"] is None for row in customers()] == [False, True]
    assert pay_desk.states()[1:] == ["refused", "open"]


# What Stripe tells.


def test_any_order_of_what_is_told_comes_to_the_same(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card", is_heard=False)
    kinds = ("payment_method.attached", "charge.succeeded", "checkout.session.completed")
    told = [pay_desk.stripe.event(kind) for kind in kinds]

    for number, order in enumerate(permutations(told)):
        for event in order:
            twice = [stripe_events._news(taken(event)) for _ in range(2)]
            for news in twice:
                assert news is not None
                with unit_of_work() as connection:
                    news(connection, now=pay_desk.now + timedelta(minutes=number))

        (stored,) = pay_desk.methods()
        assert (stored["is_default"], stored["added_by_id"]) == (True, pay_desk.anita.contact_id)
        assert stored["added_at"] == pay_desk.now


def taken(event: Any) -> stripe_events._Taken:
    return stripe_events._Taken(
        id=1,
        event_id=event.id,
        account_id=CHEN,
        type=event.type,
        object_id=event.object_id,
        object_kind=event.object_kind,
        attempts=1,
    )


def test_it_is_known_by_the_payment_alone(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card", is_heard=False)

    pay_desk.sweep(after=timedelta(hours=1))

    assert shown(pay_desk) == [("Visa", "4242", "04/30", True)]


def test_a_stripe_silent_about_the_method_holds_up_no_payment(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card", is_heard=False)
    pay_desk.stripe.be_silent("retrieve_payment_method")

    pay_desk.sweep(after=timedelta(hours=1))

    assert (pay_desk.row()["status"], pay_desk.methods()) == ("Completed", [])


def test_it_is_known_by_a_setup_alone(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card")
    customer_id = customers()[0]["customer_id"]
    method_id = pay_desk.stripe.save(CHEN, customer_id, "us_bank_account")
    pay_desk.stripe.told.clear()
    pay_desk.stripe.set_up(method_id)

    pay_desk.deliver()

    assert [row["method_id"] for row in pay_desk.methods()] == list(pay_desk.stripe.methods)


def test_what_the_firm_saves_for_a_customer_of_its_own_is_no_concern(pay_desk: PayDesk) -> None:
    pay_desk.stripe.save(CHEN, "cus_of_the_firm")
    pay_desk.stripe.set_up(pay_desk.stripe.save(CHEN, None))

    pay_desk.deliver()

    assert (pay_desk.methods(), pay_desk.exceptions()) == ([], [])
    assert set(pay_desk.events()) == {"done"}


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "link"},
        {"account_id": "acct_1Other"},
    ],
)
def test_what_is_no_card_or_account_of_this_client_is_not_kept(
    pay_desk: PayDesk, told: dict[str, str]
) -> None:
    saved(pay_desk, "card")
    method = pay_desk.stripe.methods[pay_desk.methods()[0]["method_id"]]
    values = {name: getattr(method, name) for name in method.__dataclass_fields__}

    with unit_of_work() as connection:
        booked = method_books.book(
            connection, type(method)(**values | {"id": "pm_other"} | told), now=pay_desk.now
        )

    assert booked == Booked()
    assert len(pay_desk.methods()) == 1


def test_never_more_than_four_digits_are_kept(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card")
    customer_id = customers()[0]["customer_id"]
    pay_desk.stripe.save(CHEN, customer_id, last4="4000123412341234", brand_or_bank="A\nB" * 50)

    pay_desk.deliver()

    assert pay_desk.methods()[1]["last4"] == "1234"
    assert pay_desk.methods()[1]["brand_or_bank"].startswith("A BA B")
    assert len(pay_desk.methods()[1]["brand_or_bank"]) == 60


def test_a_renewed_card_shows_its_new_expiry(pay_desk: PayDesk) -> None:
    (method_id,) = saved(pay_desk, "card")

    pay_desk.stripe.change_method(
        method_id, "payment_method.automatically_updated", expiry="04/34", last4="1881"
    )
    pay_desk.deliver()

    assert shown(pay_desk) == [("Visa", "1881", "04/34", True)]


@pytest.mark.parametrize("is_lasting", [True, False])
def test_a_bank_account_that_may_not_be_charged_is_disabled(
    pay_desk: PayDesk, is_lasting: bool
) -> None:
    bank, _card = saved(pay_desk, "us_bank_account", "card")

    pay_desk.stripe.void_mandate(bank, is_lasting=is_lasting)
    pay_desk.deliver()

    disabled, other = pay_desk.methods()
    assert (disabled["disabled_at"] is not None) == is_lasting
    assert (disabled["disabled_reason"] != "") == is_lasting
    assert (disabled["is_default"], other["is_default"]) == (not is_lasting, is_lasting)


def test_what_was_disabled_keeps_its_first_reason(pay_desk: PayDesk) -> None:
    (method_id,) = saved(pay_desk, "us_bank_account")

    for reason in ("The bank took a payment back.", "Another."):
        with unit_of_work() as connection:
            method_books.disable(
                connection, account_id=CHEN, method_id=method_id, reason=reason, now=pay_desk.now
            )

    assert pay_desk.methods()[0]["disabled_reason"] == "The bank took a payment back."
    assert not pay_desk.methods()[0]["is_default"]


# What the client's people do.


def test_another_one_is_made_the_default(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card", "us_bank_account")

    for _ in range(2):
        said = saved_methods.make_default(pay_desk.anita, 2, now=pay_desk.now)

    assert said == "STRIPE TEST BANK •••• 6789 is the default now."
    assert [each[-1] for each in shown(pay_desk)] == [False, True]
    assert log() == ["Anita Patel of a client made STRIPE TEST BANK •••• 6789 the default"]


def test_what_is_disabled_cannot_be_the_default(pay_desk: PayDesk) -> None:
    bank, _card = saved(pay_desk, "us_bank_account", "card")
    pay_desk.stripe.void_mandate(bank)
    pay_desk.deliver()

    with pytest.raises(MethodDisabled, match="STRIPE TEST BANK •••• 6789 is disabled"):
        saved_methods.make_default(pay_desk.anita, 1, now=pay_desk.now)

    assert [each[-1] for each in shown(pay_desk)] == [False, True]


def test_what_is_removed_is_gone_at_stripe_too_and_the_newest_left_is_the_default(
    pay_desk: PayDesk,
) -> None:
    first, *_others = saved(pay_desk, "card", "us_bank_account", "card")

    said = [saved_methods.remove(pay_desk.anita, 1, now=pay_desk.now) for _ in range(2)]
    pay_desk.deliver()

    assert said == ["Visa •••• 4242 was removed."] * 2
    assert pay_desk.stripe.methods[first].customer_id is None
    assert pay_desk.stripe.calls.count("detach_payment_method") == 1
    assert [each[-1] for each in shown(pay_desk)] == [False, True]
    assert log() == ["Anita Patel of a client asked to remove Visa •••• 4242"]


def test_the_last_one_leaves_no_default(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card")

    saved_methods.remove(pay_desk.anita, 1, now=pay_desk.now)

    assert shown(pay_desk) == []
    assert not pay_desk.methods()[0]["is_default"]


@pytest.mark.parametrize("after_acting", [False, True])
def test_a_silent_stripe_keeps_it_until_it_is_asked_again(
    pay_desk: PayDesk, after_acting: bool
) -> None:
    saved(pay_desk, "card")
    pay_desk.stripe.be_silent("detach_payment_method", after_acting=after_acting)

    with pytest.raises(StripeSilent):
        saved_methods.remove(pay_desk.anita, 1, now=pay_desk.now)
    assert len(shown(pay_desk)) == 1
    saved_methods.remove(pay_desk.anita, 1, now=pay_desk.now)

    assert shown(pay_desk) == []


def test_a_removal_that_nobody_heard_of_is_told_by_stripe(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card", "card")
    pay_desk.stripe.be_silent("detach_payment_method", after_acting=True)
    with pytest.raises(StripeSilent):
        saved_methods.remove(pay_desk.anita, 1, now=pay_desk.now)

    while stripe_sweep.poll_next(now=pay_desk.now):
        pass
    pay_desk.work()

    assert [row["removed_at"] is None for row in pay_desk.methods()] == [False, True]
    assert [each[-1] for each in shown(pay_desk)] == [True]


@pytest.mark.parametrize("is_known", [True, False])
def test_what_stripe_has_not_any_more_is_gone(pay_desk: PayDesk, is_known: bool) -> None:
    (method_id,) = saved(pay_desk, "card")
    if is_known:
        pay_desk.stripe.change_method(method_id, customer_id=None)
    else:
        del pay_desk.stripe.methods[method_id]

    saved_methods.remove(pay_desk.anita, 1, now=pay_desk.now)

    assert shown(pay_desk) == []


def test_what_stripe_does_not_remove_stays(
    pay_desk: PayDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(pay_desk, "card")
    refusal = Refused(reason=Reason.INVALID, code="odd", sentence="No.")
    monkeypatch.setattr(
        "assure_app.billing.method_news.payment_methods.detach_payment_method",
        lambda *_args, **_kwargs: refusal,
    )

    with pytest.raises(MethodNotRemoved):
        saved_methods.remove(pay_desk.anita, 1, now=pay_desk.now)

    assert len(shown(pay_desk)) == 1


def test_a_late_telling_brings_nothing_back(pay_desk: PayDesk) -> None:
    (method_id,) = saved(pay_desk, "card")
    known = pay_desk.stripe.methods[method_id]
    saved_methods.remove(pay_desk.anita, 1, now=pay_desk.now)

    later = pay_desk.now + timedelta(hours=1)
    with unit_of_work() as connection:
        booked = [
            method_books.book(connection, known, now=later),
            method_books.book_gone(connection, account_id=CHEN, method_id=method_id, now=later),
        ]

    assert [each.is_changed for each in booked] == [False, False]
    assert [row["removed_at"] for row in pay_desk.methods()] == [pay_desk.now]


# Whose it is.


def test_only_the_clients_own_can_be_named(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card")

    for row_id in (2, 0, -1, 10**30, True, "1", 1.0, None, [1]):
        for act in (saved_methods.make_default, saved_methods.remove):
            with pytest.raises(NotFound):
                act(pay_desk.anita, row_id, now=pay_desk.now)
        with pytest.raises(NotFound):
            saved_methods.find(pay_desk.anita, row_id)

    assert shown(pay_desk) == [("Visa", "4242", "04/30", True)]


def test_another_clients_is_not_found_and_stays(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card")
    tom = somebody_else(pay_desk)

    for act in (saved_methods.make_default, saved_methods.remove):
        with pytest.raises(NotFound):
            act(tom, 1, now=pay_desk.now)

    assert len(shown(pay_desk)) == 1
    assert "detach_payment_method" not in pay_desk.stripe.calls


@pytest.mark.parametrize("role", [PortalRole.VIEWER, PortalRole.NOTIFY_ONLY])
def test_who_may_not_pay_may_not_touch_them(pay_desk: PayDesk, role: PortalRole) -> None:
    saved(pay_desk, "card")
    viewer = PortalPrincipal(
        contact_id=pay_desk.anita.contact_id,
        client_id=pay_desk.anita.client_id,
        firm_id=pay_desk.anita.firm_id,
        name="Anita Patel",
        email="anita@patelfamily.example",
        role=role,
    )

    for act in (saved_methods.make_default, saved_methods.remove):
        with pytest.raises(PaymentNotAllowed):
            act(viewer, 1, now=pay_desk.now)
    with pytest.raises(PaymentNotAllowed):
        saved_methods.find(viewer, 1)

    assert len(shown(pay_desk)) == 1
    assert log()[0].startswith("Anita Patel of a client was denied: change saved payment methods")


def test_a_role_taken_away_since_the_click_counts(pay_desk: PayDesk) -> None:
    saved(pay_desk, "card")
    with unit_of_work() as connection:
        connection.execute(update(contact).values(role="viewer"))

    for act in (saved_methods.make_default, saved_methods.remove):
        with pytest.raises(PaymentNotAllowed):
            act(pay_desk.anita, 1, now=pay_desk.now)

    assert len(shown(pay_desk)) == 1
