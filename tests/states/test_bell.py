"""The bell of a tab: it counts by itself, leads on, and is everybody's own (R137, R144)."""

from datetime import timedelta
from typing import Any

import pytest

from assure_app import clock
from assure_app.billing import notification_settings
from assure_app.domain.notifications import NotificationKind
from assure_app.states.bell import Bell, NotificationList
from assure_app.states.live_refresh import LiveRefresh
from assure_app.states.settings.notifications import NotificationSettings
from tests.billing.test_notifications import tell
from tests.states.conftest import OpenTab, set_owner
from tests.states.support import Tab
from tests.support.desk import Desk

HOSTILE: tuple[Any, ...] = (
    *(None, True, 12.7, -1, 0, 2**31, 10**30, "x", "\0", "\ud800", [], {}, [{}], {"id": 1}),
)


async def test_what_is_told_meanwhile_shows_and_is_said_aloud_once(
    desk: Desk, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(desk, about="before")
    opened = await tab.open()
    assert (opened.var("unread"), (await tab.state(Bell)).aloud) == ("1", "")

    tell(desk, about="meanwhile")
    heard = await tab.hear_push(LiveRefresh.refresh)
    tell(desk, about="at once")
    again = await tab.hear_push(LiveRefresh.refresh)
    tell(desk, about="later")
    monkeypatch.setattr(clock, "now", lambda: desk.now + timedelta(minutes=1))
    later = await tab.hear_push(LiveRefresh.refresh)

    assert (heard.var("unread"), heard.var("aloud")) == ("2", "Unread notifications: 2")
    assert again.var("unread") == "3"
    with pytest.raises(KeyError):
        again.var("aloud")
    assert later.var("aloud") == "Unread notifications: 4"


async def test_the_panel_is_read_while_it_is_open_and_not_after(desk: Desk, tab: Tab) -> None:
    tell(desk, about="1", text="first")
    await tab.open()

    shown = await tab.fire(Bell.toggled, "open")
    tell(desk, about="2", text="second")
    heard = await tab.hear_push(LiveRefresh.refresh)
    await tab.fire(Bell.toggled, "closed")
    tell(desk, about="3", text="third")
    closed = await tab.hear_push(LiveRefresh.refresh)

    assert [row.text for row in shown.var("news").rows] == ["first"]
    assert [row.text for row in heard.var("news").rows] == ["second", "first"]
    assert closed.var("unread") == "3"
    assert "third" not in closed.text


async def test_following_one_opens_its_invoice_in_place_and_marks_it(desk: Desk, tab: Tab) -> None:
    number = desk.invoice()
    tell(desk, invoice_id=desk.stored(number)["id"])
    await tab.open()
    shown = await tab.fire(Bell.toggled, "open")

    heard = await tab.fire(Bell.follow, shown.var("news").rows[0].id)

    assert heard.var("unread") == ""
    assert heard.var("invoice").number == number
    assert heard.redirect == ""
    assert "closePanel" in heard.text
    assert not heard.var("news").rows[0].is_unread


async def test_from_another_page_following_leads_there(desk: Desk, tab_of: OpenTab) -> None:
    number = desk.invoice()
    tell(desk, about="1", invoice_id=desk.stored(number)["id"])
    tell(desk, about="2", kind=NotificationKind.EXCEPTION, client_id=None)
    tab = tab_of(desk.jane, "/notifications")
    opened = await tab.open()
    exception, of_invoice = opened.var("news").rows

    first = await tab.fire(Bell.follow, exception.id)
    second = await tab.fire(Bell.follow, of_invoice.id)

    assert first.redirect == "/settings/stripe"
    assert second.redirect == f"/invoices?invoice={number}"
    assert [row.is_unread for row in second.var("news").rows] == [False, False]


async def test_all_that_is_shown_is_marked_and_the_page_follows(
    desk: Desk, tab_of: OpenTab
) -> None:
    for each in "123":
        tell(desk, about=each)
    tab = tab_of(desk.jane, "/notifications")
    shown = (await tab.open()).var("news")
    tell(desk, about="unseen")

    heard = await tab.fire(Bell.mark_all_read, shown.newest_id)

    assert heard.var("unread") == "1"
    assert [row.is_unread for row in heard.var("news").rows] == [True, False, False, False]


async def test_the_page_shows_what_the_address_names(desk: Desk, tab_of: OpenTab) -> None:
    tell(desk, about="1", text="older")
    tell(desk, about="2", text="newer")
    newest = (await tab_of(desk.jane, "/notifications").open()).var("news").rows[0]

    for before, expected in (
        (str(newest.id), ["older"]),
        *((odd, ["newer", "older"]) for odd in ("", "x", "-1", "1.5", "9" * 40, "²")),
    ):
        opened = await tab_of(desk.jane, f"/notifications?before={before}").open()
        assert [row.text for row in opened.var("news").rows] == expected


async def test_who_may_see_no_billing_hears_of_nothing(desk: Desk, tab_of: OpenTab) -> None:
    tell(desk)
    tab = tab_of(desk.someone(), "/notifications")
    opened = await tab.open()
    fired = [
        await tab.fire(Bell.toggled, "open"),
        await tab.fire(Bell.follow, 1),
        await tab.fire(Bell.mark_all_read, 1),
        await tab.fire(NotificationList.load),
        await tab.fire(NotificationSettings.submit, {"app-dispute": "on"}),
        await tab.hear_push(LiveRefresh.refresh),
    ]

    for heard in (opened, *fired):
        assert "Patel" not in heard.text
        assert "$" not in heard.text
    assert (await tab.state(Bell)).unread == ""


async def test_who_loses_the_right_keeps_nothing_of_it(desk: Desk, tab: Tab) -> None:
    tell(desk)
    await tab.open()
    await tab.fire(Bell.toggled, "open")
    set_owner(desk.jane, is_owner=False)

    await tab.hear_push(LiveRefresh.refresh)

    bell = await tab.state(Bell)
    assert (bell.unread, bell.news.rows, bell.aloud) == ("", (), "")


async def test_hostile_arguments_change_nothing_and_show_nothing(
    desk: Desk, tab_of: OpenTab
) -> None:
    tell(desk)
    tab = tab_of(desk.jane)
    await tab.open()

    for hostile in HOSTILE:
        for handler in (Bell.toggled, Bell.follow, Bell.mark_all_read):
            name = handler(1).handler.fn.__qualname__  # type: ignore[operator]
            heard = await tab.fire(handler, hostile)
            assert heard.redirect == "", name
        await tab.fire(NotificationSettings.submit, hostile)

    assert (await tab.state(Bell)).unread == "1"


async def test_what_is_ticked_is_kept(desk: Desk, tab_of: OpenTab) -> None:
    tab = tab_of(desk.jane, "/settings/notifications")
    await tab.fire(NotificationSettings.load)
    ticked = {f"app-{row.kind}": "on" for row in notification_settings.start(desk.jane)}

    heard = await tab.fire(NotificationSettings.submit, ticked)

    assert "Your notifications were saved." in heard.text
    rows = notification_settings.start(desk.jane)
    assert {(row.in_app, row.by_email) for row in rows} == {(True, False)}
    assert tuple(heard.var("rows")) == rows
