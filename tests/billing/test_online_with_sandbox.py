"""The whole way with the local Stripe behind the unmodified library: pay, hear of it, book it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from assure_app import sandbox_keys
from assure_app.billing import checkout_results, saved_methods, stripe_sweep
from assure_app.billing.checkout_results import PageOutcome
from assure_app.billing.online_payments import PageOver
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.billing.verification import verify
from assure_app.sandbox.stripe import Sandbox, acts, hosted, make_app
from assure_app.settings import get_settings
from tests.factories import MOMENT
from tests.support.desk import Desk
from tests.support.fake_stripe import FakeStripe
from tests.support.online import PayDesk, open_pay_desk
from tests.support.stripe_transports import InProcess, stripe_over

TOKEN = "one-form-token-00001"
ANOTHER = "one-form-token-00002"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A local Stripe with the demo's firms, which the gateway asks."""
    app = make_app(tmp_path, keys=sandbox_keys.read(get_settings()), now=lambda: MOMENT)
    opened: Sandbox = app.state.sandbox
    with stripe_over(InProcess(app)):
        yield opened
    opened.close()


@pytest.fixture
def pay_desk(desk: Desk, sandbox: Sandbox) -> PayDesk:
    """A desk that asks the local Stripe; the fake beside it is asked nothing."""
    return open_pay_desk(desk, FakeStripe())


def opened(pay_desk: PayDesk, number: str, amount: str = "1000", *, saves: bool = False) -> str:
    pay_desk.start(number, amount, saves=saves)
    return str(pay_desk.checkouts()[-1]["session_id"])


def polled(pay_desk: PayDesk, *, minutes: int = 0) -> None:
    """What Stripe lists comes in and is applied."""
    now = pay_desk.now + timedelta(minutes=minutes)
    while stripe_sweep.poll_next(now=now):
        pass
    pay_desk.work(now=now)


def test_a_card_pays(pay_desk: PayDesk, sandbox: Sandbox) -> None:
    number = pay_desk.invoice()
    hosted.pay_by_test_method(sandbox, opened(pay_desk, number), "pm_card_visa")

    result = checkout_results.return_from_checkout(
        pay_desk.anita,
        pay_desk.pay_token(number),
        pay_desk.checkouts()[0]["token"],
        now=pay_desk.now,
    )
    polled(pay_desk)

    assert result.outcome is PageOutcome.PAID
    row = pay_desk.row()
    assert (row["status"], row["method_detail"], row["fee_cents"]) == (
        "Completed",
        "Visa •••• 4242",
        2_930,
    )
    assert pay_desk.desk.stored(number)["stage"] == "paid"
    assert set(pay_desk.events()) <= {"done", "ignored"}
    assert pay_desk.exceptions() == []
    assert verify() == []


def test_a_declined_card_then_a_good_one(pay_desk: PayDesk, sandbox: Sandbox) -> None:
    number = pay_desk.invoice()
    session_id = opened(pay_desk, number)
    hosted.pay_by_test_method(sandbox, session_id, "pm_card_visa_chargeDeclined")
    polled(pay_desk)
    assert [row["status"] for row in pay_desk.desk.rows()] == ["Failed"]

    hosted.pay_by_test_method(sandbox, session_id, "pm_card_visa")
    polled(pay_desk, minutes=10)

    assert [row["status"] for row in pay_desk.desk.rows()] == ["Failed", "Completed"]
    assert pay_desk.desk.rows()[0]["failure_reason"] == "Your card was declined."
    assert verify() == []


@pytest.mark.parametrize("arrives", [True, False])
def test_a_bank_payment(pay_desk: PayDesk, sandbox: Sandbox, *, arrives: bool) -> None:
    number = pay_desk.invoice()
    hosted.pay_by_test_method(sandbox, opened(pay_desk, number, "400"), "pm_usBankAccount_success")
    polled(pay_desk)
    row = pay_desk.row()
    assert (row["status"], row["method"]) == ("Pending", "ACH")
    assert pay_desk.desk.stored(number)["balance_cents"] == 60_000

    (acts.settle if arrives else acts.fail)(sandbox, charge=row["stripe_charge_id"])
    polled(pay_desk, minutes=10)

    stored = pay_desk.desk.stored(number)
    assert pay_desk.row()["status"] == ("Completed" if arrives else "Failed")
    assert stored["balance_cents"] == (60_000 if arrives else 100_000)
    assert pay_desk.exceptions() == []
    assert verify() == []


