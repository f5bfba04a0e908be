"""What wakes open tabs, without a browser; journeys prove the rest."""

import asyncio
from datetime import UTC, datetime

import pytest
import time_machine
from redis import asyncio as redis

from assure_app import live
from assure_app.settings import get_settings


def test_each_firm_has_its_own_midnight() -> None:
    days: dict[int, object] = {}
    zones = {1: "America/New_York", 2: "America/Chicago"}
    past = []

    for hour, minute in ((3, 59), (4, 0), (4, 1), (5, 0), (5, 30)):
        with time_machine.travel(datetime(2026, 5, 23, hour, minute, tzinfo=UTC), tick=False):
            past.append(live.firms_past_midnight(days, zones))  # type: ignore[arg-type]

    assert past == [[], [1], [], [2], []]


def test_a_tab_opened_just_before_midnight_hears_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for kept in ("_firm_of_tab", "_timezone_of_firm", "_day_of_firm"):
        monkeypatch.setattr(live, kept, {})

    with time_machine.travel(datetime(2026, 5, 23, 3, 59, 55, tzinfo=UTC), tick=False):
        live.watch("the first tab of the firm", 1, "America/New_York")
    with time_machine.travel(datetime(2026, 5, 23, 4, 0, 5, tzinfo=UTC), tick=False):
        past = live.firms_past_midnight(live._day_of_firm, live._timezone_of_firm)

    assert past == [1]


async def test_a_dead_redis_does_not_undo_what_was_committed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Dead:
        async def __aenter__(self) -> None:
            raise redis.ConnectionError("refused")

        async def __aexit__(self, *_: object) -> None: ...

    settings = get_settings().model_copy(update={"redis_url": "redis://127.0.0.1:1"})
    monkeypatch.setattr(live, "get_settings", lambda: settings)
    monkeypatch.setattr(redis, "from_url", lambda _: Dead())

    monkeypatch.setattr(live, "_waiting", asyncio.Queue())

    await live.changed(7)

    assert live._waiting.get_nowait() == 7
