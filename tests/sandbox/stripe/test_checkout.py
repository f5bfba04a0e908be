"""Checkout Sessions, from their creation to a paid charge, through the unmodified library."""

import pytest
import stripe

from assure_app.sandbox.stripe import hosted
from assure_app.sandbox.stripe.hosted import (
    BankFields,
    CardFields,
    Declined,
    Finished,
    NeedsAuthentication,
)
from tests.support.stripe_sandbox import NORTHSIDE, NOW, LocalStripe

CARD = CardFields(number="4242 4242 4242 4242", month="12", year="30", security_code="123")
BANK = BankFields(routing_number="110000000", account_number="000123456789", name="Anita Patel")


def card(number: str) -> CardFields:
    return CardFields(number=number, month="12", year="2030", security_code="123")


def status_of(local: LocalStripe, session_id: str) -> tuple[str | None, str]:
    session = local.client.v1.checkout.sessions.retrieve(session_id, None, local.account)
    return session.status, session.payment_status


def test_a_session_is_open_and_names_its_page(local: LocalStripe) -> None:
    session = local.checkout(12_300, customer_email="anita@patelfamily.example")

    assert session.url == f"http://127.0.0.1:8001/checkout/{session.id}"
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.amount_total, session.currency) == (12_300, "usd")
    assert session.payment_intent is None
    assert session.expires_at == int(NOW.timestamp()) + 86_400
    shown = hosted.load_checkout(local.sandbox, session.id)
    assert shown.account_name == "Chen Advisory"
    assert [(line.name, line.amount_cents) for line in shown.lines] == [
        ("Invoice INV-1042", 12_300)
    ]
    assert (shown.email, shown.has_fixed_email) == ("anita@patelfamily.example", True)


def test_a_card_pays_at_once_and_its_fee_comes_after(local: LocalStripe) -> None:
    session = local.checkout(10_000)

    outcome = hosted.pay_by_card(local.sandbox, session.id, CARD, email="anita@patel.example")

    assert outcome == Finished(f"http://127.0.0.1:8000/pay/x?checkout={session.id}")
    assert status_of(local, session.id) == ("complete", "paid")
    (charge,) = local.charges(session.id)
    assert (charge.status, charge.amount, charge.balance_transaction) == ("succeeded", 10_000, None)
    assert charge.metadata.to_dict() == {"assure_checkout": "token-1"}
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    assert charge.payment_method_details.card.last4 == "4242"
    local.sandbox.advance(1)
    (charge,) = local.client.v1.charges.list(
        {"expand": ["data.balance_transaction"]}, local.account
    ).data
    booked = charge.balance_transaction
    assert isinstance(booked, stripe.BalanceTransaction)
    assert (booked.fee, booked.net) == (320, 9_680)
    assert local.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
        "charge.updated",
    ]


def test_a_decline_leaves_the_session_open_for_another_charge_of_the_same_intent(
    local: LocalStripe,
) -> None:
    session = local.checkout()

    first = hosted.pay_by_card(local.sandbox, session.id, card("4000000000009995"))

    assert first == Declined("Your card has insufficient funds.")
    assert status_of(local, session.id) == ("open", "unpaid")
    assert hosted.pay_by_card(local.sandbox, session.id, CARD) == Finished(
        f"http://127.0.0.1:8000/pay/x?checkout={session.id}"
    )
    paid, declined = local.charges(session.id)
    assert (paid.status, declined.status) == ("succeeded", "failed")
    assert paid.payment_intent == declined.payment_intent
    assert declined.failure_code == "card_declined"
    assert declined.outcome is not None
    assert declined.outcome.reason == "insufficient_funds"


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("4000000000000002", "Your card was declined."),
        ("4000000000000069", "Your card has expired."),
        ("4000000000000127", "Your card's security code is incorrect."),
        ("4000000000000341", "Your card was declined."),
        ("4242424242424241", "Your card number is incorrect."),
    ],
)
def test_stripes_test_cards_decline_in_its_words(
    local: LocalStripe, number: str, sentence: str
) -> None:
    session = local.checkout()

    outcome = hosted.pay_by_card(local.sandbox, session.id, card(number))

    assert isinstance(outcome, Declined)
    assert outcome.sentence == sentence
    assert status_of(local, session.id) == ("open", "unpaid")


def test_what_was_typed_wrong_makes_no_charge(local: LocalStripe) -> None:
    session = local.checkout()

    old = CardFields(number="4242424242424242", month="1", year="26", security_code="123")
    short = CardFields(number="4242424242424242", month="1", year="30", security_code="12")

    assert hosted.pay_by_card(local.sandbox, session.id, old) == Declined(
        "Your card's expiration year is invalid.", "exp_year"
    )
    assert hosted.pay_by_card(local.sandbox, session.id, short) == Declined(
        "Your card's security code is invalid.", "cvc"
    )
    assert local.event_types() == []


