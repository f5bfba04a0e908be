"""A change made in one tab shows in every other open tab of the firm, without a reload (R144).

After a commit somebody says `changed`. A relay in each web process hears it, waits a moment for
more, and gives every open tab of that firm a refresh event. The event passes the same guard as any
other and reads the database anew, so this module carries no data, only "look again".
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import reflex as rx
from redis import asyncio as redis
from reflex_base.event import Event

from assure_app import clock
from assure_app.settings import get_settings

_CHANNEL = "assure:changed"
_COALESCE_SECONDS = 0.1
_RECONNECT_SECONDS = 1.0
_CALENDAR_SECONDS = 20.0
_MOST_WAITING = 10_000

_log = logging.getLogger(__name__)
_waiting: asyncio.Queue[int] = asyncio.Queue(_MOST_WAITING)
_firm_of_tab: dict[str, int] = {}
_portal_tabs: set[str] = set()
_timezone_of_firm: dict[int, str] = {}
_day_of_firm: dict[int, date] = {}


def watch(tab_token: str, firm_id: int, timezone: str, *, in_portal: bool = False) -> None:
    """From now on this tab hears of changes in this firm, and of its midnights.

    `in_portal` says that it shows a page of the portal: it gets the event that reads such a page.
    """
    _firm_of_tab[tab_token] = firm_id
    (_portal_tabs.add if in_portal else _portal_tabs.discard)(tab_token)
    _timezone_of_firm[firm_id] = timezone
    # What the tab shows now is of this day, also when the next look is after midnight.
    _day_of_firm.setdefault(firm_id, clock.today(timezone))


async def changed(firm_id: int) -> None:
    """Say, after the commit, that something of this firm's invoices changed.

    Never raises: what was committed stays so, whether or not other tabs hear of it at once.
    """
    address = get_settings().redis_url
    if not address:
        _hear(firm_id)
        return
    try:
        async with redis.from_url(address) as connection:
            await connection.publish(_CHANNEL, str(firm_id))
    except redis.RedisError as error:
        _log.warning("Other tabs were not told of a change: %s", error)
        _hear(firm_id)


def relay(
    app: rx.App, refresh: Callable[[], Any], portal_refresh: Callable[[], Any]
) -> Callable[[], Any]:
    """The lifespan task of one web process that passes changes on to its own tabs."""

    async def run() -> None:
        async for firm_id in _heard():
            firm_ids = {firm_id} | await _more()
            await _tell(app, firm_ids, refresh, portal_refresh)

    return run


async def midnights() -> None:
    """The lifespan task that wakes a firm's tabs when its day ends: invoices fall due (R074)."""
    while True:
        for firm_id in firms_past_midnight(_day_of_firm, _timezone_of_firm):
            _hear(firm_id)
        await asyncio.sleep(_CALENDAR_SECONDS)


def firms_past_midnight(days: dict[int, date], timezones: Mapping[int, str]) -> list[int]:
    """The firms whose calendar day is another than the one kept in `days`, which is updated."""
    past = []
    for firm_id, timezone in tuple(timezones.items()):
        today = clock.today(timezone)
        if days.setdefault(firm_id, today) != today:
            days[firm_id] = today
            past.append(firm_id)
    return past


def _hear(firm_id: int) -> None:
    with suppress(asyncio.QueueFull):
        _waiting.put_nowait(firm_id)


async def _heard() -> AsyncIterator[int]:
    address = get_settings().redis_url
    if address:
        listener = asyncio.create_task(_listen(address))
        listener.add_done_callback(lambda task: task.cancelled() or task.exception())
    while True:
        yield await _waiting.get()


async def _listen(address: str) -> None:
    """Take what other processes say; a lost connection is made again."""
    while True:
        try:
            async with redis.from_url(address) as connection, connection.pubsub() as channel:
                await channel.subscribe(_CHANNEL)
                for firm_id in set(_firm_of_tab.values()):
                    _hear(firm_id)  # whatever was said while nobody listened
                async for message in channel.listen():
                    if message["type"] == "message" and message["data"].isdigit():
                        await _waiting.put(int(message["data"]))
        except redis.RedisError as error:
            _log.warning("Live messages are interrupted: %s", error)
            await asyncio.sleep(_RECONNECT_SECONDS)


async def _more() -> set[int]:
    await asyncio.sleep(_COALESCE_SECONDS)
    more = set()
    while not _waiting.empty():
        more.add(_waiting.get_nowait())
    return more


async def _tell(
    app: rx.App,
    firm_ids: set[int],
    refresh: Callable[[], Any],
    portal_refresh: Callable[[], Any],
) -> None:
    namespace = app.event_namespace
    open_tabs = set(namespace.token_to_sid) if namespace else set()
    for token in set(_firm_of_tab) - open_tabs:
        del _firm_of_tab[token]
        _portal_tabs.discard(token)
    for token, firm_id in tuple(_firm_of_tab.items()):
        if firm_id in firm_ids:
            again = portal_refresh() if token in _portal_tabs else refresh()
            await app.event_processor.enqueue_many(token, *Event.from_event_type(again))
