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
