"""Disputes and late returns: what a bank takes back after all was well."""

import pytest
import stripe

from assure_app.sandbox.stripe import acts
from tests.support.stripe_sandbox import LocalStripe


def dispute_of(local: LocalStripe, charge: stripe.Charge) -> stripe.Dispute:
    (found,) = local.client.v1.disputes.list({"charge": charge.id}, local.account).data
    return found


def balance(local: LocalStripe) -> int:
    local.sandbox.advance(1)
    return local.balance() - 5_000_000


def test_a_disputed_card_takes_the_money_and_a_fee_until_it_is_won(local: LocalStripe) -> None:
    charge = local.paid(10_000, "pm_card_createDispute")
    dispute = dispute_of(local, charge)

    taken = balance(local)
    acts.win_dispute(local.sandbox, dispute=dispute.id)

    assert (dispute.status, dispute.reason, dispute.amount) == (
        "needs_response",
        "fraudulent",
        10_000,
    )
    assert taken == 10_000 - 320 - 10_000 - 1_500
    assert dispute_of(local, charge).status == "won"
    assert balance(local) == 10_000 - 320
    assert [each for each in local.event_types() if "dispute" in each] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]


def test_evidence_decides_as_stripes_test_texts_do(local: LocalStripe) -> None:
    first = local.paid(method="pm_card_createDispute")
    second = local.paid(method="pm_card_createDispute")

    for charge, text in ((first, "winning_evidence"), (second, "losing_evidence")):
        local.client.v1.disputes.update(
            dispute_of(local, charge).id,
            {"evidence": {"uncategorized_text": text}, "submit": True},
            local.account,
        )

    assert dispute_of(local, first).status == "won"
    assert dispute_of(local, second).status == "lost"
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        local.client.v1.disputes.close(dispute_of(local, second).id, None, local.account)


def test_an_inquiry_moves_no_money(local: LocalStripe) -> None:
    charge = local.paid(10_000, "pm_card_createDisputeInquiry")
    dispute = dispute_of(local, charge)

    acts.win_dispute(local.sandbox, dispute=dispute.id)

    assert dispute.status == "warning_needs_response"
    assert dispute_of(local, charge).status == "warning_closed"
    assert balance(local) == 10_000 - 320
    local.client.v1.refunds.create({"charge": charge.id}, local.account)


def test_a_late_return_of_a_debit_is_a_lost_dispute(local: LocalStripe) -> None:
    charge = local.paid(10_000, "pm_usBankAccount_success")
    acts.settle(local.sandbox, charge=charge.id)

    acts.return_late(local.sandbox, charge=charge.id, reason="bank_cannot_process")

    dispute = dispute_of(local, charge)
    assert (dispute.status, dispute.reason) == ("lost", "bank_cannot_process")
    now = local.client.v1.charges.retrieve(charge.id, None, local.account)
    assert (now.status, now.disputed) == ("succeeded", True)
    assert [each for each in local.event_types() if "dispute" in each] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ]


def test_a_customers_dispute_of_a_debit_voids_the_mandate(local: LocalStripe) -> None:
    charge = local.paid(10_000, "pm_usBankAccount_dispute")

    local.sandbox.advance(4 * 86_400)

    assert dispute_of(local, charge).reason == "debit_not_authorized"
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.us_bank_account is not None
    mandate_id = str(charge.payment_method_details.us_bank_account.mandate)
    assert local.client.v1.mandates.retrieve(mandate_id, None, local.account).status == "inactive"
    assert local.event_types()[-2:] == ["charge.dispute.closed", "mandate.updated"]


def test_a_charge_is_disputed_once(local: LocalStripe) -> None:
    charge = local.paid(method="pm_card_createDispute")

    with pytest.raises(Exception, match="was not disputed"):
        acts.dispute(local.sandbox, charge=charge.id)


def test_an_inquiry_becomes_a_dispute_which_takes_the_money(local: LocalStripe) -> None:
    charge = local.paid(10_000, "pm_card_createDisputeInquiry")

    acts.escalate_dispute(local.sandbox, dispute=dispute_of(local, charge).id)

    dispute = dispute_of(local, charge)
    assert (dispute.status, dispute.is_charge_refundable) == ("needs_response", False)
    assert balance(local) == 10_000 - 320 - 10_000 - 1_500
    with pytest.raises(Exception, match="Only an inquiry"):
        acts.escalate_dispute(local.sandbox, dispute=dispute.id)


def test_a_lost_dispute_of_a_card_is_reversed_once(local: LocalStripe) -> None:
    charge = local.paid(10_000, "pm_card_createDispute")
    dispute_id = dispute_of(local, charge).id
    acts.lose_dispute(local.sandbox, dispute=dispute_id)

    acts.reverse_dispute(local.sandbox, dispute=dispute_id)

    dispute = dispute_of(local, charge)
    assert dispute.status == "won"
    assert [each.amount for each in dispute.balance_transactions] == [-10_000, 10_000]
    with pytest.raises(Exception, match="Only a lost dispute"):
        acts.reverse_dispute(local.sandbox, dispute=dispute_id)


def test_a_debits_return_is_final(local: LocalStripe) -> None:
    charge = local.paid(10_000, "pm_usBankAccount_success")
    acts.settle(local.sandbox, charge=charge.id)
    acts.return_late(local.sandbox, charge=charge.id)
    dispute = dispute_of(local, charge)

    assert dispute.evidence_details.due_by is None
    with pytest.raises(Exception, match="of a card"):
        acts.reverse_dispute(local.sandbox, dispute=dispute.id)
