"""The card of saved methods without a browser: who sees it, and what can be done with it."""

from itertools import product
from typing import Any

import pytest

from assure_app import live
from assure_app.db.unit_of_work import unit_of_work
from assure_app.states.portal.home import Home
from assure_app.states.portal.invoice import InvoicePage
from assure_app.states.portal.methods import SavedMethods
from assure_app.states.portal.refresh import PortalRefresh
from tests.auth.contacts import change_contact, enter, make_contact
from tests.factories import make_client
from tests.states.support import Desk as LiveDesk
from tests.states.support import Tab
from tests.support.online import PayDesk

FULL = {"choice": "full", "amount": "1,000.00", "shown": "$1,000.00"}
WRONG_VALUES: tuple[Any, ...] = (12.7, -5000, 10**30, "abc", None, True, {}, [], "\0", [{}], 99)


@pytest.fixture
def tab(pay_desk: PayDesk, live_desk: LiveDesk) -> Tab:
    """The portal's first page for Anita, whose company saved a card and then a bank account."""
    for kind in ("card", "us_bank_account"):
        pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice(), saves=True), method=kind)
    pay_desk.deliver()
    return Tab(live_desk, portal_cookie=enter(), address="/portal")


def shown(home: Any) -> list[tuple[str, str, bool]]:
    return [(row.name, row.detail, row.is_default) for row in home.methods]


async def test_what_was_saved_is_shown_by_its_name_alone(tab: Tab) -> None:
    heard = await tab.fire(Home.load)

    assert shown(heard.var("home")) == [
        ("Visa •••• 4242", "expires 04/30 · added May 22 by Anita Patel", True),
        ("STRIPE TEST BANK •••• 6789", "added May 22 by Anita Patel", False),
    ]
    assert "pm_" not in heard.text
    assert "cus_" not in heard.text


async def test_another_one_becomes_the_default_in_every_tab(tab: Tab, live_desk: LiveDesk) -> None:
    other = Tab(live_desk, portal_cookie=tab.portal_cookie, address="/portal")
    await other.fire(Home.load)
    await tab.fire(Home.load)

    heard = await tab.fire(SavedMethods.make_default, 2)
    told = live._waiting.qsize()
    seen = await other.hear_push(PortalRefresh.refresh)

    assert "STRIPE TEST BANK •••• 6789 is the default now." in heard.text
    assert told == 1
    assert [(row[0], row[2]) for row in shown(seen.var("home"))] == [
        ("STRIPE TEST BANK •••• 6789", True),
        ("Visa •••• 4242", False),
    ]


async def test_removing_asks_first(tab: Tab, pay_desk: PayDesk) -> None:
    await tab.fire(Home.load)

    asked = await tab.fire(SavedMethods.ask, 1)
    assert asked.var("asked").name == "Visa •••• 4242"
    assert "detach_payment_method" not in pay_desk.stripe.calls
    heard = await tab.fire(SavedMethods.remove)

    assert "Visa •••• 4242 was removed." in heard.text
    assert [row[0] for row in shown(heard.var("home"))] == ["STRIPE TEST BANK •••• 6789"]


async def test_a_silent_stripe_is_told_in_the_dialog(tab: Tab, pay_desk: PayDesk) -> None:
    await tab.fire(Home.load)
    await tab.fire(SavedMethods.ask, 1)
    pay_desk.stripe.be_silent("detach_payment_method")

    heard = await tab.fire(SavedMethods.remove)

    assert heard.var("problem").startswith("Stripe cannot be reached at the moment.")
    assert "was removed" not in heard.text


async def test_sent_twice_it_removes_one(tab: Tab, pay_desk: PayDesk) -> None:
    await tab.fire(Home.load)
    await tab.fire(SavedMethods.remove)
    await tab.fire(SavedMethods.ask, 1)
    await tab.fire(SavedMethods.remove)

    await tab.fire(SavedMethods.remove)

    assert pay_desk.stripe.calls.count("detach_payment_method") == 1
    assert [row["removed_at"] is None for row in pay_desk.methods()] == [False, True]


async def test_what_is_no_method_of_theirs_ends_in_a_sentence(tab: Tab, pay_desk: PayDesk) -> None:
    for handler, value in product((SavedMethods.make_default, SavedMethods.ask), WRONG_VALUES):
        name = f"{handler.state_full_name}.{handler.fn.__name__}"  # type: ignore[attr-defined]
        heard = await tab.fire_raw(name, {"row_id": value})
        assert "This payment method does not exist, or you may not see it." in heard.text
    await tab.fire(SavedMethods.remove)

    assert [row["removed_at"] for row in pay_desk.methods()] == [None, None]


