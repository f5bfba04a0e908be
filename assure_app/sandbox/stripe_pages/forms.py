"""Forms that only their own page can send: its origin and a token of its address are asked for."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from assure_app.sandbox import shell
from assure_app.sandbox.stripe import Sandbox
from assure_app.sandbox.stripe.hosted import NotFound

LARGEST_BYTES = 16 * 1024
MOST_FIELDS = 40
LONGEST_VALUE = 500

Typed = Mapping[str, str]
Open = Callable[[], Sandbox]
Show = Callable[[Sandbox, Request], Response]
Act = Callable[[Sandbox, Request, Typed], Response]


def opening(sandbox: Open, show: Show) -> Callable[[Request], Response]:
    """A page that reads; an address that leads nowhere is told so."""

    def answer(request: Request) -> Response:
        try:
            return show(sandbox(), request)
        except NotFound:
            return _not_found()

    return answer


def taking(sandbox: Open, act: Act) -> Callable[[Request], object]:
    """A form's target."""

    async def answer(request: Request) -> Response:
        opened = await run_in_threadpool(sandbox)
        typed = await _read(request)
        if typed is None or not _is_own(opened, request, typed):
            return _refused()
        try:
            return await run_in_threadpool(act, opened, request, typed)
        except NotFound:
            return _not_found()

    return answer


def form(sandbox: Sandbox, action: str, content: str, *, kind: str = "") -> str:
    """A form whose button works once; `content` is HTML."""
    return (
        f'<form method="post" action="{escape(action)}" class="{kind}" novalidate data-once>'
        f'<input type="hidden" name="token" value="{_token(sandbox, action)}">{content}</form>'
    )


def _is_own(sandbox: Sandbox, request: Request, typed: Typed) -> bool:
    """Whether one of our own pages sent this; the Host was looked at before."""
    origin = request.headers.get("origin")
    if origin is None:
        is_same_site = request.headers.get("sec-fetch-site") == "same-origin"
    else:
        is_same_site = origin == f"{request.url.scheme}://{request.headers.get('host', '')}"
    given = typed.get("token", "").encode()
    return is_same_site and hmac.compare_digest(given, _token(sandbox, request.url.path).encode())


def _token(sandbox: Sandbox, action: str) -> str:
    key = sandbox.keys.control_token.encode()
    return hmac.new(key, f"form:{action}".encode(), hashlib.sha256).hexdigest()


async def _read(request: Request) -> Typed | None:
    """The form's fields, the last of each name; None when it is none, or too large."""
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_BYTES:
            return None
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return {name: value.strip()[:LONGEST_VALUE] for name, value in pairs}


def _refused() -> Response:
    text = (
        '<h1>This form could not be taken</h1><p class="lead">It was not sent from its own page.'
        " Open the page again and retry.</p>"
    )
    return shell.html(shell.page("Not taken", text, kind="single"), status=403)


def _not_found() -> Response:
    text = (
        '<h1>Nothing is here</h1><p class="lead">This address leads nowhere, or not any more.'
        ' Look at the <a href="/mailbox">mailbox</a> or at <a href="/stripe">Stripe</a>.</p>'
    )
    return shell.html(shell.page("Not found", text, kind="single"), status=404)
