"""The nightly run of auto-pay: two workers, killed and started anew, and each invoice charged once.

The processes are real, and so is the talk with the local Stripe. Their clock runs fast, so that
what is due again minutes after a crash is due again in seconds.
"""

import signal
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assure_app import sandbox_keys
from assure_app.billing import stripe_sweep
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import invoice, payment
from assure_app.sandbox.stripe import Sandbox, hosted, make_app
from assure_app.settings import get_settings
from assure_app.stripe_gateway import charges
from assure_app.stripe_gateway.outcomes import Ok
from assure_app.stripe_gateway.records import ChargeStatus, Window
from tests.support import killed, saving, working
from tests.support.asgi_server import serving
from tests.support.desk import Desk
from tests.support.fake_stripe import CHEN, FakeStripe
from tests.support.online import PayDesk, open_pay_desk
from tests.support.stripe_transports import InProcess, stripe_over
from tests.support.waiting import wait_until
from tests.support.working import Night

INVOICES = 20
WORKS = ("jobs", "auto-pay", "payment-pages")
PLACES = (
    ("stripe_gateway.payment_intents.charge_off_session after", 3),
    ("billing.autopay.reserve after", 2),
    ("billing.charges.book after", 2),
    ("billing.autopay_rows.take_due after", 3),
)
MOST_SECONDS = 5
DAY = timedelta(days=1)


@pytest.fixture
def sandbox(tmp_path: Path, desk: Desk) -> Iterator[Sandbox]:
    app = make_app(tmp_path, keys=sandbox_keys.read(get_settings()), now=lambda: desk.now)
    opened: Sandbox = app.state.sandbox
    with stripe_over(InProcess(app)), serving(app) as address:
        opened.address = address  # type: ignore[attr-defined]
        yield opened
    opened.close()


def test_each_is_charged_once_whoever_is_killed(
    desk: Desk, database: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    pay_desk = open_pay_desk(desk, FakeStripe())
    due_tonight(pay_desk, sandbox)
    keys = sandbox_keys.read(get_settings())
    night = Night(
        database=database,
        data_dir=tmp_path,
        works=WORKS,
        begins=desk.now,
        stripe={
            "STRIPE_SECRET_KEY": keys.secret_key,
            "STRIPE_WEBHOOK_SECRET": keys.webhook_secret,
            "STRIPE_API_BASE": sandbox.address,  # type: ignore[attr-defined]
        },
    )

    for places in zip(PLACES[::2], PLACES[1::2], strict=True):
        workers = [killed.start(working.work_at_night, night, *place) for place in places]
        for worker in workers:
            worker.join(MOST_SECONDS)
            worker.kill()  # When the other one left it too little to die by itself.
            killed.end(worker, status=-signal.SIGKILL)
    left = unpaid()
    workers = [killed.start(working.work_at_night, night) for _ in range(2)]
    wait_until(lambda: unpaid() == 0)
    for worker in workers:
        worker.kill()
        killed.end(worker, status=-signal.SIGKILL)

    assert left > 0, "nothing was left to those that were started again"
    assert paid_times() == {1}
    assert len(charged(desk)) == INVOICES + 1
    assert verify() == []


def due_tonight(pay_desk: PayDesk, sandbox: Sandbox) -> None:
    """Anita saves a card; then invoices of work with auto-pay on are due today."""
    pay_desk.start(pay_desk.invoice(), saves=True)
    session_id = str(pay_desk.checkouts()[-1]["session_id"])
    hosted.pay_by_test_method(sandbox, session_id, "pm_card_visa")
    while stripe_sweep.poll_next(now=pay_desk.now):
        pass
    pay_desk.work()
    work = saving.work(pay_desk)
    for _ in range(INVOICES):
        pay_desk.desk.invoice(engagement_id=work, due_on=date(2026, 5, 22))


def unpaid() -> int:
    with reading() as connection:
        wanted = select(func.count()).select_from(invoice).where(invoice.c.stage == "open")
        return int(connection.scalar(wanted) or 0)


def paid_times() -> set[int]:
    """How often the invoices are paid in the books, each."""
    completed = payment.c.status == "Completed"
    times = select(func.count()).where(completed).group_by(payment.c.invoice_id)
    with reading() as connection:
        return set(connection.execute(times).scalars())


def charged(desk: Desk) -> list[str]:
    """What Stripe took, whatever we know of it."""
    told = charges.list_charges_made(CHEN, Window(since=desk.now - DAY, until=desk.now + DAY))
    assert isinstance(told, Ok)
    return [each.id for each in told.value.items if each.status is ChargeStatus.SUCCEEDED]
