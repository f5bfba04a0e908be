"""Applies what Stripe told, in every web process.

Each event is taken by a conditional UPDATE, so several processes, and several hands of one, do this
at once; what a killed one had taken is due again a little later (R060). What Stripe did not tell is
asked for by the periodic work.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from assure_app import clock, live
from assure_app.billing import inbox_bell, stripe_events

LOOK_SECONDS = 5.0
HANDS = 4
"""How many events are applied at once: each waits for Stripe most of its time."""
# Threads of their own, so that a slow Stripe never takes those that people's clicks need.
_threads = ThreadPoolExecutor(HANDS, thread_name_prefix="stripe-inbox")
_log = logging.getLogger(__name__)


async def apply_events() -> None:
    """The lifespan task of the inbox: applies what is due, at once when this process received it.

    Whose books changed hears of it after each event.
    """
    loop, woken = asyncio.get_running_loop(), asyncio.Event()
    end = inbox_bell.listen(lambda: _wake(loop, woken))
    try:
        while True:
            woken.clear()
            await asyncio.gather(*(_do_all(_apply_next) for _ in range(HANDS)))
            # Not wait_for, which on Python 3.11 may swallow the end of this very task.
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await woken.wait()
    finally:
        end()


@dataclass(frozen=True, slots=True)
class _Done:
    """One thing was looked after; whose tabs should look again, None for nobody's."""

    firm_id: int | None


def _apply_next() -> _Done | None:
    applied = stripe_events.apply_next(now=clock.now())
    if applied is None:
        return None
    return _Done(applied.firm_id if applied.is_changed else None)


async def _do_all(do_next: Callable[[], _Done | None]) -> None:
    loop = asyncio.get_running_loop()
    try:
        while done := await loop.run_in_executor(_threads, do_next):
            if done.firm_id is not None:
                await live.changed(done.firm_id)
    except Exception:  # noqa: BLE001 - a task that ended would not come back before a restart
        _log.exception("What Stripe tells could not be looked after")


def _wake(loop: asyncio.AbstractEventLoop, woken: asyncio.Event) -> None:
    with suppress(RuntimeError):  # The loop has ended: this process applies nothing any more.
        loop.call_soon_threadsafe(woken.set)
