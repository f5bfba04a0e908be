"""The inbox of Stripe's events is looked after for as long as we run."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from threading import Event, Lock

import pytest

from assure_app import live
from assure_app.billing import inbox_bell, stripe_events
from assure_app.billing.stripe_events import Applied
from assure_app.models.online import EventState
from assure_app.worker import stripe_inbox
from tests.support.waiting import WAIT_SECONDS, until


class Inbox:
    """Stands in for the service: what is due, and what was applied, by whom at once."""

    def __init__(self) -> None:
        self.due: list[Applied] = []
        self.taken: list[str] = []
        self.failures: list[Exception] = []
        self._taking = Lock()

    def put(self, event_id: str, *, firm_id: int | None = 7, is_changed: bool = True) -> None:
        with self._taking:
            self.due.append(
                Applied(
                    event_id=event_id,
                    state=EventState.DONE,
                    firm_id=firm_id,
                    is_changed=is_changed,
                )
            )

    def apply_next(self, *, now: datetime) -> Applied | None:
        assert now.tzinfo is not None
        with self._taking:
            if self.failures:
                raise self.failures.pop()
            if not self.due:
                return None
            self.taken.append(self.due[0].event_id)
            return self.due.pop(0)


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Inbox:
    standing = Inbox()
    monkeypatch.setattr(stripe_events, "apply_next", standing.apply_next)
    return standing


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The firms whose tabs were told to look again."""
    firms: list[int] = []

    async def changed(firm_id: int) -> None:
        firms.append(firm_id)

    monkeypatch.setattr(live, "changed", changed)
    return firms


@asynccontextmanager
async def running(task: Callable[[], Coroutine[object, object, None]]) -> AsyncIterator[None]:
    started = asyncio.create_task(task())
    try:
        yield
    finally:
        started.cancel()
        with suppress(asyncio.CancelledError):
            await started


async def test_what_waited_and_what_comes_is_applied_at_once(
    inbox: Inbox, told: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_inbox, "LOOK_SECONDS", 3600)
    inbox.put("evt_1")

    async with running(stripe_inbox.apply_events):
        await until(lambda: told == [7])
        inbox.put("evt_2", firm_id=8)
        await asyncio.to_thread(inbox_bell.ring)
        await until(lambda: told == [7, 8])

    inbox.put("evt_3")
    inbox_bell.ring()  # nobody listens any more, and nobody minds
    assert inbox.taken == ["evt_1", "evt_2"]


async def test_one_that_another_process_received_is_found(
    inbox: Inbox, told: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_inbox, "LOOK_SECONDS", 0.01)

    async with running(stripe_inbox.apply_events):
        inbox.put("evt_1")
        await until(lambda: told == [7])

    assert inbox.taken == ["evt_1"]


async def test_who_is_not_concerned_is_left_alone(
    inbox: Inbox, told: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_inbox, "LOOK_SECONDS", 3600)
    inbox.put("evt_1", is_changed=False)
    inbox.put("evt_2", firm_id=None)
    inbox.put("evt_3", firm_id=9)

    async with running(stripe_inbox.apply_events):
        await until(lambda: told == [9])

    assert sorted(inbox.taken) == ["evt_1", "evt_2", "evt_3"]


async def test_a_database_that_fails_once_does_not_end_the_work(
    inbox: Inbox,
    told: list[int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(stripe_inbox, "LOOK_SECONDS", 0.01)
    inbox.failures = [OSError("the disk is gone") for _ in range(stripe_inbox.HANDS)]
    inbox.put("evt_1")

    async with running(stripe_inbox.apply_events):
        await until(lambda: told == [7])

    assert "What Stripe tells could not be looked after" in caplog.text


async def test_a_slow_stripe_leaves_the_threads_of_people_alone(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_held, is_over = Event(), Event()

    def wait(*, now: datetime) -> None:
        is_held.set()
        is_over.wait(WAIT_SECONDS)

    monkeypatch.setattr(stripe_events, "apply_next", wait)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))

    async with running(stripe_inbox.apply_events):
        assert await asyncio.to_thread(is_held.wait, WAIT_SECONDS)
        assert await asyncio.wait_for(asyncio.to_thread(is_held.is_set), WAIT_SECONDS / 2)
        is_over.set()
