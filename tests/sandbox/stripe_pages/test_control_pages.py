"""The control page: what banks, customers and bad luck do when a person says so."""

import httpx
import pytest

from assure_app.sandbox.app import app
from assure_app.sandbox.stripe.overview import load_overview
from tests.support.hosted_pages import HOME, HostedPages
from tests.support.stripe_sandbox import CHEN, NORTHSIDE


def press(pages: HostedPages, act: str, **typed: str) -> httpx.Response:
    """Press a button of the page and follow it."""
    answer = pages.send(pages.get("/stripe"), f"/stripe/{act}", **typed)
    return pages.get(answer.headers["Location"]) if answer.status_code == 303 else answer


def test_an_empty_sandbox_says_what_will_be_here(pages: HostedPages) -> None:
    page = pages.get("/stripe")

    assert "No payments yet." in page.text
    assert '<a href="/mailbox">Mailbox</a>' in page.text
    assert "Monday, November 23, 2026, 10:00 EST" in page.text


def test_a_pending_debit_is_settled_or_failed(pages: HostedPages) -> None:
    settled = pages.local.paid(5_000, "pm_usBankAccount_processing")
    failed = pages.local.paid(6_000, "pm_usBankAccount_processing")

    told = press(pages, "settle", id=settled.id)
    press(pages, "fail", id=failed.id, reason="account_closed")

    assert '<p class="notice" role="status">The bank debit succeeded.</p>' in told.text
    rows = {row.id: row for row in load_overview(pages.local.sandbox, CHEN).charges}
    assert rows[settled.id].status == "succeeded"
    assert (rows[failed.id].status, rows[failed.id].failure) == (
        "failed",
        "The customer's bank account has been closed.",
    )


def test_a_debit_that_succeeded_is_returned(pages: HostedPages) -> None:
    charge = pages.local.paid(5_000, "pm_usBankAccount_processing")
    press(pages, "settle", id=charge.id)

    press(pages, "return_late", id=charge.id, reason="incorrect_account_details")

    (dispute,) = load_overview(pages.local.sandbox, CHEN).disputes
    assert (dispute.status, dispute.reason) == ("lost", "incorrect_account_details")


@pytest.mark.parametrize(
    ("opens", "closes", "status"),
    [
        ("dispute", "win_dispute", "won"),
        ("dispute", "lose_dispute", "lost"),
        ("inquire", "win_dispute", "warning_closed"),
        ("inquire", "escalate_dispute", "needs_response"),
    ],
)
def test_a_dispute_is_opened_and_decided(
    pages: HostedPages, opens: str, closes: str, status: str
) -> None:
    charge = pages.local.paid(5_000)

    press(pages, opens, id=charge.id)
    (opened,) = load_overview(pages.local.sandbox, CHEN).disputes
    press(pages, closes, id=opened.id)

    (closed,) = load_overview(pages.local.sandbox, CHEN).disputes
    assert opened.is_open
    assert closed.status == status


def test_a_refund_fails(pages: HostedPages) -> None:
    charge = pages.local.paid(5_000)
    refund = pages.local.client.v1.refunds.create({"charge": charge.id}, pages.local.account)

    press(pages, "fail_refund", id=refund.id)

    (row,) = load_overview(pages.local.sandbox, CHEN).refunds
    assert row.status == "failed"


def test_a_payment_is_refunded_as_in_the_dashboard(pages: HostedPages) -> None:
    charge = pages.local.paid(5_000)

    press(pages, "refund", id=charge.id, amount="12.50")
    press(pages, "refund", id=charge.id, amount="")

    rest, part = load_overview(pages.local.sandbox, CHEN).refunds
    assert (part.amount_cents, rest.amount_cents, rest.status) == (1_250, 3_750, "succeeded")
    (row,) = load_overview(pages.local.sandbox, CHEN).charges
    assert (row.refunded_cents, row.can_be_refunded) == (5_000, False)


