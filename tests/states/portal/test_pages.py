"""The portal's pages without a browser: who sees what, and that nothing secret crosses the wire."""

from collections.abc import Callable
from typing import Any

import pytest

from assure_app import live
from assure_app.auth import portal_sessions
from assure_app.db.unit_of_work import unit_of_work
from assure_app.states.portal.home import Home
from assure_app.states.portal.invoice import InvoicePage
from assure_app.states.portal.refresh import PortalRefresh
from tests.auth.contacts import change_contact, enter, make_contact
from tests.factories import MOMENT, make_client, make_firm, make_invoice, make_payment
from tests.states.support import Desk as LiveDesk
from tests.states.support import Tab
from tests.support.desk import Desk

OTHERS = "ines@zephyr.example"
OpenPortal = Callable[..., Tab]


@pytest.fixture
def anita(desk: Desk) -> int:
    """A contact of the desk's client."""
    return make_contact(desk.client_id)


@pytest.fixture
def portal_of(live_desk: LiveDesk) -> OpenPortal:
    """Opens a tab of the portal, signed in as whoever reads the mail of an address."""

    def open_tab(address: str = "/portal", **who: Any) -> Tab:
        return Tab(live_desk, portal_cookie=enter(**who), address=address)

    return open_tab


def link(desk: Desk, number: str) -> str:
    return f"/pay/{desk.stored(number)['pay_token']}"


def pay(desk: Desk, number: str, **values: Any) -> None:
    with unit_of_work() as connection:
        make_payment(connection, desk.stored(number)["id"], **values)


async def test_the_first_page_is_this_clients(
    desk: Desk, anita: int, portal_of: OpenPortal
) -> None:
    desk.invoice(number="INV-1")

    heard = await portal_of().fire(Home.load)

    assert heard.var("frame").client == "Patel Family"
    assert [card.number for card in heard.var("home").outstanding] == ["INV-1"]


async def test_nobody_is_led_to_the_sign_in_page_and_back(desk: Desk, live_desk: LiveDesk) -> None:
    number = desk.invoice()
    tab = Tab(live_desk, address=link(desk, number))

    heard = await tab.fire(InvoicePage.load)

    assert heard.redirect == f"/portal/sign-in?next={link(desk, number)}"
    assert desk.stored(number)["viewed_at"] is None


async def test_a_firm_user_is_nobody_here_and_a_preview_is_no_view(
    desk: Desk, tab_of: Callable[..., Tab]
) -> None:
    number = desk.invoice()

    heard = await tab_of(desk.jane, link(desk, number)).fire(InvoicePage.load)

    assert heard.redirect.startswith("/portal/sign-in")
    assert number not in heard.text
    assert desk.stored(number)["viewed_at"] is None


async def test_an_invoice_is_shown_and_noted_as_viewed_once(
    desk: Desk, anita: int, portal_of: OpenPortal
) -> None:
    number = desk.invoice()
    tab = portal_of(link(desk, number))

    heard = await tab.fire(InvoicePage.load)
    await tab.fire(InvoicePage.load)

    assert heard.var("invoice").balance == "$1,000.00"
    assert [text for text, _ in desk.timeline()].count("Invoice viewed by client") == 1
    assert live._waiting.qsize() == 1
    assert desk.stored(number)["viewed_at"] == MOMENT


@pytest.mark.parametrize("what", ["draft", "another client's", "unknown"])
async def test_what_is_not_theirs_is_a_page_that_is_not_there(
    desk: Desk, anita: int, portal_of: OpenPortal, what: str
) -> None:
    with unit_of_work() as connection:
        other = make_client(connection, desk.jane.firm_id, name="Okafor Dental")
        make_invoice(connection, other, number="INV-8")
    desk.invoice(number="INV-9", draft=True)
    number = {"draft": "INV-9", "another client's": "INV-8"}.get(what)
    address = link(desk, number) if number else "/pay/AAAAAAAAAAAAAAAAAAAAAA"

    heard = await portal_of(address).fire(InvoicePage.load)

    assert heard.var("problem") == "This invoice does not exist, or you may not see it."
    assert [word for word in ("INV-8", "INV-9", "Okafor") if word in heard.text] == []


async def test_the_wire_carries_nothing_that_is_for_the_firms_own_eyes(
    desk: Desk, anita: int, portal_of: OpenPortal
) -> None:
    number = desk.invoice()
    pay(
        desk,
        number,
        notes="xq-note",
        reference="xq-reference",
        paid_by="xq-staff",
        method="Card",
        source="online",
        fee_cents=7_777,
    )
    refund = {"reason": "xq-reason", "notes": "xq-note", "paid_by": "xq-staff"}
    pay(desk, number, reverses_id=desk.rows()[0]["id"], **refund)
    pay(desk, number, method="ACH", source="online", status="Failed", failure_reason="xq-failure")

    tab = portal_of(link(desk, number))
    told = (await tab.open()).text + (await tab.fire(InvoicePage.load)).text
    tab.address = "/portal"
    told += (await tab.fire(Home.load)).text

    assert "Refunded" in told
    secrets = ("xq-", "77.77", "recorded", desk.jane.email, "Jane Chen", "cents")
    assert [word for word in secrets if word in told] == []


