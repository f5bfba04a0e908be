"""The Stripe page: for who may see it, refused to everybody else, with anything at all."""

from typing import Any

import pytest
from sqlalchemy import select, update

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import firm_user, stripe_account, stripe_exception
from assure_app.states.live_refresh import LiveRefresh
from assure_app.states.settings.disconnect_dialog import DisconnectDialog
from assure_app.states.settings.stripe import SettleDialog, StripePage
from assure_app.states.shell import Shell
from tests.auth.people import join_team
from tests.states.conftest import OpenTab
from tests.states.support import Tab
from tests.support.desk import Desk
from tests.support.fake_stripe import CHEN, make_account
from tests.support.online import PayDesk

HOSTILE: tuple[Any, ...] = (
    *(None, True, 12.7, float("nan"), -1, 0, 2**31, 10**30),
    *({}, {"id": 1}, [], [{}], "x" * 5_000, "\0", "one"),
)
NOTE = {"note": "Refunded in Stripe"}


@pytest.fixture
def waiting(pay_desk: PayDesk) -> PayDesk:
    """A charge that names no page of ours waits for a person."""
    charge_id = pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice()))
    pay_desk.stripe.change_charge(charge_id, metadata={})
    pay_desk.stripe.told[:] = pay_desk.stripe.told[:1]
    pay_desk.deliver()
    assert [kind for kind, _ in pay_desk.exceptions()] == ["unknown charge"]
    return pay_desk


def known() -> int:
    with reading() as connection:
        return int(connection.scalar(select(stripe_exception.c.id)) or 0)


def stored() -> list[Any]:
    with reading() as connection:
        return [
            connection.execute(select(each)).all() for each in (stripe_account, stripe_exception)
        ]


def sarah(desk: Desk, *, is_stripe_admin: bool, **rights: bool) -> Any:
    """A member of the firm with a team's rights, as stored."""
    person = desk.someone()
    join_team(person.user_id, desk.jane.firm_id, "Hers", all_clients=True, **rights)
    with unit_of_work() as connection:
        whose = firm_user.c.id == person.user_id
        connection.execute(update(firm_user).where(whose).values(is_stripe_admin=is_stripe_admin))
    return person


async def fire_everything(tab: Tab, exception_id: int) -> list[str]:
    """Everything that can be done on the page, in its order; gives what the tab hears of each."""
    acts: list[tuple[Any, dict[str, Any]]] = [
        (StripePage.check, {}),
        (StripePage.replay, {"exception_id": exception_id}),
        (SettleDialog.open, {"exception_id": exception_id}),
        (SettleDialog.submit, {"form": NOTE}),
    ]
    return [(await tab.fire(act, **payload)).text for act, payload in acts]


async def test_an_owner_reads_replays_and_settles(waiting: PayDesk, tab_of: OpenTab) -> None:
    tab = tab_of(waiting.desk.jane, "/settings/stripe")

    await tab.fire(StripePage.load)
    view = (await tab.state(StripePage)).view
    (row,) = view.waiting
    assert (view.connection.state, view.may_act) == ("Active", True)
    assert (row.kind, row.amount) == ("Unknown charge", "$1,000.00")

    heard = await tab.fire(StripePage.replay, exception_id=row.id)
    assert [delta["asking_rx_state_"] for delta in asked(heard)] == [row.id, 0]
    assert "no invoice here asked for" in heard.text
    assert len(waiting.exceptions()) == 1

    await tab.fire(SettleDialog.open, exception_id=row.id)
    assert (await tab.state(SettleDialog)).start.sentence == row.sentence
    heard = await tab.fire(SettleDialog.submit, form={"note": " "})
    assert heard.var("problems")["note"] == "Say what was done about it."
    assert len(waiting.exceptions()) == 1
    heard = await tab.fire(SettleDialog.submit, form=NOTE)
    assert "It is off the list" in heard.text
    view = (await tab.state(StripePage)).view
    assert (view.waiting, [each.note for each in view.settled]) == ((), ["Refunded in Stripe"])
    assert waiting.exceptions() == []


