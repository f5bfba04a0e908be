"""Sends webhooks over HTTP, to all endpoints side by side, again until they are taken."""

import asyncio
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

import httpx
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from assure_app.sandbox.stripe import deliveries
from assure_app.sandbox.stripe.deliveries import Delivery
from assure_app.sandbox.stripe.sandbox import Sandbox

TIMEOUT_SECONDS = 10
MOST_SIDE_BY_SIDE = 20
SHORTEST_SLEEP_SECONDS = 0.02
LONGEST_SLEEP_SECONDS = 30
SLEEP_AFTER_ERROR_SECONDS = 1
_log = logging.getLogger(__name__)


async def deliver_for_ever(sandbox: Sandbox) -> None:
    """Let happen what is due and send what is due, woken at once by anything new."""
    woken = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wake() -> None:
        loop.call_soon_threadsafe(woken.set)

    sandbox.on_change = wake
    under_way: dict[int, tuple[str, asyncio.Task[None]]] = {}

    def ended(sequence: int, _task: asyncio.Task[None]) -> None:
        under_way.pop(sequence, None)
        woken.set()

    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            while True:
                woken.clear()
                try:
                    await run_in_threadpool(sandbox.run_due)
                    # What ends while the list is read would still be on it, and be sent twice.
                    already = set(under_way)
                    for delivery in await run_in_threadpool(sandbox.deliveries):
                        if delivery.sequence not in already and _may_start(delivery, under_way):
                            task = asyncio.create_task(_try(sandbox, delivery, client))
                            under_way[delivery.sequence] = (delivery.url, task)
                            task.add_done_callback(partial(ended, delivery.sequence))
                    await _sleep(sandbox, woken, is_busy=bool(under_way))
                except sqlite3.Error:
                    _log.exception("The sandbox's file cannot be used.")
                    await asyncio.sleep(SLEEP_AFTER_ERROR_SECONDS)
    finally:
        sandbox.on_change = lambda: None
        for _, task in [*under_way.values()]:
            task.cancel()


async def deliver_to(
    sandbox: Sandbox, app: ASGIApp, chosen: Sequence[Delivery] | None = None
) -> list[int]:
    """Send these deliveries, or all that are due, to an application in this process, in order.

    The answer is the status of each.
    """
    waiting = sandbox.deliveries() if chosen is None else chosen
    statuses = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        for delivery in waiting:
            answer = await client.post(
                delivery.url, content=delivery.payload.encode(), headers=delivery.headers()
            )
            _record(sandbox, delivery, str(answer.status_code), is_taken=answer.is_success)
            statuses.append(answer.status_code)
    return statuses


def _may_start(delivery: Delivery, under_way: Mapping[int, tuple[str, asyncio.Task[None]]]) -> bool:
    return sum(url == delivery.url for url, _ in under_way.values()) < MOST_SIDE_BY_SIDE


async def _try(sandbox: Sandbox, delivery: Delivery, client: httpx.AsyncClient) -> None:
    try:
        answer = await client.post(
            delivery.url, content=delivery.payload.encode(), headers=delivery.headers()
        )
        told, is_taken = str(answer.status_code), answer.is_success
    except httpx.HTTPError as error:
        told, is_taken = type(error).__name__, False
    await run_in_threadpool(_record, sandbox, delivery, told, is_taken=is_taken)


async def _sleep(sandbox: Sandbox, woken: asyncio.Event, *, is_busy: bool) -> None:
    due_in = await run_in_threadpool(sandbox.next_due_in)
    seconds = LONGEST_SLEEP_SECONDS if due_in is None else min(due_in, LONGEST_SLEEP_SECONDS)
    if is_busy and seconds == 0:
        seconds = LONGEST_SLEEP_SECONDS  # What is due is on its way, and its end wakes.
    # Not wait_for, which on Python 3.11 may swallow the end of this very task.
    with suppress(TimeoutError):
        async with asyncio.timeout(max(seconds, SHORTEST_SLEEP_SECONDS)):
            await woken.wait()


def _record(sandbox: Sandbox, delivery: Delivery, answer: str, *, is_taken: bool) -> None:
    deliveries.record(sandbox.store, delivery, answer=answer, is_taken=is_taken, now=sandbox.time())
