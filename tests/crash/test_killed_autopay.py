"""Auto-pay killed between any two of its steps: each due invoice is charged once, and booked."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from assure_app.billing.autopay import LEFT_ALONE
from assure_app.billing.verification import verify
from assure_app.domain.autopay import AutopayState
from tests.support import killed
from tests.support.autopay import AutopayDesk, open_autopay_desk
from tests.support.desk import Desk
from tests.support.fake_stripe import FakeStripe
from tests.support.online import open_pay_desk

STEPS = [
    "billing.autopay_rows.take_due after",
    "billing.autopay_rows.change after",
    "billing.checkouts.add after",
    "billing.checkouts.note_asked after",
    "stripe_gateway.payment_intents.charge_off_session before",
    "stripe_gateway.payment_intents.charge_off_session after",
    "billing.ledger_rows.append after",
]
STEPS_OF_FAILING = [
    "stripe_gateway.payment_intents.charge_off_session after",
    "billing.ledger_rows.append after",
    "billing.autopay_letters.post after",
]


@pytest.fixture
def autopay_desk(desk: Desk, tmp_path: Path) -> AutopayDesk:
    """A desk whose Stripe outlives a killed process."""
    stripe = FakeStripe(file=tmp_path / "stripe")
    with stripe.installed():
        opened = open_autopay_desk(open_pay_desk(desk, stripe))
        opened.save()
    return opened


def work(desk: AutopayDesk, file: Path) -> None:
    with _with(desk, FakeStripe.of(file)) as at_work:
        at_work.work()


class _with:  # noqa: N801  reads as a word
    """The desk with this Stripe, put in the gateway's place."""

    def __init__(self, desk: AutopayDesk, stripe: FakeStripe) -> None:
        self._desk = replace(desk, pay=replace(desk.pay, stripe=stripe))
        self._installed = stripe.installed()

    def __enter__(self) -> AutopayDesk:
        self._installed.__enter__()
        return self._desk

    def __exit__(self, *_exception: object) -> None:
        self._installed.__exit__(None, None, None)


def die_and_recover(desk: AutopayDesk, database: str, where: str) -> _with:
    file = desk.pay.stripe.file
    assert file is not None
    told = replace(desk, pay=replace(desk.pay, stripe=FakeStripe()))
    killed.run_and_die(database, where, work, told, file)
    return _with(desk, FakeStripe.of(file))


@pytest.mark.parametrize("where", STEPS)
def test_a_charge_that_was_killed_is_made_once(
    autopay_desk: AutopayDesk, database: str, where: str
) -> None:
    number = autopay_desk.invoice()

    with die_and_recover(autopay_desk, database, where) as desk:
        desk.work(after=timedelta(minutes=6))
        desk.pay.sweep(after=timedelta(minutes=6))
        desk.work(after=timedelta(days=1))

        assert desk.pay.stripe.taken_cents() == 100_000
    assert autopay_desk.rows(number) == [("autopay", "Completed", 100_000)]
    assert autopay_desk.state(number) is AutopayState.DONE
    assert verify() == []


@pytest.mark.parametrize(
    "where",
    ["stripe_gateway.checkouts.expire_checkout after", "billing.checkout_closing.close after"],
)
def test_a_page_that_was_closed_by_whoever_was_killed_is_charged_once(
    autopay_desk: AutopayDesk, database: str, where: str
) -> None:
    number = autopay_desk.invoice()
    with _with(autopay_desk, autopay_desk.pay.stripe) as desk:
        desk.pay.start(number, now=desk.now - LEFT_ALONE)

    with die_and_recover(autopay_desk, database, where) as desk:
        desk.work(after=timedelta(minutes=6))
        desk.pay.sweep(after=timedelta(minutes=6))
        desk.work(after=timedelta(days=1))

        assert desk.pay.stripe.taken_cents() == 100_000
    assert autopay_desk.rows(number) == [("autopay", "Completed", 100_000)]
    assert autopay_desk.pay.states() == ["expired", "completed"]
    assert verify() == []


@pytest.mark.parametrize("where", STEPS_OF_FAILING)
def test_a_failure_that_was_killed_counts_once(
    autopay_desk: AutopayDesk, database: str, where: str
) -> None:
    stripe = autopay_desk.pay.stripe
    stripe.declines[next(iter(stripe.methods))] = ["insufficient_funds"]
    stripe._keep()
    number = autopay_desk.invoice()

    with die_and_recover(autopay_desk, database, where) as desk:
        desk.work(after=timedelta(minutes=6))
        desk.pay.sweep(after=timedelta(minutes=6))
        desk.pay.deliver()

    assert autopay_desk.rows(number) == [("autopay", "Failed", 100_000)]
    assert autopay_desk.stored(number).failures == 1
    assert autopay_desk.letters() == [f"Payment failed: $1,000.00 for invoice {number}"]
    assert verify() == []