async def test_one_person_at_two_firms_sees_each_apart(
    desk: Desk, anita: int, portal_of: OpenPortal
) -> None:
    with unit_of_work() as connection:
        firm_id = make_firm(connection, name="Northside CPA")
        client_id = make_client(connection, firm_id, name="Zephyr Cycles")
        make_invoice(connection, client_id, number="INV-8")
    make_contact(client_id)
    desk.invoice(number="INV-1")

    here = await portal_of("/portal").fire(Home.load)
    there = await portal_of(f"/portal?client={client_id}").fire(Home.load)

    assert [card.number for card in here.var("home").outstanding] == ["INV-1"]
    assert [card.number for card in there.var("home").outstanding] == ["INV-8"]
    assert there.var("frame").firm == "Northside CPA"


@pytest.mark.parametrize("client", ["0", "abc", "999999", "", "-1", "１"])
async def test_a_client_that_is_not_theirs_in_the_address_is_their_own(
    desk: Desk, anita: int, portal_of: OpenPortal, client: str
) -> None:
    with unit_of_work() as connection:
        make_invoice(
            connection, make_client(connection, desk.jane.firm_id, name="Okafor"), number="INV-8"
        )

    heard = await portal_of(f"/portal?client={client}").fire(Home.load)

    assert heard.var("frame").client == "Patel Family"
    assert "INV-8" not in heard.text


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"email": "new@x.example"}, {"role": "notify_only"}]
)
async def test_a_contact_who_is_changed_is_out_and_the_tab_forgets(
    desk: Desk, anita: int, portal_of: OpenPortal, change: dict[str, object]
) -> None:
    desk.invoice(number="INV-1")
    tab = portal_of()
    await tab.fire(Home.load)

    change_contact(anita, **change)
    heard = await tab.fire(Home.load)

    assert heard.redirect == "/portal/sign-in?next=/portal"
    assert "INV-1" not in heard.text
    assert (await tab.state(Home)).home.outstanding == ()


async def test_a_tab_is_bound_to_the_person_of_its_cookie(
    desk: Desk, anita: int, portal_of: OpenPortal
) -> None:
    with unit_of_work() as connection:
        client_id = make_client(connection, desk.jane.firm_id, name="Zephyr Cycles")
    make_contact(client_id, OTHERS)
    desk.invoice(number="INV-1")
    tab = portal_of()
    await tab.fire(Home.load)

    tab.portal_cookie = enter(OTHERS)
    heard = await tab.open()

    assert "INV-1" not in heard.text
    assert (await tab.state(Home)).home.outstanding == ()


async def test_signing_out_ends_an_open_tab(desk: Desk, anita: int, portal_of: OpenPortal) -> None:
    tab = portal_of()
    await tab.fire(Home.load)

    portal_sessions.sign_out(tab.portal_cookie, now=MOMENT)

    assert (await tab.fire(Home.load)).redirect == "/portal/sign-in?next=/portal"


async def test_an_open_page_follows_the_invoice(
    desk: Desk, anita: int, portal_of: OpenPortal
) -> None:
    number = desk.invoice()
    tab = portal_of(link(desk, number))
    await tab.fire(InvoicePage.load)

    pay(desk, number, amount_cents=40_000)
    heard = await tab.hear_push(PortalRefresh.refresh)

    assert heard.var("invoice").balance == "$600.00"


async def test_a_portal_tab_hears_of_its_firm_by_its_own_event(
    desk: Desk, anita: int, portal_of: OpenPortal, tab: Tab
) -> None:
    portal_tab = portal_of()
    await portal_tab.fire(Home.load)

    assert live._firm_of_tab[portal_tab.token] == desk.jane.firm_id
    assert portal_tab.token in live._portal_tabs
    assert tab.token not in live._portal_tabs


async def test_the_button_says_what_would_be_charged(
    desk: Desk, anita: int, portal_of: OpenPortal
) -> None:
    tab = portal_of(link(desk, desk.invoice()))
    await tab.fire(InvoicePage.load)

    part = await tab.fire(InvoicePage.typed, form={"choice": "part", "amount": "400"})
    wrong = await tab.fire(InvoicePage.typed, form={"choice": "part", "amount": "4000"})

    assert (part.var("charge").amount, part.var("charge").rest) == ("$400.00", "$600.00")
    assert wrong.var("charge").problem == "The most you can pay is $1,000.00."


@pytest.mark.parametrize("form", [None, 7, [], {"amount": {}}, {"choice": ["part"]}, "x"])
async def test_any_form_is_read(
    desk: Desk, anita: int, portal_of: OpenPortal, form: object
) -> None:
    tab = portal_of(link(desk, desk.invoice()))
    await tab.fire(InvoicePage.load)

    await tab.fire(InvoicePage.typed, form=form)

    assert (await tab.state(InvoicePage)).choice == "full"
