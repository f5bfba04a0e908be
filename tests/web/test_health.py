"""What a load balancer hears."""

from datetime import timedelta
from pathlib import Path

import httpx
from starlette.applications import Starlette

from assure_app.billing import periods
from assure_app.db import engine, version
from assure_app.web import health
from tests.factories import MOMENT


async def ask() -> httpx.Response:
    transport = httpx.ASGITransport(app=Starlette(routes=health.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        return await client.get("/health")


async def test_a_migrated_database_is_healthy(database: str) -> None:
    answer = await ask()

    assert answer.status_code == 200
    facts = answer.json()
    assert facts == {
        "status": "ok",
        "version": "0.1.0",
        "database": "ok",
        "migration": version.head(),
        "worker": "not at work yet",
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_when_a_worker_was_last_at_work_is_said(database: str) -> None:
    periods.begin("work", timedelta(minutes=1), now=MOMENT)
    periods.end("work", is_whole=True, now=MOMENT)

    answer = await ask()

    assert answer.json()["worker"] == "at work 2026-05-22T15:00:00Z"


async def test_a_database_that_does_not_answer_is_said_plainly(
    sqlite_database: str, tmp_path: Path
) -> None:
    engine.configure(f"sqlite:///{tmp_path / 'missing' / 'assure.db'}")

    answer = await ask()

    assert answer.status_code == 503
    assert answer.json()["database"] == health.SILENT
    assert str(tmp_path) not in answer.text


async def test_a_database_that_was_never_migrated_is_not_healthy(
    sqlite_database: str, tmp_path: Path
) -> None:
    engine.configure(f"sqlite:///{tmp_path / 'empty.db'}")

    answer = await ask()

    assert answer.status_code == 503
    assert answer.json()["database"] == health.OUTDATED
