"""The Send invoices dialog of one tab: said before the act, done once, told afterwards."""

import asyncio

import pytest
from sqlalchemy import func, select

from assure_app.billing import bulk_sending, sending
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import Unavailable
from assure_app.models import Contact
from assure_app.models.tables import mail_message
from assure_app.states.bulk_send import BulkSend
from assure_app.states.list_selection import ListSelection
from assure_app.states.live_refresh import LiveRefresh
from tests.auth.people import join_team
from tests.factories import insert
from tests.states.conftest import OpenTab
from tests.states.support import Tab
from tests.states.test_list_selection import selected, told
from tests.support.desk import Desk

ANITA = "anita@patelfamily.example"


@pytest.fixture(autouse=True)
def _anita(desk: Desk) -> None:
    with unit_of_work() as connection:
        insert(connection, Contact, client_id=desk.client_id, name="Anita Patel", email=ANITA)


async def open_with(tab: Tab, *numbers: str) -> BulkSend:
    """Tick these in the list and press Send."""
    await tab.open()
    for number in numbers:
        await tab.fire(ListSelection.select, number, True)
    await tab.fire(BulkSend.open)
    return await tab.state(BulkSend)


def letters() -> int:
    with reading() as connection:
        return connection.scalar(select(func.count()).select_from(mail_message)) or 0


async def test_it_says_before_the_act_what_will_be_sent_and_what_not(desk: Desk, tab: Tab) -> None:
    draft, sent = desk.invoice(draft=True, total_cents=42_000), desk.invoice()

    state = await open_with(tab, draft, sent)

    (ready,), (refused,) = state.ready, state.refused
    assert (ready.number, ready.addresses, ready.amount) == (draft, ANITA, "$420.00")
    assert (refused.number, refused.problem != "") == (sent, True)
    assert (state.total, state.is_open, letters()) == ("$420.00", True, 0)


async def test_all_sent_closes_the_dialog_and_leaves_the_rest_ticked(desk: Desk, tab: Tab) -> None:
    drafts = [desk.invoice(draft=True) for _ in range(2)]
    sent_before = desk.invoice()
    await open_with(tab, *drafts, sent_before)

    heard = await tab.fire(BulkSend.submit)

    assert [desk.stored(number)["stage"] for number in drafts] == ["open", "open"]
    assert "Sent 2 invoices." in told(heard)
    assert 'assure.close("bulk-send")' in told(heard)
    assert await selected(tab) == [sent_before]


async def test_the_second_press_sends_nothing(desk: Desk, tab: Tab) -> None:
    number = desk.invoice(draft=True)
    await open_with(tab, number)

    await tab.fire(BulkSend.submit)
    heard = await tab.fire(BulkSend.submit)

    assert (letters(), heard.events) == (1, [])


async def test_two_tabs_at_once_send_each_invoice_once(desk: Desk, tab_of: OpenTab) -> None:
    numbers = [desk.invoice(draft=True) for _ in range(3)]
    tabs = [tab_of(desk.jane), tab_of(desk.jane)]
    for tab in tabs:
        await open_with(tab, *numbers)

    await asyncio.gather(*(tab.fire(BulkSend.submit) for tab in tabs))

    assert letters() == 3


async def test_what_was_refused_stays_ticked_with_its_sentence(desk: Desk, tab: Tab) -> None:
    mine, taken = (desk.invoice(draft=True) for _ in range(2))
    await open_with(tab, mine, taken)
    sending.mark_as_sent(desk.jane, taken, version=desk.stored(taken)["version"], now=desk.now)

    heard = await tab.fire(BulkSend.submit)

    state = await tab.state(BulkSend)
    (refused,) = state.refused
    assert (refused.number, refused.client) == (taken, "Patel Family")
    assert (
        refused.problem
        == bulk_sending.preview_many(desk.jane, [taken], now=desk.now).rows[0].problem
    )
    assert (state.ready, state.is_open, state.is_sent) == ((), True, True)
    assert "Sent 1 invoice, 1 was not sent." in told(heard)
    assert await selected(tab) == [taken]


async def test_a_change_elsewhere_shows_in_the_open_dialog(desk: Desk, tab: Tab) -> None:
    number = desk.invoice(draft=True)
    await open_with(tab, number)
    sending.mark_as_sent(desk.jane, number, version=desk.stored(number)["version"], now=desk.now)

    await tab.fire(LiveRefresh.refresh)

    state = await tab.state(BulkSend)
    assert (state.ready, [row.number for row in state.refused]) == ((), [number])


async def test_a_database_that_is_away_keeps_the_dialog_and_every_tick(
    desk: Desk, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.invoice(draft=True)
    await open_with(tab, number)

    def unavailable(*_: object, **__: object) -> None:
        raise Unavailable

    monkeypatch.setattr(bulk_sending, "send_many", unavailable)
    heard = await tab.fire(BulkSend.submit)

    state = await tab.state(BulkSend)
    assert (state.problem, len(state.ready)) == (Unavailable().sentence, 1)
    assert 'assure.refused("bulk-send")' in told(heard)
    assert await selected(tab) == [number]


async def test_nothing_ticked_opens_nothing(desk: Desk, tab: Tab) -> None:
    await tab.open()

    heard = await tab.fire(BulkSend.open)

    assert "Choose from 1 to 200 invoices." in told(heard)
    assert not (await tab.state(BulkSend)).is_open


async def test_who_may_only_look_sends_nothing_and_it_is_noted(desk: Desk, tab_of: OpenTab) -> None:
    lena = desk.someone()
    join_team(lena.user_id, lena.firm_id, "Viewers", view_billing=True, all_clients=True)
    tab = tab_of(lena)
    await tab.open()

    for handler in (BulkSend.open, BulkSend.submit):
        heard = await tab.fire(handler)
        assert "You need “Edit billing” to do this." in heard.text

    assert letters() == 0
    assert desk.audit() == ["Sarah Kim was denied: send invoices (needs Edit billing)"]
