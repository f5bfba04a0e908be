"""Refunds through the unmodified library: never too much, and not final when they succeeded."""

from collections.abc import Callable

import pytest
import stripe

from assure_app.sandbox.stripe import acts
from tests.support.stripe_sandbox import CHEN, LocalStripe


def refused(act: Callable[[], object]) -> tuple[str | None, str]:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        act()
    assert refusal.value.error is not None
    return refusal.value.error.code, str(refusal.value.user_message)


def charge_now(local: LocalStripe, charge: stripe.Charge) -> stripe.Charge:
    return local.client.v1.charges.retrieve(charge.id, {"expand": ["refunds"]}, local.account)


def refund_now(local: LocalStripe, refund: stripe.Refund) -> stripe.Refund:
    return local.client.v1.refunds.retrieve(refund.id, None, local.account)


def test_a_card_is_refunded_in_parts_up_to_what_was_paid(local: LocalStripe) -> None:
    charge = local.paid(10_000)
    create = local.client.v1.refunds.create

    part = create({"charge": charge.id, "amount": 4_000, "reason": "duplicate"}, local.account)
    too_much = refused(lambda: create({"charge": charge.id, "amount": 6_001}, local.account))
    rest = create({"payment_intent": str(charge.payment_intent)}, local.account)
    again = refused(lambda: create({"charge": charge.id}, local.account))

    assert (part.status, part.reason, rest.amount) == ("succeeded", "duplicate", 6_000)
    assert too_much == (
        None,
        "Refund amount ($60.01) is greater than unrefunded amount on charge ($60.00)",
    )
    assert again[0] == "charge_already_refunded"
    charge = charge_now(local, charge)
    assert (charge.amount_refunded, charge.refunded) == (10_000, True)
    assert charge.refunds is not None
    assert [each.amount for each in charge.refunds.data] == [6_000, 4_000]
    assert local.event_types()[-4:] == ["refund.created", "charge.refunded"] * 2


def test_a_reason_that_stripe_does_not_know_is_refused(local: LocalStripe) -> None:
    charge = local.paid()
    given = {"charge": charge.id, "reason": "expired_uncaptured_charge"}

    _, sentence = refused(
        lambda: local.client.v1.refunds.create(given, local.account)  # type: ignore[arg-type]
    )

    assert "must be one of duplicate, fraudulent, requested_by_customer" in sentence


def test_only_the_metadata_of_a_refund_changes(local: LocalStripe) -> None:
    refund = local.client.v1.refunds.create(
        {"charge": local.paid().id, "metadata": {"row": "7", "who": "jane"}}, local.account
    )

    changed = local.client.v1.refunds.update(
        refund.id, {"metadata": {"row": "8", "who": ""}}, local.account
    )

    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"row": "8"}
    assert refused(
        lambda: local.client.v1.refunds.update(
            refund.id,
            {"amount": 1},  # type: ignore[arg-type]
            local.account,
        )
    ) == ("parameter_unknown", "Received unknown parameter: amount")


def test_a_refund_that_succeeded_can_still_fail_and_gives_the_money_back(
    local: LocalStripe,
) -> None:
    charge = local.paid(10_000)
    refund = local.client.v1.refunds.create({"charge": charge.id}, local.account)

    acts.fail_refund(local.sandbox, refund=refund.id)

    failed = refund_now(local, refund)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert failed.failure_balance_transaction is not None
    charge = charge_now(local, charge)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert local.event_types()[-4:] == [
        "refund.updated",
        "charge.refund.updated",
        "refund.failed",
        "charge.updated",
    ]
    balance = local.client.v1.balance.retrieve({}, local.account)
    assert balance.available[0].amount == 5_000_000


def test_a_test_card_sends_its_refund_back_by_itself(local: LocalStripe) -> None:
    charge = local.paid(method="pm_card_refundFail")
    refund = local.client.v1.refunds.create({"charge": charge.id}, local.account)

    local.sandbox.advance(60)

    assert refund.status == "succeeded"
    assert refund_now(local, refund).status == "failed"


def test_a_card_refund_waits_for_the_balance_and_a_bank_refund_fails(local: LocalStripe) -> None:
    card = local.paid(10_000)
    bank = local.paid(10_000, "pm_usBankAccount_success")
    acts.settle(local.sandbox, charge=bank.id)
    local.sandbox.advance(1)
    acts.set_balance(local.sandbox, account=CHEN, amount=9_999)

    waiting = local.client.v1.refunds.create({"charge": card.id}, local.account)
    failed = local.client.v1.refunds.create({"charge": bank.id}, local.account)

    assert (waiting.status, waiting.pending_reason) == ("pending", "insufficient_funds")
    assert (failed.status, failed.failure_reason) == ("failed", "insufficient_funds")
    assert charge_now(local, bank).amount_refunded == 0
    acts.set_balance(local.sandbox, account=CHEN, amount=10_000)
    assert refund_now(local, waiting).status == "succeeded"
    assert local.balance() == 0


def test_a_bank_refund_waits_for_its_charge_and_then_for_the_bank(local: LocalStripe) -> None:
    charge = local.paid(10_000, "pm_usBankAccount_success")
    refund = local.client.v1.refunds.create({"charge": charge.id, "amount": 500}, local.account)

    acts.settle(local.sandbox, charge=charge.id)

    assert (refund.status, refund.pending_reason) == ("pending", "charge_pending")
    sent = refund_now(local, refund)
    assert (sent.status, sent.pending_reason) == ("pending", "processing")
    local.sandbox.advance(3 * 86_400)
    assert refund_now(local, refund).status == "succeeded"


def test_a_refund_of_a_debit_that_fails_fails_with_it(local: LocalStripe) -> None:
    charge = local.paid(10_000, "pm_usBankAccount_success")
    refund = local.client.v1.refunds.create({"charge": charge.id}, local.account)

    acts.fail(local.sandbox, charge=charge.id, failure_code="account_closed")

    assert refund_now(local, refund).status == "failed"
    assert charge_now(local, charge).failure_code == "account_closed"


def test_a_debit_is_refunded_for_180_days(local: LocalStripe) -> None:
    charge = local.paid(10_000, "pm_usBankAccount_success")

    local.sandbox.advance(181 * 86_400)

    _, sentence = refused(
        lambda: local.client.v1.refunds.create({"charge": charge.id}, local.account)
    )
    assert sentence == "A bank debit can be refunded for 180 days."


def test_neither_a_failed_nor_a_disputed_charge_is_refunded(local: LocalStripe) -> None:
    declined = local.paid(method="pm_card_visa_chargeDeclined")
    disputed = local.paid(method="pm_card_createDispute")
    create = local.client.v1.refunds.create

    assert "failed" in refused(lambda: create({"charge": declined.id}, local.account))[1]
    assert refused(lambda: create({"charge": disputed.id}, local.account))[0] == "charge_disputed"