def asked(heard: Any) -> list[Any]:
    """What the tab was told, step by step, of what Stripe is asked about."""
    return [
        variables
        for delta in heard.deltas
        for variables in delta.values()
        if "asking_rx_state_" in variables
    ]


async def test_checking_again_shows_what_stripe_says(waiting: PayDesk, tab_of: OpenTab) -> None:
    tab = tab_of(waiting.desk.jane, "/settings/stripe")
    waiting.stripe.accounts[CHEN] = make_account(CHEN, charges_enabled=False)

    heard = await tab.fire(StripePage.check)

    assert "Stripe was asked: Restricted." in heard.text
    assert (await tab.state(StripePage)).view.connection.state == "Restricted"


async def test_a_silent_stripe_is_said(waiting: PayDesk, tab_of: OpenTab) -> None:
    tab = tab_of(waiting.desk.jane)
    waiting.stripe.be_silent("retrieve_charge")
    waiting.stripe.be_silent("retrieve_account")

    for heard in (
        await tab.fire(StripePage.replay, exception_id=known()),
        await tab.fire(StripePage.check),
    ):
        assert "Stripe cannot be reached" in heard.text
        assert heard.var("asking") == 0


async def test_every_page_counts_what_waits_and_follows(waiting: PayDesk, tab_of: OpenTab) -> None:
    tab = tab_of(waiting.desk.jane, "/settings/stripe")
    await tab.fire(Shell.load_frame)
    await tab.fire(StripePage.load)
    assert (await tab.state(Shell)).desk.stripe_waiting == 1
    with unit_of_work() as connection:
        connection.execute(update(stripe_exception).values(resolved_at=waiting.now))

    await tab.hear_push(LiveRefresh.refresh)

    assert (await tab.state(Shell)).desk.stripe_waiting == 0
    assert (await tab.state(StripePage)).view.waiting == ()


async def test_nobody_else_reads_or_acts(waiting: PayDesk, tab_of: OpenTab) -> None:
    person = sarah(waiting.desk, is_stripe_admin=False, edit_billing=True)
    tab, before = tab_of(person, "/settings/stripe"), stored()

    heard = await tab.fire(StripePage.load)
    assert "$1,000.00" not in heard.text
    assert CHEN not in heard.text
    assert (await tab.state(StripePage)).is_loaded is False
    for text in await fire_everything(tab, known()):
        assert "no invoice here asked for" not in text

    assert stored() == before
    assert waiting.stripe.calls.count("retrieve_account") == 0
    assert [text for text in waiting.desk.audit() if "was denied" in text] == [
        f"Sarah Kim was denied: {what} (needs Stripe admin)"
        for what in (
            "check the Stripe connection",
            "replay a Stripe exception",
            "settle a Stripe exception",
            "settle a Stripe exception",
        )
    ]


async def test_who_may_only_view_reads_and_acts_on_nothing(
    waiting: PayDesk, tab_of: OpenTab
) -> None:
    person = sarah(waiting.desk, is_stripe_admin=True, view_billing=True)
    tab, before = tab_of(person, "/settings/stripe"), stored()

    await tab.fire(StripePage.load)
    view = (await tab.state(StripePage)).view
    assert (len(view.waiting), view.may_act) == (1, False)
    for text in await fire_everything(tab, known()):
        assert "You need “Edit billing”" in text

    assert stored() == before
    assert len([text for text in waiting.desk.audit() if "was denied" in text]) == 3


async def test_a_stripe_admin_without_billing_sees_no_amount(
    waiting: PayDesk, tab_of: OpenTab
) -> None:
    tab = tab_of(sarah(waiting.desk, is_stripe_admin=True), "/settings/stripe")

    heard = await tab.fire(StripePage.load)

    assert "$1,000.00" not in heard.text
    view = (await tab.state(StripePage)).view
    assert (view.connection.state, view.waiting, view.may_read) == ("Active", (), False)


