"""Says whether this process can do its work, for load balancers and people."""

import asyncio
import logging
from functools import cache
from importlib.metadata import version as version_of

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from assure_app.billing import periods
from assure_app.db import version as database_version
from assure_app.db.unit_of_work import reading

ANSWER_SECONDS = 5
SILENT = "The database does not answer."
OUTDATED = "The database is not at this version's migration; run “assure migrate”."
_log = logging.getLogger(__name__)


async def health(_request: Request) -> JSONResponse:
    """200 with the version, the database's migration and when a worker was last at work, or 503
    with a plain sentence. A worker that is away is no reason to take this process from people."""
    try:
        migration, worker = await asyncio.wait_for(asyncio.to_thread(_look), ANSWER_SECONDS)
    except (SQLAlchemyError, TimeoutError) as error:
        _log.warning("The database does not answer: %s", type(error).__name__)
        return _answer(503, status="unavailable", database=SILENT)
    if migration != database_version.head():
        return _answer(503, status="unavailable", database=OUTDATED)
    return _answer(200, status="ok", database="ok", migration=migration, worker=worker)


routes = [Route("/health", health, methods=["GET"])]


def _look() -> tuple[str, str]:
    """The database's migration, and when a worker was last at work in it."""
    with reading() as connection:
        migration = database_version.current(connection)
    return migration, _worker() if migration == database_version.head() else ""


def _worker() -> str:
    ended = periods.last_ended()
    return "not at work yet" if ended is None else f"at work {ended:%Y-%m-%dT%H:%M:%SZ}"


def _answer(status_code: int, **facts: str) -> JSONResponse:
    return JSONResponse(
        {"version": _version(), **facts},
        status_code=status_code,
        headers={"Cache-Control": "no-store"},
    )


@cache
def _version() -> str:
    return version_of("assure-pro-billing")