async def test_another_clients_contact_sees_and_changes_nothing(
    tab: Tab, pay_desk: PayDesk, live_desk: LiveDesk
) -> None:
    with unit_of_work() as connection:
        client_id = make_client(connection, pay_desk.desk.jane.firm_id)
    make_contact(client_id, "tom@x.example")
    toms = Tab(live_desk, portal_cookie=enter("tom@x.example"), address="/portal")

    heard = [await toms.fire(Home.load)]
    for row_id in (1, 2):
        heard.append(await toms.fire(SavedMethods.make_default, row_id))
        heard.append(await toms.fire(SavedMethods.ask, row_id))
    heard.append(await toms.fire(SavedMethods.remove))

    assert not any("4242" in each.text or "6789" in each.text for each in heard)
    assert heard[0].var("home").shows_methods
    assert [row["is_default"] for row in pay_desk.methods()] == [True, False]


async def test_who_may_not_pay_sees_none_of_it(
    tab: Tab, pay_desk: PayDesk, live_desk: LiveDesk
) -> None:
    change_contact(pay_desk.anita.contact_id, role="viewer")

    heard = [await tab.fire(Home.load)]
    heard.append(await tab.fire(SavedMethods.ask, 1))
    heard.append(await tab.fire(SavedMethods.make_default, 2))
    await tab.fire(SavedMethods.remove)

    assert heard[0].var("home").methods == ()
    assert not heard[0].var("home").shows_methods
    assert all("Your role, Viewer" in each.text for each in heard[1:])
    assert [row["is_default"] for row in pay_desk.methods()] == [True, False]


@pytest.mark.parametrize(("typed", "saves"), [({}, False), ({"save": "yes"}, True)])
async def test_the_tick_goes_to_stripes_page(
    pay_desk: PayDesk, live_desk: LiveDesk, typed: dict[str, str], saves: bool
) -> None:
    address = f"/pay/{pay_desk.pay_token(pay_desk.invoice())}"
    page = Tab(live_desk, portal_cookie=enter(), address=address)
    await page.fire(InvoicePage.load)

    await page.fire(InvoicePage.pay, form=FULL | typed)

    assert [row["saves_method"] for row in pay_desk.checkouts()] == [saves]


async def test_ticked_after_all_it_is_another_page(pay_desk: PayDesk, live_desk: LiveDesk) -> None:
    address = f"/pay/{pay_desk.pay_token(pay_desk.invoice())}"
    page = Tab(live_desk, portal_cookie=enter(), address=address)
    await page.fire(InvoicePage.load)
    await page.fire(InvoicePage.pay, form=FULL)

    await page.fire(InvoicePage.pay, form=FULL | {"save": "yes"})

    assert [(row["saves_method"], row["state"]) for row in pay_desk.checkouts()] == [
        (False, "expired"),
        (True, "open"),
    ]


async def test_the_pay_page_names_what_can_be_chosen(
    tab: Tab, pay_desk: PayDesk, live_desk: LiveDesk
) -> None:
    address = f"/pay/{pay_desk.pay_token(pay_desk.invoice())}"
    page = Tab(live_desk, portal_cookie=tab.portal_cookie, address=address)

    heard = await page.fire(InvoicePage.load)

    assert heard.var("invoice").saved == "Visa •••• 4242 and STRIPE TEST BANK •••• 6789"


async def test_adding_one_leads_to_stripes_page_and_back(
    pay_desk: PayDesk, live_desk: LiveDesk
) -> None:
    tab = Tab(live_desk, portal_cookie=enter(), address="/portal")
    assert (await tab.fire(Home.load)).var("home").can_add
    first = await tab.fire(SavedMethods.add)
    second = await tab.fire(SavedMethods.add)
    (session_id,) = pay_desk.stripe.sessions
    pay_desk.stripe.save_on_page(session_id)
    asked = pay_desk.stripe.answers
    (address,) = [told["success_url"] for told, _ in asked.values() if "success_url" in told]
    tab.address = address.removeprefix("http://127.0.0.1:8000")

    heard = await tab.fire(Home.load)

    assert first.redirect == second.redirect == f"https://checkout.example/{session_id}"
    assert heard.var("news") == "Your payment method was saved."
    assert [row[0] for row in shown(heard.var("home"))] == ["Visa •••• 4242"]


async def test_what_the_address_names_and_is_not_theirs_says_nothing(
    pay_desk: PayDesk, live_desk: LiveDesk
) -> None:
    tab = Tab(live_desk, portal_cookie=enter(), address="/portal?saved=made-up")

    heard = await tab.fire(Home.load)

    assert heard.var("news") == ""
    assert heard.var("home").is_loaded


async def test_where_nothing_can_be_added_a_sentence_says_so(
    pay_desk: PayDesk, live_desk: LiveDesk
) -> None:
    tab = Tab(live_desk, portal_cookie=enter(), address="/portal")
    await tab.fire(Home.load)
    pay_desk.stripe.be_silent("create_customer")

    silent = await tab.fire(SavedMethods.add)
    again = await tab.fire(SavedMethods.add)

    assert "Stripe cannot be reached at the moment." in silent.text
    assert again.redirect.startswith("https://checkout.example/")
