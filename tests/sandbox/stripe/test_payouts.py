"""Balance transactions and payouts: what moved the balance, and what went to the bank."""

import pytest
import stripe

from assure_app.sandbox.stripe import acts
from assure_app.sandbox.stripe.errors import ApiError
from tests.support.stripe_sandbox import CHEN, NOW, LocalStripe

DAY = 86_400


def moved(local: LocalStripe, **params: str) -> list[tuple[str, str, int, int]]:
    """Type, category, amount and fee of each balance transaction, the oldest first."""
    given = stripe.params.BalanceTransactionListParams(limit=100, **params)  # type: ignore[typeddict-item]
    found = local.client.v1.balance_transactions.list(given, local.account).data
    told = [(each.type, each.reporting_category, each.amount, each.fee) for each in found]
    return [each for each in reversed(told) if each[0] != "topup"]


def test_every_kind_of_movement_has_stripes_own_name(local: LocalStripe) -> None:
    card = local.paid(10_000)
    local.sandbox.advance(1)
    refund = acts.refund(local.sandbox, charge=card.id, amount=4_000)
    acts.fail_refund(local.sandbox, refund=refund["id"])
    bank = local.paid(20_000, "pm_usBankAccount_success")
    acts.settle(local.sandbox, charge=bank.id)
    local.sandbox.advance(1)
    acts.refund(local.sandbox, charge=bank.id, amount=5_000)
    dispute = acts.dispute(local.sandbox, charge=card.id)
    acts.win_dispute(local.sandbox, dispute=dispute["id"])

    assert moved(local) == [
        ("charge", "charge", 10_000, 320),
        ("refund", "refund", -4_000, 0),
        ("refund_failure", "refund_failure", 4_000, 0),
        ("payment", "charge", 20_000, 0),
        ("payment_refund", "refund", -5_000, 0),
        ("adjustment", "dispute", -10_000, 1_500),
        ("adjustment", "dispute_reversal", 10_000, -1_500),
    ]


def test_a_payout_carries_exactly_what_was_available(local: LocalStripe) -> None:
    first = local.paid(10_000)
    local.sandbox.advance(1)
    with pytest.raises(ApiError, match="Nothing is available"):
        acts.pay_out(local.sandbox, account=CHEN)
    local.sandbox.advance(2 * DAY)
    acts.refund(local.sandbox, charge=first.id, amount=1_000)
    late = local.paid(7_000)
    local.sandbox.advance(1)

    payout = acts.pay_out(local.sandbox, account=CHEN)

    assert (payout["amount"], payout["status"], payout["automatic"]) == (8_680, "in_transit", True)
    carried = moved(local, payout=payout["id"])
    assert carried == [
        ("charge", "charge", 10_000, 320),
        ("refund", "refund", -1_000, 0),
        ("payout", "payout", -8_680, 0),
    ]
    balance = local.client.v1.balance.retrieve(None, local.account)
    assert (balance.available[0].amount, balance.pending[0].amount) == (5_000_000, 6_767)
    read = local.client.v1.payouts.retrieve(
        payout["id"], {"expand": ["destination"]}, local.account
    )
    assert isinstance(read.destination, stripe.BankAccount)
    assert (read.destination.bank_name, read.destination.last4) == ("STRIPE TEST BANK", "6789")
    assert late.id not in str(carried)


def test_what_a_failed_payout_brings_back_goes_with_the_next(local: LocalStripe) -> None:
    local.paid(10_000)
    local.sandbox.advance(3 * DAY)
    failed = acts.pay_out(local.sandbox, account=CHEN)
    local.sandbox.advance(4 * DAY)
    assert local.event_types()[-1] == "payout.paid"

    told = acts.fail_payout(local.sandbox, payout=failed["id"])
    again = acts.pay_out(local.sandbox, account=CHEN)

    assert (told["status"], told["failure_code"]) == ("failed", "account_closed")
    assert again["amount"] == failed["amount"]
    assert moved(local, payout=again["id"]) == [
        ("payout_failure", "payout_reversal", 9_680, 0),
        ("payout", "payout", -9_680, 0),
    ]
    with pytest.raises(stripe.InvalidRequestError, match="No such payout"):
        moved(local, payout="po_none")


def test_what_was_taken_in_the_dashboard_long_ago_is_told_to_nobody(local: LocalStripe) -> None:
    told_before = len(local.sandbox.deliveries(is_due=False))

    charge = acts.charge(local.sandbox, account=CHEN, amount=7_500, seconds_ago=3 * DAY)
    refund = acts.refund(local.sandbox, charge=charge["id"], amount=500, seconds_ago=2 * DAY)
    local.sandbox.run_due()

    assert charge["created"] == int(NOW.timestamp()) - 3 * DAY
    assert refund["created"] == int(NOW.timestamp()) - 2 * DAY
    assert len(local.sandbox.deliveries(is_due=False)) == told_before
    assert moved(local) == [("charge", "charge", 7_500, 248), ("refund", "refund", -500, 0)]
    now = acts.charge(local.sandbox, account=CHEN, amount=100)
    assert now["metadata"] == {}
    assert len(local.sandbox.deliveries(is_due=False)) > told_before
