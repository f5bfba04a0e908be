"""Sends a CSV file to the firm's person who asked for it, piece by piece as it is read."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from assure_app import clock
from assure_app.auth import cookies, sessions
from assure_app.auth.guard import SIGN_IN_PATH
from assure_app.domain.errors import BillingError, InvalidInput, PermissionDenied, Unavailable
from assure_app.domain.permissions import Principal

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """The file's name, and its text in pieces, each read in a thread when it is wanted."""

    name: str
    batches: Iterator[str]


async def sent(
    request: Request, begin: Callable[[Principal, datetime], Download], *, page: str
) -> Response:
    """The file, or the sign-in page, or a sentence: 400 for what cannot be asked, 403 without the
    right. Who signs in gets to `page`, with what the address asks for."""
    if request.method != "GET":  # A route for GET answers HEAD as well, which asks for no file.
        return Response(status_code=405, headers={"Allow": "GET"})
    try:
        token = cookies.session_token(request.headers.get("cookie", ""))
        now = clock.now()
        principal = await asyncio.to_thread(sessions.principal_of, token, now=now)
        if principal is None:
            return RedirectResponse(_sign_in(request, page), status_code=303)
        file = await asyncio.to_thread(begin, principal, now)
    except BillingError as refusal:
        return _refused(refusal)
    except (DBAPIError, PoolTimeoutError) as error:
        _log.warning("The database does not answer: %s", type(error).__name__)
        return _refused(Unavailable())
    return StreamingResponse(
        _pieces(file.batches),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Cache-Control": "no-store",
        },
    )


async def _pieces(batches: Iterator[str]) -> AsyncIterator[str]:
    while (batch := await asyncio.to_thread(next, batches, None)) is not None:
        yield batch


def _sign_in(request: Request, page: str) -> str:
    here = f"{page}?{request.url.query}" if request.url.query else page
    return f"{SIGN_IN_PATH}?next={quote(here, safe='/')}"


def _refused(refusal: BillingError) -> PlainTextResponse:
    status_code = 503
    if isinstance(refusal, InvalidInput):
        status_code = 400
    elif isinstance(refusal, PermissionDenied):
        status_code = 403
    return PlainTextResponse(
        refusal.sentence, status_code=status_code, headers={"Cache-Control": "no-store"}
    )
