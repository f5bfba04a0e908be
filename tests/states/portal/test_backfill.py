"""Paying past invoices all at once without a browser: who may, and what a browser cannot say."""

from typing import Any

import pytest

from assure_app import live
from assure_app.db.unit_of_work import unit_of_work
from assure_app.states.portal.backfill import Backfill
from assure_app.states.portal.home import Home
from assure_app.states.portal.refresh import PortalRefresh
from tests.auth.contacts import change_contact, enter, make_contact
from tests.factories import make_client
from tests.states.support import Desk as LiveDesk
from tests.states.support import Tab
from tests.states.test_settings_pages import HOSTILE, name_of
from tests.support.backfilling import ask_all, past
from tests.support.online import PayDesk
from tests.support.saving import save, work

SHOWN = "$1,500.00 Visa •••• 4242"


@pytest.fixture
def tab(pay_desk: PayDesk, live_desk: LiveDesk) -> Tab:
    """The portal's first page for Anita, whose company saved its first card and owes two bills."""
    past(pay_desk, work(pay_desk), 100_000, 50_000)
    save(pay_desk)
    return Tab(live_desk, portal_cookie=enter(), address="/portal")


def asked_for(pay_desk: PayDesk) -> int:
    return len([row for row in pay_desk.checkouts() if row["source"] == "backfill"])


async def test_it_is_asked_confirmed_and_followed_in_every_tab(
    tab: Tab, pay_desk: PayDesk, live_desk: LiveDesk
) -> None:
    other = Tab(live_desk, portal_cookie=tab.portal_cookie, address="/portal")
    await other.fire(Home.load)
    heard = await tab.fire(Home.load)
    assert heard.var("backfill").step == "ask"
    assert "checkout" not in heard.text

    confirmed = await tab.fire(Backfill.confirm, SHOWN)
    told = live._waiting.qsize()
    ask_all(pay_desk)
    seen = await other.hear_push(PortalRefresh.refresh)

    assert confirmed.var("backfill").news == "0 of 2 done"
    assert told == 1
    assert seen.var("backfill").news == "2 paid"
    closed = await other.fire(Backfill.close)
    assert closed.var("backfill").step == ""


async def test_pressed_twice_it_charges_once(tab: Tab, pay_desk: PayDesk) -> None:
    await tab.fire(Home.load)

    await tab.fire(Backfill.confirm, SHOWN)
    again = await tab.fire(Backfill.confirm, SHOWN)

    assert asked_for(pay_desk) == 2
    assert again.var("backfill").step == "run"


async def test_not_now_asks_no_more(tab: Tab, pay_desk: PayDesk) -> None:
    await tab.fire(Home.load)

    heard = await tab.fire(Backfill.decline)
    await tab.fire(Backfill.confirm, SHOWN)

    assert heard.var("backfill").step == ""
    assert asked_for(pay_desk) == 0


async def test_a_page_that_shows_something_else_is_shown_the_list_first(
    tab: Tab, pay_desk: PayDesk
) -> None:
    await tab.fire(Home.load)
    past(pay_desk, 1, 25_000)

    stale = await tab.fire(Backfill.confirm, SHOWN)
    assert "What is on file has changed meanwhile" in stale.var("problem")
    assert stale.var("backfill").total == "$1,750.00"
    assert asked_for(pay_desk) == 0

    await tab.fire(Backfill.confirm, "$1,750.00 Visa •••• 4242")
    assert asked_for(pay_desk) == 3


async def test_hostile_arguments_charge_nothing(tab: Tab, pay_desk: PayDesk) -> None:
    await tab.fire(Home.load)

    values: tuple[Any, ...] = (*HOSTILE, "", "$1,500.00", SHOWN + " ")
    for value in values:
        await tab.fire_raw(name_of(Backfill.confirm), {"shown": value})

    assert asked_for(pay_desk) == 0


async def test_before_anything_was_shown_nothing_is_agreed_to(tab: Tab, pay_desk: PayDesk) -> None:
    await tab.fire(Backfill.confirm, SHOWN)
    await tab.fire(Backfill.confirm, " ")

    assert asked_for(pay_desk) == 0


async def test_who_may_not_pay_is_not_asked_and_cannot_answer(tab: Tab, pay_desk: PayDesk) -> None:
    await tab.fire(Home.load)
    change_contact(pay_desk.anita.contact_id, role="viewer")

    heard = [await tab.fire(Backfill.confirm, SHOWN), await tab.fire(Backfill.decline)]
    home = await tab.fire(Home.load)

    assert all("Your role, Viewer" in each.text for each in heard)
    assert home.var("backfill").step == ""
    assert asked_for(pay_desk) == 0


async def test_another_clients_contact_has_nothing_to_answer(
    tab: Tab, pay_desk: PayDesk, live_desk: LiveDesk
) -> None:
    with unit_of_work() as connection:
        client_id = make_client(connection, pay_desk.desk.jane.firm_id)
    make_contact(client_id, "tom@x.example")
    toms = Tab(live_desk, portal_cookie=enter("tom@x.example"), address="/portal")

    heard = [await toms.fire(Home.load)]
    heard.append(await toms.fire(Backfill.decline))
    heard.append(await toms.fire(Backfill.close))
    heard.append(await toms.fire(Backfill.confirm, SHOWN))
    mine = await tab.fire(Home.load)

    assert not any("1,500" in each.text for each in heard)
    assert mine.var("backfill").step == "ask"
    assert asked_for(pay_desk) == 0
