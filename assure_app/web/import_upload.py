"""Bringing in a file to be imported, as a browser sends it from our own page, and example files.

The file goes into the database, seen by its own firm only, and the browser to the page that shows
what it holds.
"""

import asyncio
import logging
from urllib.parse import urlencode

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Message

from assure_app import clock
from assure_app.auth import cookies, sessions
from assure_app.auth.guard import SIGN_IN_PATH
from assure_app.billing.importing import files, service
from assure_app.billing.importing.examples import EXAMPLES
from assure_app.billing.importing.problems import ImportRefused
from assure_app.billing.importing.reading import LONGEST_FILE_BYTES
from assure_app.domain.errors import BillingError, PermissionDenied
from assure_app.domain.permissions import Principal
from assure_app.web.same_site import is_from_own_pages

PAGE = "/invoices/import"
_ENVELOPE_BYTES = 64 * 1024
_MOST_READ_BYTES = 5 * LONGEST_FILE_BYTES
_AT_ONCE = asyncio.Semaphore(4)
_LONGEST_SECONDS = 300.0
_log = logging.getLogger(__name__)


class UploadRefused(Exception):
    """The file cannot be taken; the text is the word by which the page knows the sentence."""


async def upload(request: Request) -> Response:
    """Keep the file and go on to its preview, or back to the page, which says why not."""
    if not is_from_own_pages(request):
        return PlainTextResponse("Open the import page of this site.", status_code=403)
    token = cookies.session_token(request.headers.get("cookie", ""))
    try:
        principal = await asyncio.to_thread(sessions.principal_of, token, now=clock.now())
        if principal is None:
            return _to(SIGN_IN_PATH, next=PAGE)
        await asyncio.to_thread(service.require, principal, now=clock.now())
        # Each holds a file in memory; one that never ends must not keep everybody else out.
        async with _AT_ONCE, asyncio.timeout(_LONGEST_SECONDS):
            return _to(PAGE, file=str(await _keep(principal, request)))
    except UploadRefused as refusal:
        return _to(PAGE, problem=str(refusal))
    except PermissionDenied:
        return _to(PAGE)
    except (BillingError, SQLAlchemyError, TimeoutError) as error:
        _log.warning("A file could not be kept: %s", type(error).__name__)
        return _to(PAGE, problem="unavailable")


async def example(request: Request) -> Response:
    """A small file of a format, to look at."""
    key = str(request.path_params["key"])
    if key not in EXAMPLES:
        return PlainTextResponse("There is no such example.", status_code=404)
    name = {"Content-Disposition": f'attachment; filename="{key}.csv"'}
    return Response(EXAMPLES[key], media_type="text/csv; charset=utf-8", headers=name)


routes = [
    Route(f"{PAGE}/upload", upload, methods=["POST"]),
    Route(f"{PAGE}/example/{{key}}.csv", example, methods=["GET"]),
]


async def _keep(principal: Principal, request: Request) -> int:
    name, content = await _file(request, await _body(request))
    if not content:
        raise UploadRefused("nothing")
    try:
        return await asyncio.to_thread(files.keep, principal, name, content, now=clock.now())
    except ImportRefused as refusal:
        raise UploadRefused("too-large") from refusal


async def _body(request: Request) -> bytes:
    """All that was sent. What is too much is read to its end all the same, up to another limit and
    kept nowhere: a browser that is cut off while sending shows no answer at all."""
    body, read = bytearray(), 0
    async for chunk in request.stream():
        read += len(chunk)
        if read > _MOST_READ_BYTES:
            break
        if read <= LONGEST_FILE_BYTES + _ENVELOPE_BYTES:
            body += chunk
        else:
            body.clear()
    if read > LONGEST_FILE_BYTES + _ENVELOPE_BYTES:
        raise UploadRefused("too-large")
    return bytes(body)


async def _file(request: Request, body: bytes) -> tuple[str, bytes]:
    """The name and content of the form's file."""

    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        async with Request(request.scope, replay).form(max_files=1, max_fields=2) as form:
            sent = form.get("file")
            if not isinstance(sent, UploadFile):
                raise UploadRefused("nothing")
            return sent.filename or "", await sent.read()
    except HTTPException as error:
        raise UploadRefused("nothing") from error


def _to(path: str, **query: str) -> Response:
    address = f"{path}?{urlencode(query)}" if query else path
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})
