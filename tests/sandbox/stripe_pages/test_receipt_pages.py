"""The receipt of a charge, as its refunds change it."""

from assure_app.sandbox.stripe import acts
from tests.support.hosted_pages import HostedPages


def test_a_receipt_tells_what_was_paid(pages: HostedPages) -> None:
    charge = pages.local.paid(270_000)

    answer = pages.get(str(charge.receipt_url))

    assert answer.status_code == 200
    assert "<h1>Receipt from Chen Advisory</h1>" in answer.text
    assert "<dt>Date paid</dt><dd>November 23, 2026</dd>" in answer.text
    assert "<dt>Payment method</dt><dd>Visa •••• 4242</dd>" in answer.text
    assert (
        '<div class="sum"><dt>Amount paid</dt><dd class="num">$2,700.00</dd></div>' in answer.text
    )
    assert "<form" not in answer.text


def test_a_receipt_follows_its_refunds(pages: HostedPages) -> None:
    charge = pages.local.paid(270_000)
    refunds = pages.local.client.v1.refunds
    refunds.create({"charge": charge.id, "amount": 50_000}, pages.local.account)
    failed = refunds.create({"charge": charge.id, "amount": 1_000}, pages.local.account)
    acts.fail_refund(pages.local.sandbox, refund=failed.id)

    answer = pages.get(str(charge.receipt_url))

    assert '<dt>Refunded on November 23, 2026</dt><dd class="num">−$500.00</dd>' in answer.text
    assert '<dt>Refund of November 23, 2026, failed</dt><dd class="num">$0.00</dd>' in answer.text
    assert '<dt>Amount kept</dt><dd class="num">$2,200.00</dd>' in answer.text


def test_a_guess_finds_no_receipt(pages: HostedPages) -> None:
    assert pages.get(f"/receipts/{'x' * 48}").status_code == 404
