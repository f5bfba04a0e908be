"""The gateway and the local Stripe understand each other, without a network between them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assure_app import sandbox_keys
from assure_app.sandbox.stripe import Sandbox, acts, hosted, make_app
from assure_app.settings import get_settings
from assure_app.stripe_gateway import (
    accounts,
    balance_transactions,
    charges,
    checkouts,
    customers,
    disputes,
    events,
    payment_intents,
    payouts,
    refunds,
    webhooks,
)
from assure_app.stripe_gateway.balance_records import PayoutStatus
from assure_app.stripe_gateway.outcomes import Ok, Outcome, Reason, Refused, Unknown, Value
from assure_app.stripe_gateway.records import (
    ChargeStatus,
    CheckoutSession,
    IntentStatus,
    Refund,
    RefundStatus,
    SessionPayment,
    SessionStatus,
    Window,
)
from tests.support.stripe_transports import InProcess, stripe_over

CHEN = "acct_1ChenAdvisory"
NORTHSIDE = "acct_1NorthsideCPA"
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A local Stripe with the demo's two firms, which the gateway asks."""
    app = make_app(tmp_path, keys=sandbox_keys.read(get_settings()), now=lambda: NOW)
    opened: Sandbox = app.state.sandbox
    with stripe_over(InProcess(app)):
        yield opened
    opened.close()


def known(outcome: Outcome[Value]) -> Value:
    assert isinstance(outcome, Ok), outcome
    return outcome.value


def ask_for_page(
    *, account_id: str = CHEN, amount_cents: int = 12_345, key: str = "key-1"
) -> Outcome[CheckoutSession]:
    return checkouts.create_checkout(
        account_id,
        amount_cents=amount_cents,
        description="Invoice INV-1001",
        client_reference="INV-1001",
        metadata={"assure_checkout": "token-1"},
        success_url="http://127.0.0.1:8000/pay/x?checkout=token-1",
        cancel_url="http://127.0.0.1:8000/pay/x",
        email="anita@patelfamily.example",
        idempotency_key=key,
    )


def test_a_page_is_opened_once_under_one_key(sandbox: Sandbox) -> None:
    session = known(ask_for_page())

    assert (session.amount_cents, session.currency) == (12_345, "usd")
    assert (session.status, session.payment_status) == (SessionStatus.OPEN, SessionPayment.UNPAID)
    assert session.payment_intent_id is None
    assert session.metadata == {"assure_checkout": "token-1"}
    assert session.expires_at == NOW + timedelta(days=1)
    assert known(ask_for_page()) == session
    assert known(checkouts.retrieve_checkout(CHEN, session.id)) == session

    other_figures = ask_for_page(amount_cents=500)
    assert isinstance(other_figures, Refused)
    assert other_figures.reason is Reason.KEY_REUSED


def test_a_card_declined_and_another_taken_are_two_charges(sandbox: Sandbox) -> None:
    page = known(ask_for_page())
    hosted.pay_by_test_method(sandbox, page.id, "pm_card_visa_chargeDeclinedInsufficientFunds")
    hosted.pay_by_test_method(sandbox, page.id, "pm_card_visa")
    sandbox.advance(1)

    session = known(checkouts.retrieve_checkout(CHEN, page.id))
    assert (session.status, session.payment_status) == (SessionStatus.COMPLETE, SessionPayment.PAID)
    intent = known(payment_intents.retrieve_payment_intent(CHEN, session.payment_intent_id or ""))
    taken, declined = known(charges.list_charges(CHEN, intent.id))

    assert (intent.status, intent.latest_charge_id) == (IntentStatus.SUCCEEDED, taken.id)
    assert (taken.status, taken.amount_cents, taken.fee_cents) == (
        ChargeStatus.SUCCEEDED,
        12_345,
        388,
    )
    assert (taken.method, taken.brand_or_bank, taken.last4) == ("card", "Visa", "4242")
    assert taken.metadata == {"assure_checkout": "token-1"}
    assert (declined.status, declined.failure_code) == (ChargeStatus.FAILED, "card_declined")
    assert declined.failure_sentence == "Your card has insufficient funds."
    assert known(charges.retrieve_charge(CHEN, taken.id)) == taken


