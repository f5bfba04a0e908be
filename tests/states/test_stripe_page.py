"""The Stripe page: read and acted on by owners and Stripe admins, with anything at all."""

from typing import Any

import pytest
from sqlalchemy import update

from assure_app.db.unit_of_work import unit_of_work
from assure_app.models.tables import firm_user
from assure_app.states.settings.stripe import StripePage
from tests.states.conftest import OpenTab
from tests.support.online import PayDesk

HOSTILE: tuple[Any, ...] = (None, True, 12.7, -1, 0, 2**31, {}, [], "x" * 5_000, "\0", "one")


@pytest.fixture
def waiting(pay_desk: PayDesk) -> PayDesk:
    """A charge that names no page of ours waits for a person."""
    charge_id = pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice()))
    pay_desk.stripe.change_charge(charge_id, metadata={})
    pay_desk.stripe.told[:] = pay_desk.stripe.told[:1]
    pay_desk.deliver()
    assert [kind for kind, _ in pay_desk.exceptions()] == ["unknown charge"]
    return pay_desk


async def test_an_owner_reads_replays_and_settles(waiting: PayDesk, tab_of: OpenTab) -> None:
    tab = tab_of(waiting.desk.jane, "/settings/stripe")

    await tab.fire(StripePage.load)
    page = await tab.state(StripePage)
    (row,) = page.rows
    assert (page.connection, row.kind, row.amount) == ("Active", "Unknown charge", "$1,000.00")

    heard = await tab.fire(StripePage.replay, exception_id=row.id)
    assert "no invoice here asked for" in heard.text
    assert len(waiting.exceptions()) == 1

    heard = await tab.fire(StripePage.settle, exception_id=row.id)
    assert "It is off the list" in heard.text
    assert (await tab.state(StripePage)).rows == ()
    assert waiting.exceptions() == []


async def test_a_silent_stripe_is_said(waiting: PayDesk, tab_of: OpenTab) -> None:
    waiting.stripe.be_silent("retrieve_charge")

    heard = await tab_of(waiting.desk.jane).fire(StripePage.replay, exception_id=1)

    assert "Stripe cannot be reached" in heard.text


async def test_nobody_else_reads_or_acts(waiting: PayDesk, tab_of: OpenTab) -> None:
    sarah = waiting.desk.someone(edit_billing=True)
    with unit_of_work() as connection:
        whose = firm_user.c.id == sarah.user_id
        connection.execute(update(firm_user).where(whose).values(is_stripe_admin=False))
    tab = tab_of(sarah, "/settings/stripe")

    await tab.fire(StripePage.load)
    page = await tab.state(StripePage)
    assert (page.rows, page.connection, page.is_loaded) == ((), "", False)
    for act in (StripePage.replay, StripePage.settle):
        await tab.fire(act, exception_id=1)

    assert len(waiting.exceptions()) == 1
    assert [text for text in waiting.desk.audit() if "was denied" in text] == [
        "Sarah Kim was denied: replay a Stripe exception (needs Stripe admin)",
        "Sarah Kim was denied: resolve a Stripe exception (needs Stripe admin)",
    ]


async def test_what_is_no_id_finds_nothing(waiting: PayDesk, tab_of: OpenTab) -> None:
    tab = tab_of(waiting.desk.jane, "/settings/stripe")

    for value in HOSTILE:
        for act in (StripePage.replay, StripePage.settle):
            heard = await tab.fire(act, exception_id=value)
            assert "This exception does not exist" in heard.text

    assert len(waiting.exceptions()) == 1
