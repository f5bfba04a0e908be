"""Applies what Stripe told, and asks for what it did not tell, in every web process.

Each thing is taken by a conditional UPDATE, so several processes, and several hands of one, do this
at once; what a killed one had taken is due again a little later (R060, R064).
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from assure_app import clock, live
from assure_app.billing import inbox_bell, stripe_events, stripe_sweep

LOOK_SECONDS = 5.0
SWEEP_SECONDS = 30.0
HANDS = 4
"""How many events are applied at once: each waits for Stripe most of its time."""
# Threads of their own, so that a slow Stripe never takes those that people's clicks need.
_threads = ThreadPoolExecutor(HANDS + 1, thread_name_prefix="stripe-inbox")
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


async def sweep() -> None:
    """The lifespan task of the net: payment pages, payments and refunds nobody told of, and
    each account's list of events, which go through the inbox as callbacks do."""
    while True:
        await _do_all(_sweep_next)
        await _do_all(_refund_next)
        await _do_all(_poll_next)
        inbox_bell.ring()
        await asyncio.sleep(SWEEP_SECONDS)


@dataclass(frozen=True, slots=True)
class _Done:
    """One thing was looked after; whose tabs should look again, None for nobody's."""

    firm_id: int | None


def _apply_next() -> _Done | None:
    applied = stripe_events.apply_next(now=clock.now())
    if applied is None:
        return None
    return _Done(applied.firm_id if applied.is_changed else None)


def _sweep_next() -> _Done | None:
    swept = stripe_sweep.sweep_next(now=clock.now())
    return None if swept is None else _Done(swept.firm_id)


def _refund_next() -> _Done | None:
    swept = stripe_sweep.refund_next(now=clock.now())
    return None if swept is None else _Done(swept.firm_id)


def _poll_next() -> _Done | None:
    swept = stripe_sweep.poll_next(now=clock.now())
    return None if swept is None else _Done(swept.firm_id)


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