def test_a_page_is_closed_before_another_opens(pay_desk: PayDesk, sandbox: Sandbox) -> None:
    number = pay_desk.invoice()
    first = opened(pay_desk, number)

    second = opened(pay_desk, number, "400")

    assert (hosted.load_checkout(sandbox, first).status, pay_desk.states()) == (
        "expired",
        ["expired", "open"],
    )
    hosted.pay_by_test_method(sandbox, second, "pm_card_visa")
    polled(pay_desk)
    assert pay_desk.desk.stored(number)["settled_cents"] == 40_000


@pytest.mark.parametrize(
    ("kind", "value"),
    [("lost", 500), ("lost", 503), ("error", 429), ("error", 500), ("error_after", 500)],
)
def test_a_stripe_in_trouble_opens_one_page(
    pay_desk: PayDesk, sandbox: Sandbox, kind: str, value: int
) -> None:
    number = pay_desk.invoice()
    acts.plan_fault(sandbox, kind=kind, value=value, path="/v1/checkout/sessions")

    with pytest.raises((StripeSilent, PageOver)) as refusal:
        pay_desk.start(number, token=TOKEN)
    acts.reset_faults(sandbox)
    # A retryable refusal keeps the form, as the page does; after another one it takes a new form.
    token = TOKEN if refusal.value.retryable else ANOTHER
    started = pay_desk.start(number, token=token)

    assert pay_desk.states()[-1] == "open"
    assert pay_desk.states().count("open") == 1
    assert pay_desk.start(number, token=token).url == started.url
    hosted.pay_by_test_method(sandbox, str(pay_desk.checkouts()[-1]["session_id"]), "pm_card_visa")
    polled(pay_desk)
    assert pay_desk.desk.stored(number)["stage"] == "paid"
    assert verify() == []


def test_what_is_saved_is_offered_renewed_and_removed(pay_desk: PayDesk, sandbox: Sandbox) -> None:
    session_id = opened(pay_desk, pay_desk.invoice(), saves=True)
    hosted.pay_by_test_method(sandbox, session_id, "pm_card_visa")
    polled(pay_desk)
    (stored,) = pay_desk.methods()
    assert (stored["brand_or_bank"], stored["last4"], stored["is_default"]) == (
        "Visa",
        "4242",
        True,
    )

    page = hosted.load_checkout(sandbox, opened(pay_desk, pay_desk.invoice()))
    assert [each.id for each in page.saved] == [stored["method_id"]]
    assert hosted.pay_by_saved(sandbox, page.id, page.saved[0]) == hosted.Finished(page.success_url)
    acts.renew_card(sandbox, method=stored["method_id"], year=2035)
    polled(pay_desk, minutes=10)
    assert pay_desk.methods()[0]["expiry"] == "12/35"
    saved_methods.remove(pay_desk.anita, 1, now=pay_desk.now)
    polled(pay_desk, minutes=20)

    assert pay_desk.methods()[0]["removed_at"] is not None
    assert hosted.load_checkout(sandbox, opened(pay_desk, pay_desk.invoice())).saved == ()
    assert (len(pay_desk.methods()), pay_desk.exceptions()) == (1, [])
    assert set(pay_desk.events()) <= {"done", "ignored"}
    assert verify() == []


def test_a_bank_that_takes_a_payment_back_disables_what_was_saved(
    pay_desk: PayDesk, sandbox: Sandbox
) -> None:
    session_id = opened(pay_desk, pay_desk.invoice(), saves=True)
    hosted.pay_by_test_method(sandbox, session_id, "pm_usBankAccount_success")
    polled(pay_desk)
    acts.settle(sandbox, charge=pay_desk.row()["stripe_charge_id"])
    polled(pay_desk, minutes=10)
    assert [row["is_default"] for row in pay_desk.methods()] == [True]

    charge_id = pay_desk.desk.rows()[0]["stripe_charge_id"]
    acts.return_late(sandbox, charge=charge_id, reason="debit_not_authorized")
    polled(pay_desk, minutes=20)

    (stored,) = pay_desk.methods()
    assert stored["disabled_at"] is not None
    assert not stored["is_default"]