def test_a_bank_payment_is_pending_and_then_there(sandbox: Sandbox) -> None:
    page = known(ask_for_page())
    hosted.pay_by_test_method(sandbox, page.id, "pm_usBankAccount_success")

    session = known(checkouts.retrieve_checkout(CHEN, page.id))
    assert session.payment_status is SessionPayment.UNPAID
    (pending,) = known(charges.list_charges(CHEN, session.payment_intent_id or ""))
    assert (pending.status, pending.method, pending.expiry) == (
        ChargeStatus.PENDING,
        "us_bank_account",
        "",
    )

    acts.settle(sandbox, charge=pending.id)
    assert known(charges.retrieve_charge(CHEN, pending.id)).status is ChargeStatus.SUCCEEDED


def ask_for_refund(charge_id: str, amount_cents: int, *, key: str = "refund-1") -> Outcome[Refund]:
    return refunds.create_refund(
        CHEN,
        charge_id=charge_id,
        amount_cents=amount_cents,
        reason="requested_by_customer",
        metadata={"assure_refund": "token-1", "assure_reason": "Other"},
        idempotency_key=key,
    )


def test_a_card_is_refunded_once_under_one_key_and_fails_later(sandbox: Sandbox) -> None:
    page = known(ask_for_page())
    hosted.pay_by_test_method(sandbox, page.id, "pm_card_visa")
    session = known(checkouts.retrieve_checkout(CHEN, page.id))
    (charge,) = known(charges.list_charges(CHEN, session.payment_intent_id or ""))

    refund = known(ask_for_refund(charge.id, 2_345))

    assert (refund.charge_id, refund.amount_cents, refund.currency) == (charge.id, 2_345, "usd")
    assert (refund.status, refund.reason) == (RefundStatus.SUCCEEDED, "requested_by_customer")
    assert refund.metadata == {"assure_refund": "token-1", "assure_reason": "Other"}
    assert (refund.failure_reason, refund.created_at) == ("", NOW)
    assert known(ask_for_refund(charge.id, 2_345)) == refund
    assert known(refunds.retrieve_refund(CHEN, refund.id)) == refund
    rest = known(ask_for_refund(charge.id, 10_000, key="refund-2"))
    assert known(refunds.list_refunds(CHEN, charge.id)) == (rest, refund)
    assert known(charges.retrieve_charge(CHEN, charge.id)).amount_refunded_cents == 12_345
    too_much = ask_for_refund(charge.id, 1, key="refund-3")
    assert isinstance(too_much, Refused)
    assert (too_much.reason, too_much.code, too_much.sentence) == (
        Reason.INVALID,
        "charge_already_refunded",
        "Stripe says that this payment was refunded already.",
    )

    acts.fail_refund(sandbox, refund=rest.id)

    failed = known(refunds.retrieve_refund(CHEN, rest.id))
    assert (failed.status, failed.failure_reason) == (
        RefundStatus.FAILED,
        "expired_or_canceled_card",
    )


def test_a_refund_to_a_bank_takes_days(sandbox: Sandbox) -> None:
    page = known(ask_for_page())
    hosted.pay_by_test_method(sandbox, page.id, "pm_usBankAccount_success")
    session = known(checkouts.retrieve_checkout(CHEN, page.id))
    (charge,) = known(charges.list_charges(CHEN, session.payment_intent_id or ""))
    acts.settle(sandbox, charge=charge.id)

    refund = known(ask_for_refund(charge.id, 12_345))
    assert refund.status is RefundStatus.PENDING
    sandbox.advance(7 * 86_400)

    assert known(refunds.retrieve_refund(CHEN, refund.id)).status is RefundStatus.SUCCEEDED


def test_a_page_is_closed_once(sandbox: Sandbox) -> None:
    page = known(ask_for_page())

    closed = known(checkouts.expire_checkout(CHEN, page.id, idempotency_key="close-1"))
    again = checkouts.expire_checkout(CHEN, page.id, idempotency_key="close-2")

    assert (closed.status, closed.url) == (SessionStatus.EXPIRED, "")
    assert isinstance(again, Refused)
    assert again.reason is Reason.INVALID


def test_what_belongs_to_another_firm_is_not_there(sandbox: Sandbox) -> None:
    page = known(ask_for_page())

    outcome = checkouts.retrieve_checkout(NORTHSIDE, page.id)

    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.MISSING


