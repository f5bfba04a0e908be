"""What the receipt, the onboarding and the control page are built on."""

import pytest

from assure_app.sandbox.stripe import acts, onboarding, receipts
from assure_app.sandbox.stripe.hosted import NotFound, load_checkout
from assure_app.sandbox.stripe.overview import load_overview
from tests.support.stripe_sandbox import CHEN, NORTHSIDE, LocalStripe


def test_a_receipt_stays_current_for_thirty_days(local: LocalStripe) -> None:
    charge = local.paid(20_000)
    token = str(charge.receipt_url).removeprefix("http://127.0.0.1:8001/receipts/")

    local.client.v1.refunds.create({"charge": charge.id, "amount": 5_000}, local.account)

    receipt = receipts.load_receipt(local.sandbox, token)
    assert (receipt.amount_cents, receipt.refunded_cents) == (20_000, 5_000)
    assert (receipt.account_name, receipt.method) == ("Chen Advisory", "Visa •••• 4242")
    local.sandbox.advance(31 * 86_400)
    with pytest.raises(NotFound, match="expired"):
        receipts.load_receipt(local.sandbox, token)


def test_no_receipt_is_found_by_a_guess_or_for_a_decline(local: LocalStripe) -> None:
    declined = local.paid(method="pm_card_visa_chargeDeclined")

    assert declined.receipt_url is None
    for token in ("", declined.id, "x" * 48):
        with pytest.raises(NotFound):
            receipts.load_receipt(local.sandbox, token)


def test_a_page_that_does_not_exist_is_not_found(local: LocalStripe) -> None:
    with pytest.raises(NotFound):
        load_checkout(local.sandbox, "cs_test_none")


def test_an_account_link_enables_its_account_once(local: LocalStripe) -> None:
    account = local.client.v1.accounts.create({"email": "olga@northsidecpa.example"})
    link = local.client.v1.account_links.create(
        {
            "account": account.id,
            "type": "account_onboarding",
            "return_url": "http://127.0.0.1:8000/back",
            "refresh_url": "http://127.0.0.1:8000/again",
        }
    )
    token = link.url.removeprefix("http://127.0.0.1:8001/connect/")

    page = onboarding.load_onboarding(local.sandbox, token)
    leads_to = onboarding.complete_onboarding(local.sandbox, token)

    assert (page.account_id, leads_to) == (account.id, "http://127.0.0.1:8000/back")
    assert not account.charges_enabled
    enabled = local.client.v1.accounts.retrieve(account.id)
    assert (enabled.charges_enabled, enabled.payouts_enabled) == (True, True)
    with pytest.raises(onboarding.TooLate) as late:
        onboarding.complete_onboarding(local.sandbox, token)
    assert late.value.refresh_url == "http://127.0.0.1:8000/again"
    events = local.client.v1.events.list({}, {"stripe_account": account.id}).data
    assert [event.type for event in events] == ["account.updated"]


def test_the_overview_tells_what_can_be_done_with_each_row(local: LocalStripe) -> None:
    local.paid(5_000, "pm_usBankAccount_success")
    paid = local.paid(7_000)
    local.client.v1.refunds.create({"charge": paid.id, "amount": 1_000}, local.account)
    acts.dispute(local.sandbox, charge=paid.id)
    acts.plan_fault(local.sandbox, kind="drop", count=3)

    shown = load_overview(local.sandbox, CHEN)

    assert [(row.amount_cents, row.can_settle) for row in shown.charges] == [
        (7_000, False),
        (5_000, True),
    ]
    assert [row.is_disputed for row in shown.charges] == [True, False]
    assert [(row.amount_cents, row.can_fail) for row in shown.refunds] == [(1_000, True)]
    assert [(row.reason, row.is_open) for row in shown.disputes] == [("fraudulent", True)]
    assert [row.id for row in shown.accounts if not row.is_enabled] == [NORTHSIDE]
    assert shown.events[0].deliveries == "on its way"
    assert [(row.kind, row.remaining) for row in shown.faults] == [("drop", 3)]
    assert shown.balance_cents == 5_000_000 - 1_000 - 6_000 - 1_500
