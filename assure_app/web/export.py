"""Downloading the list as it is filtered and sorted, or the payments of what it lists, at the
list's own address plus a name."""

import asyncio
import logging
from collections.abc import AsyncIterator
from urllib.parse import quote

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from assure_app import clock
from assure_app.auth import cookies, sessions
from assure_app.auth.guard import SIGN_IN_PATH, START_PATH
from assure_app.billing.reading import export
from assure_app.billing.reading.export import Content
from assure_app.billing.reading.invoice_query import Query
from assure_app.domain.errors import BillingError, InvalidInput, PermissionDenied, Unavailable

PATHS = {
    "/invoices/export.csv": Content.INVOICES,
    "/invoices/payments.csv": Content.PAYMENTS,
}
_LARGEST_ID_DIGITS = 9
_log = logging.getLogger(__name__)


async def export_list(request: Request) -> Response:
    """The file, or the sign-in page, or a sentence: 400 for wrong filters, 403 without the right.

    It takes the parameters of the list's address, so that what is shown is what is downloaded.
    """
    if request.method != "GET":  # A route for GET answers HEAD as well, which asks for no file.
        return Response(status_code=405, headers={"Allow": "GET"})
    try:
        token = cookies.session_token(request.headers.get("cookie", ""))
        now = clock.now()
        principal = await asyncio.to_thread(sessions.principal_of, token, now=now)
        if principal is None:
            return RedirectResponse(_sign_in(request), status_code=303)
        query = _query(request.query_params)
        content = PATHS[request.url.path]
        begun = await asyncio.to_thread(export.begin, principal, query, content, now=now)
    except BillingError as refusal:
        return _refused(refusal)
    except (DBAPIError, PoolTimeoutError) as error:
        _log.warning("The database does not answer: %s", type(error).__name__)
        return _refused(Unavailable())
    return StreamingResponse(
        _sent(begun),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{content}-{begun.day}.csv"',
            "Cache-Control": "no-store",
        },
    )


routes = [Route(path, export_list, methods=["GET"]) for path in PATHS]


async def _sent(begun: export.Export) -> AsyncIterator[str]:
    batches = begun.batches()
    while (batch := await asyncio.to_thread(next, batches, None)) is not None:
        yield batch


def _query(asked: QueryParams) -> Query:
    """The parameters of the address, read as the list reads them."""
    return Query(
        tile=asked.get("tile", ""),
        status=asked.get("status", ""),
        search=asked.get("q", ""),
        client_id=_id(asked.get("client", "")),
        issued_from=asked.get("from", ""),
        issued_to=asked.get("to", ""),
        sort=asked.get("sort", ""),
        descending=asked.get("order", "down") != "up",
    )


def _id(text: str) -> int:
    is_id = text.isascii() and text.isdigit() and len(text) <= _LARGEST_ID_DIGITS
    return int(text) if is_id else 0


def _sign_in(request: Request) -> str:
    here = f"{START_PATH}?{request.url.query}" if request.url.query else START_PATH
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