def test_an_account_that_let_us_go_gives_no_access(sandbox: Sandbox) -> None:
    assert known(accounts.retrieve_account(CHEN)).charges_enabled

    acts.deauthorize(sandbox, account=CHEN)

    for outcome in (accounts.retrieve_account(CHEN), ask_for_page()):
        assert isinstance(outcome, Refused)
        assert outcome.reason is Reason.NO_ACCESS


def test_a_firm_is_brought_in_and_a_customer_made(sandbox: Sandbox) -> None:
    account = known(
        accounts.create_account(
            email="ada@okonkwo.example", metadata={"assure_firm": "7"}, idempotency_key="firm-7"
        )
    )
    made = accounts.find_account(since=NOW, key="assure_firm", value="7")
    assert made == Ok(account)
    assert accounts.find_account(since=NOW, key="assure_firm", value="8") == Ok(None)
    assert "external_account" in account.wanted
    link = known(
        accounts.create_account_link(
            account.id,
            return_url="http://127.0.0.1:8000/settings",
            refresh_url="http://127.0.0.1:8000/settings",
            idempotency_key="link-1",
        )
    )
    customer = known(
        customers.create_customer(
            CHEN,
            name="Anita Patel",
            email="anita@patelfamily.example",
            metadata={"assure_client": "1"},
            idempotency_key="customer-1",
        )
    )

    assert not account.charges_enabled
    assert link.expires_at > NOW
    assert customer.metadata == {"assure_client": "1"}


def test_every_event_is_listed_and_truly_signed(sandbox: Sandbox) -> None:
    page = known(ask_for_page())
    hosted.pay_by_test_method(sandbox, page.id, "pm_card_visa")
    types = {"charge.succeeded", "checkout.session.completed"}

    listed = known(events.list_events(CHEN, since=NOW, types=types))
    sent = [
        webhooks.verify_webhook(
            each.payload.encode(), each.headers()["Stripe-Signature"], webhooks.secrets()
        )
        for each in sandbox.deliveries()
    ]

    assert [each.type for each in listed] == ["charge.succeeded", "checkout.session.completed"]
    assert set(listed) <= set(sent)
    assert {each.account_id for each in sent} == {CHEN}
    assert not any(each.is_live for each in sent)


@pytest.mark.parametrize(
    ("fault", "value", "reason"), [("error", 500, "status_500"), ("error", 429, "rate_limited")]
)
def test_a_stripe_that_fails_leaves_it_unknown(
    sandbox: Sandbox, fault: str, value: int, reason: str
) -> None:
    acts.plan_fault(sandbox, kind=fault, value=value)

    assert ask_for_page() == Unknown(reason=reason)
    assert isinstance(ask_for_page(key="key-2"), Ok)


def test_what_moved_is_listed_by_time_and_by_payout(sandbox: Sandbox) -> None:
    for number in range(3):
        page = known(ask_for_page(key=f"key-{number}"))
        hosted.pay_by_test_method(sandbox, page.id, "pm_card_visa")
    sandbox.advance(3 * 86_400)
    payout_id = acts.pay_out(sandbox, account=CHEN)["id"]
    today = Window(since=NOW, until=NOW + timedelta(days=1))
    later = Window(since=NOW + timedelta(days=1), until=NOW + timedelta(days=9))

    payout = known(payouts.retrieve_payout(CHEN, payout_id))
    carried = known(balance_transactions.list_of_payout(CHEN, payout_id)).items

    assert known(charges.list_charges_made(CHEN, later)).items == ()
    assert len(known(charges.list_charges_made(CHEN, today)).items) == 3
    assert known(refunds.list_refunds_made(CHEN, today)).items == ()
    assert known(disputes.list_disputes_opened(CHEN, today)).items == ()
    assert known(payouts.list_payouts(CHEN, later)).items == (payout,)
    assert (payout.status, payout.amount_cents) == (PayoutStatus.IN_TRANSIT, 3 * (12_345 - 388))
    assert (payout.bank_name, payout.last4) == ("STRIPE TEST BANK", "6789")
    assert sum(each.net_cents for each in carried) == 0
    assert known(balance_transactions.retrieve_balance(CHEN)).pending_cents == 0
    moved = known(balance_transactions.list_balance_transactions(CHEN, today)).items
    assert [each.fee_cents for each in moved if each.kind == "charge"] == [388, 388, 388]
