"""Paying from the portal's page: what the button charges, and what is said on the way back."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from assure_app.db.unit_of_work import unit_of_work
from assure_app.models.tables import contact
from assure_app.states.portal.invoice import InvoicePage
from assure_app.states.portal.refresh import PortalRefresh
from tests.auth.contacts import enter
from tests.states.support import Desk as LiveDesk
from tests.states.support import Heard, Tab
from tests.support.desk import Desk
from tests.support.online import PayDesk

FULL = {"choice": "full", "amount": "1,000.00", "shown": "$1,000.00"}
PART = {"choice": "part", "amount": "400", "shown": "$400.00"}


@pytest.fixture
def open_page(pay_desk: PayDesk, live_desk: LiveDesk) -> Callable[[str], Tab]:
    """Opens the page of an invoice for Anita; nothing is loaded yet."""

    def open_tab(number: str) -> Tab:
        address = f"/pay/{pay_desk.pay_token(number)}"
        return Tab(live_desk, portal_cookie=enter(), address=address)

    return open_tab


async def press(tab: Tab, form: dict[str, Any]) -> Heard:
    await tab.fire(InvoicePage.load)
    return await tab.fire(InvoicePage.pay, form=form)


async def test_the_whole_balance_leads_to_stripes_page(
    pay_desk: PayDesk, open_page: Callable[[str], Tab]
) -> None:
    heard = await press(open_page(pay_desk.invoice()), FULL)

    (page,) = pay_desk.checkouts()
    assert (page["amount_cents"], page["state"]) == (100_000, "open")
    assert heard.redirect == page["url"]


async def test_a_part_is_charged_as_the_button_says(
    pay_desk: PayDesk, open_page: Callable[[str], Tab]
) -> None:
    await press(open_page(pay_desk.invoice()), PART)

    assert [page["amount_cents"] for page in pay_desk.checkouts()] == [40_000]


async def test_pressed_twice_it_is_one_page(
    pay_desk: PayDesk, open_page: Callable[[str], Tab]
) -> None:
    tab = open_page(pay_desk.invoice())
    first = await press(tab, FULL)

    second = await tab.fire(InvoicePage.pay, form=FULL)

    assert second.redirect == first.redirect
    assert pay_desk.states() == ["open"]


async def test_another_amount_is_another_page_and_the_first_is_closed(
    pay_desk: PayDesk, open_page: Callable[[str], Tab]
) -> None:
    tab = open_page(pay_desk.invoice())
    await press(tab, FULL)

    await tab.fire(InvoicePage.pay, form=PART)

    assert [(page["amount_cents"], page["state"]) for page in pay_desk.checkouts()] == [
        (100_000, "expired"),
        (40_000, "open"),
    ]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (PART | {"amount": "4000", "shown": ""}, "The most you can pay is $1,000.00."),
        (PART | {"amount": "", "shown": ""}, "Enter an amount, for example 1,500.00."),
        (FULL | {"shown": "$900.00"}, "The amount was changed. Look at the button"),
        (PART | {"shown": "$1,000.00"}, "The amount was changed. Look at the button"),
        ({}, "The amount was changed. Look at the button"),
    ],
)
async def test_what_the_button_did_not_say_is_not_charged(
    pay_desk: PayDesk, open_page: Callable[[str], Tab], form: dict[str, str], said: str
) -> None:
    heard = await press(open_page(pay_desk.invoice()), form)

    assert heard.var("pay_problem").startswith(said)
    assert heard.redirect == ""
    assert pay_desk.checkouts() == []


async def test_a_viewer_is_refused_before_anything_is_asked(
    pay_desk: PayDesk, open_page: Callable[[str], Tab]
) -> None:
    with unit_of_work() as connection:
        connection.execute(update(contact).values(role="viewer"))

    heard = await press(open_page(pay_desk.invoice()), FULL)

    assert "Your role, Viewer, can see invoices but not pay them." in heard.text
    assert pay_desk.checkouts() == []


async def test_a_firm_user_cannot_pay_as_a_client(
    desk: Desk, pay_desk: PayDesk, tab_of: Callable[..., Tab]
) -> None:
    number = pay_desk.invoice()

    heard = await tab_of(desk.jane, f"/pay/{pay_desk.pay_token(number)}").fire(
        InvoicePage.pay, form=FULL
    )

    assert heard.redirect.startswith("/portal/sign-in")
    assert pay_desk.checkouts() == []


async def test_what_came_of_it_is_said_on_the_way_back(
    pay_desk: PayDesk, open_page: Callable[[str], Tab]
) -> None:
    number = pay_desk.invoice()
    tab = open_page(number)
    await press(tab, FULL)
    (page,) = pay_desk.checkouts()
    pay_desk.stripe.pay(page["session_id"])
    tab.address = f"{tab.address}?checkout={page['token']}"

    heard = await tab.fire(InvoicePage.load)

    assert heard.var("news") == "Your payment of $1,000.00 arrived. Thank you."
    assert (heard.var("outcome"), heard.var("invoice").standing) == ("paid", "Paid")
    assert [(row.method, row.state) for row in heard.var("invoice").history] == [
        ("Visa •••• 4242", "Paid")
    ]


async def test_who_comes_back_before_stripe_knows_is_told_when_it_does(
    pay_desk: PayDesk, open_page: Callable[[str], Tab]
) -> None:
    tab = open_page(pay_desk.invoice())
    await press(tab, FULL)
    (page,) = pay_desk.checkouts()
    tab.address = f"{tab.address}?checkout={page['token']}"
    assert (await tab.fire(InvoicePage.load)).var("outcome") == "open"

    pay_desk.stripe.pay(page["session_id"])
    heard = await tab.hear_push(PortalRefresh.refresh)

    assert heard.var("outcome") == "paid"


@pytest.mark.parametrize("token", ["unknown", "%00", "x" * 200])
async def test_a_payment_that_is_not_theirs_says_nothing(
    pay_desk: PayDesk, open_page: Callable[[str], Tab], token: str
) -> None:
    tab = open_page(pay_desk.invoice())
    tab.address = f"{tab.address}?checkout={token}"

    heard = await tab.fire(InvoicePage.load)

    assert heard.var("news") == ""
    assert heard.var("invoice").balance == "$1,000.00"
