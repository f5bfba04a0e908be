"""PaymentIntents and saved methods: what is charged while nobody looks on."""

from collections.abc import Callable

import pytest
import stripe

from assure_app.sandbox.stripe import acts, hosted
from assure_app.sandbox.stripe.hosted import BankFields, CardFields, Declined, Finished
from tests.support.stripe_sandbox import CHEN, LocalStripe


def customer_with(local: LocalStripe, method: str) -> tuple[str, str]:
    """A customer's id and the id of the method attached to it."""
    customer = local.client.v1.customers.create({"name": "Anita Patel"}, local.account)
    attached = local.client.v1.payment_methods.attach(
        method, {"customer": customer.id}, local.account
    )
    return customer.id, attached.id


def charge_off_session(
    local: LocalStripe, method: str, amount: int = 5_000
) -> stripe.PaymentIntent:
    customer_id, method_id = customer_with(local, method)
    return local.client.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "usd",
            "customer": customer_id,
            "payment_method": method_id,
            "off_session": True,
            "confirm": True,
            "metadata": {"schedule": "12"},
        },
        local.account,
    )


def declined(act: Callable[[], object]) -> stripe.CardError:
    with pytest.raises(stripe.CardError) as refusal:
        act()
    return refusal.value


def test_a_saved_card_is_charged_off_session(local: LocalStripe) -> None:
    intent = charge_off_session(local, "pm_card_visa")

    assert (intent.status, intent.amount_received) == ("succeeded", 5_000)
    (charge,) = local.client.v1.charges.list({"payment_intent": intent.id}, local.account).data
    assert charge.metadata.to_dict() == {"schedule": "12"}


def test_a_saved_bank_account_is_debited_off_session(local: LocalStripe) -> None:
    intent = charge_off_session(local, "pm_usBankAccount_success")

    assert intent.status == "processing"
    local.sandbox.advance(4 * 86_400)
    now = local.client.v1.payment_intents.retrieve(intent.id, None, local.account)
    assert now.status == "succeeded"


def test_a_card_that_attaches_and_then_fails_leaves_a_failed_charge(local: LocalStripe) -> None:
    error = declined(lambda: charge_off_session(local, "pm_card_chargeCustomerFail"))

    assert error.error is not None
    assert (error.code, error.error.decline_code) == ("card_declined", "generic_decline")
    assert error.error.payment_intent is not None
    assert error.error.payment_intent.status == "requires_payment_method"
    (charge,) = local.client.v1.charges.list({}, local.account).data
    assert (charge.id, charge.status) == (error.error.charge, "failed")


def test_a_card_that_wants_its_holder_is_not_charged_off_session(local: LocalStripe) -> None:
    error = declined(lambda: charge_off_session(local, "pm_card_authenticationRequired"))

    assert error.code == "authentication_required"


def test_a_card_set_up_with_its_holder_is_charged_off_session_later(local: LocalStripe) -> None:
    customer = local.client.v1.customers.create({}, local.account)
    session = local.checkout(
        customer=customer.id, payment_intent_data={"setup_future_usage": "off_session"}
    )
    local.pay(session.id, "pm_card_authenticationRequiredOnSetup")
    hosted.authenticate(local.sandbox, session.id, passes=True)
    (method,) = local.client.v1.payment_methods.list({"customer": customer.id}, local.account).data

    intent = local.client.v1.payment_intents.create(
        {
            "amount": 900,
            "currency": "usd",
            "customer": customer.id,
            "payment_method": method.id,
            "off_session": True,
            "confirm": True,
        },
        local.account,
    )

    assert intent.status == "succeeded"


def test_a_declined_card_is_not_attached(local: LocalStripe) -> None:
    error = declined(lambda: customer_with(local, "pm_card_visa_chargeDeclined"))

    assert error.code == "card_declined"


def test_an_intent_is_created_confirmed_and_canceled_in_its_states_only(
    local: LocalStripe,
) -> None:
    intents = local.client.v1.payment_intents
    intent = intents.create({"amount": 700, "currency": "usd"}, local.account)

    paid = intents.confirm(intent.id, {"payment_method": "pm_card_visa"}, local.account)

    assert (intent.status, paid.status) == ("requires_payment_method", "succeeded")
    for act in (intents.confirm, intents.cancel):
        with pytest.raises(stripe.InvalidRequestError, match="a status of succeeded"):
            act(intent.id, {}, local.account)
    other = intents.create({"amount": 700, "currency": "usd"}, local.account)
    assert intents.cancel(other.id, {}, local.account).status == "canceled"