def test_a_card_that_asks_for_it_is_authenticated_before_it_pays(local: LocalStripe) -> None:
    session = local.checkout()

    asked = hosted.pay_by_card(local.sandbox, session.id, card("4000002500003155"))

    assert asked == NeedsAuthentication()
    assert hosted.load_checkout(local.sandbox, session.id).waits_for_authentication
    failed = hosted.authenticate(local.sandbox, session.id, passes=False)
    assert isinstance(failed, Declined)
    assert failed.sentence.startswith("We are unable to authenticate")
    hosted.pay_by_card(local.sandbox, session.id, card("4000002500003155"))
    assert isinstance(hosted.authenticate(local.sandbox, session.id, passes=True), Finished)
    assert [charge.status for charge in local.charges(session.id)] == ["succeeded", "failed"]


def test_a_bank_debit_is_pending_for_four_business_days(local: LocalStripe) -> None:
    session = local.checkout(25_000)

    outcome = hosted.pay_by_bank(local.sandbox, session.id, BANK)

    assert isinstance(outcome, Finished)
    assert status_of(local, session.id) == ("complete", "unpaid")
    assert [charge.status for charge in local.charges(session.id)] == ["pending"]
    local.sandbox.advance(4 * 86_400 - 1)
    assert [charge.status for charge in local.charges(session.id)] == ["pending"]
    local.sandbox.advance(2)
    (charge,) = local.charges(session.id)
    assert charge.status == "succeeded"
    assert status_of(local, session.id) == ("complete", "paid")
    local.sandbox.advance(1)
    booked = local.client.v1.balance_transactions.list({"source": charge.id}, local.account).data
    assert [(each.fee, each.net) for each in booked] == [(0, 25_000)]
    assert local.event_types() == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "checkout.session.completed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
        "charge.updated",
    ]


def test_a_bank_debit_that_fails_says_why(local: LocalStripe) -> None:
    charge = local.paid(method="pm_usBankAccount_insufficientFunds")

    local.sandbox.advance(4 * 86_400)

    charge = local.client.v1.charges.retrieve(charge.id, None, local.account)
    assert (charge.status, charge.failure_code) == ("failed", "insufficient_funds")
    assert local.event_types()[-3:] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]


def test_a_session_expires_by_itself_or_when_told(local: LocalStripe) -> None:
    first, second = local.checkout(), local.checkout()

    local.client.v1.checkout.sessions.expire(first.id, None, local.account)
    local.sandbox.advance(86_400)

    assert status_of(local, first.id) == ("expired", "unpaid")
    assert status_of(local, second.id) == ("expired", "unpaid")
    assert isinstance(local.pay(second.id), Declined)
    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        local.client.v1.checkout.sessions.expire(first.id, None, local.account)
    assert local.event_types() == ["checkout.session.expired"] * 2


def test_a_session_that_saves_leaves_a_method_with_its_customer(local: LocalStripe) -> None:
    customer = local.client.v1.customers.create({"email": "anita@patel.example"}, local.account)
    session = local.checkout(
        customer=customer.id, payment_intent_data={"setup_future_usage": "off_session"}
    )

    local.pay(session.id)

    (method,) = local.client.v1.payment_methods.list({"customer": customer.id}, local.account).data
    assert (method.type, method.allow_redisplay) == ("card", "limited")
    assert local.event_types().count("payment_method.attached") == 1


def test_a_session_in_setup_mode_saves_and_charges_nothing(local: LocalStripe) -> None:
    customer = local.client.v1.customers.create({"email": "anita@patel.example"}, local.account)
    session = local.client.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "customer": customer.id,
            "allowed_payment_method_types": ["card", "us_bank_account"],
            "success_url": "http://127.0.0.1:8000/saved",
        },
        local.account,
    )

    outcome = hosted.pay_by_bank(local.sandbox, session.id, BANK)

    assert outcome == Finished("http://127.0.0.1:8000/saved")
    assert status_of(local, session.id) == ("complete", "no_payment_required")
    (method,) = local.client.v1.payment_methods.list({"customer": customer.id}, local.account).data
    assert method.us_bank_account is not None
    assert method.us_bank_account.last4 == "6789"
    intent = local.client.v1.setup_intents.retrieve(
        str(session.setup_intent), {"expand": ["mandate"]}, local.account
    )
    assert isinstance(intent.mandate, stripe.Mandate)
    assert (intent.status, intent.mandate.status) == ("succeeded", "active")
    assert local.client.v1.charges.list({}, local.account).data == []


def test_an_amount_out_of_bounds_and_a_firm_not_yet_enabled_are_refused(
    local: LocalStripe,
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as small:
        local.checkout(49)
    with pytest.raises(stripe.InvalidRequestError) as large:
        local.checkout(100_000_000)
    local.account["stripe_account"] = NORTHSIDE
    with pytest.raises(stripe.InvalidRequestError, match="cannot currently make charges"):
        local.checkout()

    assert (small.value.code, large.value.code) == ("amount_too_small", "amount_too_large")


def test_options_of_a_method_are_told_back_whole_and_count_for_it_alone(local: LocalStripe) -> None:
    session = local.checkout(
        payment_method_options={"card": {"setup_future_usage": "off_session"}},
        customer_creation="always",
    )

    hosted.pay_by_bank(local.sandbox, session.id, BANK)

    options = session.payment_method_options
    assert options is not None
    assert options.card is not None
    assert options.card.setup_future_usage == "off_session"
    (charge,) = local.charges(session.id)
    listed = local.client.v1.payment_methods.list({"customer": str(charge.customer)}, local.account)
    assert listed.data == []