def test_the_clock_is_advanced(pages: HostedPages) -> None:
    assert "the world’s time" in pages.get("/stripe").text

    press(pages, "advance", by="day")
    press(pages, "advance", by="hour")
    page = press(pages, "advance", by="hour")

    assert pages.local.sandbox.advanced_seconds == 86_400 + 2 * 3_600
    assert "1 day and 2 hours ahead of the world’s" in page.text


def test_the_next_business_day_after_a_friday_is_a_monday(pages: HostedPages) -> None:
    pages.local.sandbox.advance(4 * 86_400)

    page = press(pages, "advance", by="business_day")

    assert "Monday, November 30, 2026, 10:00 EST" in page.text


def test_faults_are_turned_on_and_off(pages: HostedPages) -> None:
    press(pages, "plan_fault", kind="drop", value="1", count="3")
    press(pages, "plan_fault", kind="error", value="429", count="2")
    page = press(pages, "plan_fault", kind="error", value="500", count="1")
    assert "3 left" in page.text

    press(pages, "stop_fault", kind="error", value="429")
    kept = load_overview(pages.local.sandbox, CHEN).faults
    press(pages, "stop_faults")

    assert [(row.kind, row.value, row.remaining) for row in kept] == [
        ("drop", 1, 3),
        ("error", 500, 1),
    ]
    assert load_overview(pages.local.sandbox, CHEN).faults == ()


@pytest.mark.parametrize("count", ["0", "1001", "-1", "x", ""])
def test_a_count_that_is_none_is_told(pages: HostedPages, count: str) -> None:
    page = press(pages, "plan_fault", kind="drop", value="1", count=count)

    assert page.status_code == 422
    assert '<p class="notice bad" role="alert">' in page.text
    assert load_overview(pages.local.sandbox, CHEN).faults == ()


def test_what_cannot_be_done_any_more_is_told(pages: HostedPages) -> None:
    charge = pages.local.paid(5_000, "pm_usBankAccount_processing")
    page = pages.get("/stripe")
    press(pages, "settle", id=charge.id)

    answer = pages.send(page, "/stripe/settle", id=charge.id)

    assert answer.status_code == 422
    assert "This charge is succeeded, not pending." in answer.text


def test_each_account_has_its_own_page(pages: HostedPages) -> None:
    pages.local.paid(5_000)

    page = pages.get(f"/stripe?account={NORTHSIDE}")
    answer = pages.send(page, "/stripe/enable")

    assert "No payments yet." in page.text
    assert answer.headers["Location"] == f"/stripe?account={NORTHSIDE}&done=enable"
    assert pages.local.client.v1.accounts.retrieve(NORTHSIDE).charges_enabled


def test_each_event_tells_what_became_of_it(pages: HostedPages) -> None:
    press(pages, "plan_fault", kind="drop", value="1", count="1")
    pages.local.paid(5_000)

    page = pages.get("/stripe")

    assert '<span class="badge warn">On its way</span>' in page.text
    assert '<span class="badge bad">Never sent</span>' in page.text


@pytest.mark.parametrize(
    "path", ["/stripe?account=acct_none", "/stripe?account=acct_1AssurePlatform"]
)
def test_an_unknown_account_is_not_found(pages: HostedPages, path: str) -> None:
    assert pages.get(path).status_code == 404


def test_another_site_can_press_nothing(pages: HostedPages) -> None:
    page = pages.get("/stripe")
    token = page.text.split('action="/stripe/advance"')[1].split('name="token" value="')[1][:64]
    typed = {"token": token, "by": "day", "account": CHEN}

    foreign = pages.post("/stripe/advance", typed, {"Origin": "http://127.0.0.1:8000"})
    other_form = pages.post("/stripe/stop_faults", typed, {"Origin": HOME})

    assert (foreign.status_code, other_form.status_code) == (403, 403)
    assert pages.local.sandbox.advanced_seconds == 0


def test_the_sandbox_serves_the_pages() -> None:
    paths = {getattr(route, "path", "") for route in app.routes}

    assert {"/stripe", "/checkout/{session_id}", "/receipts/{token}", "/connect/{token}"} <= paths