def test_a_debit_under_way_can_be_stopped(local: LocalStripe) -> None:
    intent = charge_off_session(local, "pm_usBankAccount_success")

    canceled = local.client.v1.payment_intents.cancel(intent.id, None, local.account)
    local.sandbox.advance(5 * 86_400)

    assert canceled.status == "canceled"
    (charge,) = local.client.v1.charges.list({}, local.account).data
    assert charge.status == "failed"


def test_a_detached_method_is_not_used_again(local: LocalStripe) -> None:
    customer_id, method_id = customer_with(local, "pm_card_visa")
    local.client.v1.payment_methods.detach(method_id, None, local.account)

    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        local.client.v1.payment_methods.attach(method_id, {"customer": customer_id}, local.account)
    listed = local.client.v1.payment_methods.list({"customer": customer_id}, local.account)
    assert listed.data == []


def test_a_saved_method_is_offered_to_its_customer_and_to_nobody_else(local: LocalStripe) -> None:
    customer = local.client.v1.customers.create({"email": "a@patel.example"}, local.account)
    saving = local.checkout(
        customer=customer.id, saved_payment_method_options={"payment_method_save": "enabled"}
    )
    local.pay(saving.id, saves=True)
    own, foreign = local.checkout(customer=customer.id), local.checkout()

    (saved,) = hosted.load_checkout(local.sandbox, own.id).saved

    assert saved.label == "Visa •••• 4242"
    assert hosted.load_checkout(local.sandbox, foreign.id).saved == ()
    assert isinstance(local.pay(foreign.id, saved.id), Declined)
    assert isinstance(local.pay(own.id, saved.id), Finished)


def test_a_setup_intent_saves_or_tells_why_not(local: LocalStripe) -> None:
    customer = local.client.v1.customers.create({}, local.account)
    create = local.client.v1.setup_intents.create
    given: stripe.params.SetupIntentCreateParams = {"customer": customer.id, "confirm": True}

    saved = create({**given, "payment_method": "pm_usBankAccount_success"}, local.account)
    error = declined(
        lambda: create({**given, "payment_method": "pm_card_visa_chargeDeclined"}, local.account)
    )

    assert (saved.status, error.code) == ("succeeded", "card_declined")
    assert local.event_types()[-2:] == ["setup_intent.created", "setup_intent.setup_failed"]


def test_a_payout_arrives_fails_and_never_exceeds_the_balance(local: LocalStripe) -> None:
    acts.set_balance(local.sandbox, account=CHEN, amount=1_000)
    create = local.client.v1.payouts.create
    with pytest.raises(stripe.InvalidRequestError, match="insufficient funds"):
        create({"amount": 1_001, "currency": "usd"}, local.account)

    payout = create({"amount": 1_000, "currency": "usd"}, local.account)
    local.sandbox.advance(2 * 86_400)
    acts.fail_payout(local.sandbox, payout=payout.id)

    assert local.event_types() == ["payout.created", "payout.paid", "payout.failed"]
    assert local.client.v1.balance.retrieve({}, local.account).available[0].amount == 1_000


def test_no_number_of_a_card_or_an_account_is_kept(local: LocalStripe) -> None:
    for number in ("4242424242424242", "4111111111111111", "4000000000000002"):
        card = CardFields(number=number, month="12", year="2030", security_code="987")
        hosted.pay_by_card(local.sandbox, local.checkout().id, card)
    bank = BankFields(routing_number="110000000", account_number="000123456789")
    hosted.pay_by_bank(local.sandbox, local.checkout().id, bank)
    local.client.v1.payment_methods.create(
        {
            "type": "card",
            "card": {"number": "5555555555554444", "exp_month": 1, "exp_year": 2030, "cvc": "987"},
        },
        {**local.account, "idempotency_key": "typed"},
    )

    kept = b"".join(path.read_bytes() for path in local.directory.glob("stripe.db*"))

    assert b"4242" in kept
    for digits in (b"4242424242424242", b"4111111111", b"55555555", b"000123456789", b'"987"'):
        assert digits not in kept


def test_a_renewed_card_tells_of_itself(local: LocalStripe) -> None:
    _, method_id = customer_with(local, "pm_card_visa")

    acts.renew_card(local.sandbox, method=method_id, year=2035)

    method = local.client.v1.payment_methods.retrieve(method_id, None, local.account)
    assert method.card is not None
    assert method.card.exp_year == 2035
    assert local.event_types()[-1] == "payment_method.automatically_updated"
