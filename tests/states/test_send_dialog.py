"""The Send dialog of a tab, without a browser (R141)."""

from typing import Any

import pytest
from sqlalchemy import update

from assure_app.db.unit_of_work import unit_of_work
from assure_app.models.tables import invoice
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.send_dialog import SendDialog
from tests.mail.letters import messages
from tests.states.conftest import OpenTab
from tests.states.support import Heard, Tab
from tests.support.desk import Desk

TO = {"to": "anita@patelfamily.example", "message": "Thank you."}


async def open_send(tab: Tab, number: str) -> Heard:
    await tab.open()
    await tab.fire(InvoiceDrawer.open, number)
    return await tab.fire(SendDialog.open, number)


async def test_what_was_sent_is_shown_at_once(desk: Desk, tab: Tab) -> None:
    number = desk.invoice(draft=True)
    opened = await open_send(tab, number)

    heard = await tab.fire(SendDialog.submit, TO)

    assert opened.var("start").number == number
    assert heard.var("invoice").status == "Sent"
    assert f"{number} sent to anita@patelfamily.example." in heard.text
    assert len(messages()) == 1


async def test_a_wrong_address_keeps_the_dialog(desk: Desk, tab: Tab) -> None:
    number = desk.invoice(draft=True)
    await open_send(tab, number)

    heard = await tab.fire(SendDialog.submit, TO | {"to": "anita"})

    assert heard.var("problems")["to"] == "“anita” is not an email address."
    assert (await tab.state(SendDialog)).start.number == number
    assert messages() == []


async def test_marked_as_sent_nothing_is_mailed(desk: Desk, tab: Tab) -> None:
    number = desk.invoice(draft=True)
    await open_send(tab, number)

    heard = await tab.fire(SendDialog.mark_as_sent)

    assert heard.var("invoice").status == "Sent"
    assert messages() == []


async def test_what_changed_since_it_was_shown_is_not_sent(desk: Desk, tab: Tab) -> None:
    number = desk.invoice(draft=True)
    await open_send(tab, number)
    with unit_of_work() as connection:
        connection.execute(update(invoice).values(version=1))

    heard = await tab.fire(SendDialog.submit, TO)

    assert "was changed meanwhile" in heard.var("problems")["form"]
    assert messages() == []


@pytest.mark.parametrize(("draft", "opens"), [(True, True), (False, False)])
async def test_the_address_opens_it_for_a_draft_only(
    desk: Desk, tab_of: OpenTab, *, draft: bool, opens: bool
) -> None:
    number = desk.invoice(draft=draft)
    tab = tab_of(desk.jane, f"/invoices?invoice={number}&send=1")

    heard = await tab.open()

    assert ('assure.open("send-invoice")' in heard.text.replace("\\", "")) is opens


async def test_who_may_not_send_is_told(desk: Desk, tab_of: OpenTab) -> None:
    number = desk.invoice(draft=True)
    viewer = desk.someone(view_billing=True, all_clients=True)
    tab = tab_of(viewer, f"/invoices?invoice={number}&send=1")

    await tab.open()
    heard = await tab.fire(SendDialog.submit, TO)

    assert "You need “Edit billing”" in heard.text
    assert messages() == []


@pytest.mark.parametrize("typed", [None, [], {"to": 3}, {"to": {}}, {"to": "\0"}, 12.7])
async def test_anything_may_be_fired(desk: Desk, tab: Tab, typed: Any) -> None:
    number = desk.invoice(draft=True)
    await open_send(tab, number)

    await tab.fire_raw(f"{SendDialog.get_full_name()}.submit", {"form": typed})

    assert messages() == []
    assert desk.stored(number)["stage"] == "draft"
