"""The sandbox's mailbox: takes what the application sends, and shows it to people (R148)."""

from collections.abc import AsyncIterator
from functools import cache
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from assure_app.addresses import LOOPBACK_HOSTS
from assure_app.sandbox import mailbox_pages
from assure_app.sandbox.mailbox_store import MailboxStore
from assure_app.settings import get_settings

LARGEST_BYTES = 10 * 1024 * 1024
PAGE_MESSAGES = 50
MOST_ATTACHMENTS = 20
_PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'"
# A message is a stranger's page: it may look as it likes, and run, load and send nothing. Its links
# lead to pages of their own, or nobody could follow "Pay now".
_MESSAGE_POLICY = (
    f"sandbox {mailbox_pages.MESSAGE_MAY}; default-src 'none'; style-src 'unsafe-inline';"
    " frame-ancestors 'self'"
)


class _TooLarge(Exception):
    pass


async def receive(request: Request) -> Response:
    """Keep the raw message of a program on this machine.

    Its type of content is one that no page of a browser may send here by itself.
    """
    if request.client is None or request.client.host not in LOOPBACK_HOSTS:
        return PlainTextResponse("Only from this machine.", 403)
    if request.headers.get("content-type") != "message/rfc822":
        return PlainTextResponse("Send a message/rfc822.", 415)
    try:
        raw = b"".join([chunk async for chunk in _limited(request)])
    except _TooLarge:
        return PlainTextResponse("At most 10 MB.", 413)
    name = await run_in_threadpool(_store().keep, raw)
    return PlainTextResponse(name, 201)


def listing(request: Request) -> Response:
    """The newest messages, or those before one of them."""
    found = _store().newest(PAGE_MESSAGES + 1, before=request.query_params.get("before", ""))
    page = mailbox_pages.listing(found[:PAGE_MESSAGES], has_older=len(found) > PAGE_MESSAGES)
    return _html(page, _PAGE_POLICY)


def message(request: Request) -> Response:
    """One message with its headers."""
    kept = _store().find(request.path_params["id"])
    if kept is None:
        return _html(mailbox_pages.not_found(), _PAGE_POLICY, status=404)
    return _html(mailbox_pages.message(kept), _PAGE_POLICY)


def message_html(request: Request) -> Response:
    """The message's own HTML, for the frame in its page."""
    kept = _store().find(request.path_params["id"])
    if kept is None:
        return _html(mailbox_pages.not_found(), _PAGE_POLICY, status=404)
    return _html(mailbox_pages.as_it_looks(kept), _MESSAGE_POLICY)


def attachment(request: Request) -> Response:
    """A file that came along, for saving; a browser is not to make anything else of it."""
    kept = _store().find(request.path_params["id"])
    place = request.path_params["place"]
    found = kept.attachments()[place : place + 1] if kept and place < MOST_ATTACHMENTS else []
    if not found:
        return _html(mailbox_pages.not_found(), _PAGE_POLICY, status=404)
    ((name, content),) = found
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


def start(_request: Request) -> Response:
    """The sandbox's front page is its mailbox."""
    return RedirectResponse("/mailbox")


routes = [
    Route("/", start),
    Route("/mailbox", listing),
    Route("/mailbox/messages", receive, methods=["POST"]),
    Route("/mailbox/{id}", message),
    Route("/mailbox/{id}/html", message_html),
    Route("/mailbox/{id}/attachments/{place:int}", attachment),
]


@cache
def _store() -> MailboxStore:
    return MailboxStore(get_settings().data_dir / "sandbox" / "mailbox")


async def _limited(request: Request) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BYTES:
            raise _TooLarge
        yield chunk


def _html(page: str, policy: str, *, status: int = 200) -> Response:
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(page, status, headers)