async def test_the_page_is_forgotten_with_the_right_to_see_it(
    waiting: PayDesk, tab_of: OpenTab
) -> None:
    person = sarah(waiting.desk, is_stripe_admin=True, edit_billing=True)
    tab = tab_of(person, "/settings/stripe")
    await tab.fire(StripePage.load)
    await tab.fire(SettleDialog.open, exception_id=known())
    with unit_of_work() as connection:
        connection.execute(update(firm_user).values(is_stripe_admin=False))

    await tab.fire(SettleDialog.submit, form=NOTE)
    await tab.hear_push(LiveRefresh.refresh)

    page, dialog = await tab.state(StripePage), await tab.state(SettleDialog)
    assert (page.view.waiting, page.is_loaded, dialog.start.id) == ((), False, 0)
    assert len(waiting.exceptions()) == 1


async def test_another_firm_finds_nothing(waiting: PayDesk, tab_of: OpenTab) -> None:
    tab, before = tab_of(waiting.desk.stranger(), "/settings/stripe"), stored()

    await tab.fire(StripePage.load)
    view = (await tab.state(StripePage)).view
    assert (view.connection.state, view.waiting, view.settled) == ("Not connected", (), ())
    told = await fire_everything(tab, known())

    assert ["This exception does not exist" in text for text in told] == [False, *[True] * 3]
    assert stored() == before


async def test_what_is_no_id_finds_nothing(waiting: PayDesk, tab_of: OpenTab) -> None:
    tab, before = tab_of(waiting.desk.jane, "/settings/stripe"), stored()

    for value in HOSTILE:
        for act in (StripePage.replay, SettleDialog.open):
            heard = await tab.fire(act, exception_id=value)
            assert "This exception does not exist" in heard.text
        await tab.fire(SettleDialog.submit, form=value)
        await tab.fire(SettleDialog.submit, form={"note": value})

    assert stored() == before


async def test_the_page_connects_comes_back_and_disconnects(
    waiting: PayDesk, tab_of: OpenTab
) -> None:
    stranger = waiting.desk.stranger()
    tab = tab_of(stranger, "/settings/stripe")
    await tab.fire(StripePage.load)
    heard = await tab.fire(StripePage.go_on)
    (account_id,) = set(waiting.stripe.accounts) - {CHEN}
    assert f"https://connect.example/{account_id}/" in heard.text
    waiting.stripe.finish_setup(account_id)

    back = tab_of(stranger, "/settings/stripe?setup=back")
    heard = await back.fire(StripePage.load)
    assert "Stripe was asked: Active." in heard.text
    late = tab_of(stranger, "/settings/stripe?setup=late")
    assert "used or too old" in (await late.fire(StripePage.load)).text

    await back.fire(DisconnectDialog.open)
    assert (await back.state(DisconnectDialog)).ending.account_id == account_id
    heard = await back.fire(DisconnectDialog.submit, form={})
    assert "Clients cannot pay online any more." in heard.text
    assert (await back.state(StripePage)).view.connection.state == "Not connected"


async def test_a_forged_return_tells_and_changes_nothing(waiting: PayDesk, tab_of: OpenTab) -> None:
    before, calls = stored(), len(waiting.stripe.calls)
    person = sarah(waiting.desk, is_stripe_admin=False, edit_billing=True)
    tab = tab_of(person, "/settings/stripe?setup=back")

    for act in (StripePage.load, StripePage.came_back, StripePage.go_on, DisconnectDialog.open):
        heard = await tab.fire(act)
        assert CHEN not in heard.text
    await tab.fire(DisconnectDialog.submit, form={"account_id": CHEN})

    assert stored() == before
    assert len(waiting.stripe.calls) == calls
    assert "Sarah Kim was denied: disconnect the firm from Stripe (needs Owner)" in (
        waiting.desk.audit()
    )
