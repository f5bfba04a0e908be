"""From the local Stripe's page to the books: signed, sent, kept and applied as in a real day."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assure_app import clock, live, sandbox_keys
from assure_app.billing import online_payments, stripe_accounts
from assure_app.billing.reading import stripe_page
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.portal_access import PortalPrincipal, PortalRole
from assure_app.models import Contact
from assure_app.sandbox.stripe import Sandbox, acts, hosted, make_app
from assure_app.sandbox.stripe.deliverer import deliver_to
from assure_app.settings import get_settings
from assure_app.stripe_gateway import accounts
from assure_app.stripe_gateway.outcomes import Ok
from assure_app.web.routes import app
from assure_app.worker import periodic, stripe_inbox
from tests.factories import insert
from tests.support.desk import Desk, open_desk
from tests.support.stripe_transports import InProcess, stripe_over
from tests.support.waiting import until

CHEN = "acct_1ChenAdvisory"


@dataclass(frozen=True, slots=True)
class Shop:
    """A firm whose client may pay, and the local Stripe that both meet."""

    desk: Desk
    payer: PortalPrincipal
    sandbox: Sandbox
    told: list[int]

    def open_page(self, number: str) -> str:
        """The client presses Pay now for all of it: the session."""
        started = online_payments.start_checkout(
            self.payer,
            self.desk.stored(number)["pay_token"],
            "1000",
            form_token=secrets.token_urlsafe(24),
            now=clock.now(),
        )
        return started.url.rpartition("/")[2]

    async def deliver(self) -> list[int]:
        """Stripe sends what it has to tell; the statuses that it is answered with."""
        return await deliver_to(self.sandbox, app)

    def facts(self) -> list[tuple[Any, ...]]:
        return [(row["status"], row["amount_cents"], row["fee_cents"]) for row in self.desk.rows()]


@pytest.fixture
def shop(sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    assert sqlite_database
    told: list[int] = []

    async def changed(firm_id: int) -> None:
        told.append(firm_id)

    monkeypatch.setattr(live, "changed", changed)
    local = make_app(tmp_path, keys=sandbox_keys.read(get_settings()))
    sandbox: Sandbox = local.state.sandbox
    with stripe_over(InProcess(local)):
        desk = open_desk()
        yield Shop(desk, connected_payer(desk), sandbox, told)
    sandbox.close()


def connected_payer(desk: Desk) -> PortalPrincipal:
    found = accounts.retrieve_account(CHEN)
    assert isinstance(found, Ok)
    email = "anita@patelfamily.example"
    with unit_of_work() as connection:
        stripe_accounts.connect(connection, desk.jane.firm_id, found.value, now=clock.now())
        contact_id = insert(
            connection, Contact, client_id=desk.client_id, name="Anita Patel", email=email
        )
    return PortalPrincipal(
        contact_id=contact_id,
        client_id=desk.client_id,
        firm_id=desk.jane.firm_id,
        name="Anita Patel",
        email=email,
        role=PortalRole.OWNER,
    )


@asynccontextmanager
async def working() -> AsyncIterator[None]:
    task = asyncio.create_task(stripe_inbox.apply_events())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_card_payment_is_in_the_books_with_stripes_own_fee(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_inbox, "LOOK_SECONDS", 3600)
    session_id = await asyncio.to_thread(shop.open_page, shop.desk.invoice())
    hosted.pay_by_test_method(shop.sandbox, session_id, "pm_card_visa_chargeDeclined")
    hosted.pay_by_test_method(shop.sandbox, session_id, "pm_card_visa")
    shop.sandbox.advance(1)

    async with working():
        statuses = await shop.deliver()
        await until(lambda: len(shop.facts()) == 2 and shop.facts()[1][0] == "Completed")

    assert set(statuses) == {200}
    assert shop.facts() == [("Failed", 100_000, 0), ("Completed", 100_000, 2_930)]
    assert set(shop.told) == {shop.desk.jane.firm_id}
    assert verify() == []


async def test_a_bank_payment_is_pending_until_the_bank_says_so(shop: Shop) -> None:
    number = shop.desk.invoice()
    session_id = await asyncio.to_thread(shop.open_page, number)
    hosted.pay_by_test_method(shop.sandbox, session_id, "pm_usBankAccount_success")

    async with working():
        await shop.deliver()
        await until(lambda: shop.facts() == [("Pending", 100_000, 0)])
        charge_id = shop.desk.rows()[0]["stripe_charge_id"]
        acts.settle(shop.sandbox, charge=charge_id)
        await shop.deliver()
        await until(lambda: shop.facts() == [("Completed", 100_000, 0)])

    assert shop.desk.stored(number)["balance_cents"] == 0
    assert verify() == []


async def test_what_comes_twice_and_in_any_order_counts_once(shop: Shop) -> None:
    session_id = await asyncio.to_thread(shop.open_page, shop.desk.invoice())
    acts.plan_fault(shop.sandbox, kind="duplicate", value=3, count=20)
    hosted.pay_by_test_method(shop.sandbox, session_id, "pm_card_visa")
    due = shop.sandbox.deliveries()

    async with working():
        await asyncio.gather(*(deliver_to(shop.sandbox, app, [each]) for each in reversed(due)))
        await until(lambda: [fact[0] for fact in shop.facts()] == ["Completed"])

    assert len(due) > len({each.payload for each in due})
    assert len(shop.desk.rows()) == 1
    assert verify() == []


async def test_what_no_callback_told_is_found_in_stripes_list(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_inbox, "LOOK_SECONDS", 3600)
    session_id = await asyncio.to_thread(shop.open_page, shop.desk.invoice())
    hosted.pay_by_test_method(shop.sandbox, session_id, "pm_card_visa")
    net = periodic.BY_NAME["stripe-events"]

    async with working():
        await asyncio.to_thread(periodic.do_all_due, net, now=clock.now)
        await until(lambda: [fact[0] for fact in shop.facts()] == ["Completed"])

    assert verify() == []


async def test_a_firm_that_disconnects_us_takes_no_payments_any_more(shop: Shop) -> None:
    assert stripe_page.page(shop.desk.jane, now=clock.now()).connection.state == "Active"

    acts.deauthorize(shop.sandbox, account=CHEN)
    async with working():
        await shop.deliver()
        await until(lambda: shop.told == [shop.desk.jane.firm_id])

    connection = stripe_page.page(shop.desk.jane, now=clock.now()).connection
    assert connection.state == "Not connected"
