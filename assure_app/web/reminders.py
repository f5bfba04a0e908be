"""Where somebody stops reminders, or has them again: by the link in each, without signing in.

Who holds the link may choose: it is of one person, and nobody can guess it. Looking at the page
changes nothing, since mail programs look at links before people do.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assure_app import clock, live
from assure_app.billing import reminder_readers
from assure_app.billing.reminder_readers import PATH, Choice
from assure_app.domain.errors import NotFound
from assure_app.web import plain_page
from assure_app.web.plain_page import Button
from assure_app.web.same_site import is_from_own_pages
from assure_app.web.session_forms import NO_DATABASE, log_silence

MOST_BODY_BYTES = 8 * 1024
_AGAIN = "again"
_STOP = Button(label="Stop reminders", name="choice", value="stop")
_START = Button(label="Get reminders again", name="choice", value=_AGAIN)


async def look(request: Request) -> Response:
    """The page with its button; it changes nothing."""
    return await _answered(lambda: reminder_readers.choice(request.path_params["token"]))


async def choose(request: Request) -> Response:
    """Stop reminders, or by our own page's button have them again.

    A mail program posts here when its reader clicks "Unsubscribe", without a cookie, from no page
    of ours, and follows no redirect (RFC 8058). It can only ever stop them.
    """
    is_again = await _says_again(request)
    if is_again and not is_from_own_pages(request):
        return plain_page.asking(
            "Nothing was changed",
            "Open the link in the email and press the button there.",
            None,
            status_code=403,
        )
    token, now = request.path_params["token"], clock.now()
    return await _answered(
        lambda: reminder_readers.choose(token, is_stopped=not is_again, now=now), is_change=True
    )


routes = [
    Route(f"{PATH}/{{token}}", look, methods=["GET"]),
    Route(f"{PATH}/{{token}}", choose, methods=["POST"]),
]


async def _says_again(request: Request) -> bool:
    """Whether the form asks for reminders again; whatever else is posted asks for none."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            return False
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=10)).get("choice") == _AGAIN
    except ValueError:
        return False


async def _answered(ask: Callable[[], Choice], *, is_change: bool = False) -> Response:
    try:
        made = await asyncio.to_thread(ask)
    except NotFound:
        return plain_page.asking(
            "This link leads nowhere",
            "Open it once more from the email: a part of it may be missing.",
            None,
            status_code=404,
        )
    except NO_DATABASE as error:
        log_silence(error)
        return plain_page.asking(
            "Please try again in a minute",
            "Our database does not answer. Nothing was changed.",
            None,
            status_code=503,
        )
    if is_change:
        await live.changed(made.firm_id)
    return _page(made)


def _page(made: Choice) -> Response:
    if made.is_stopped:
        return plain_page.asking(
            "Reminders are stopped",
            f"{made.firm} sends no more reminders about the invoices of {made.client} to"
            f" {made.email}. Invoices and receipts still come.",
            _START,
            status_code=200,
        )
    return plain_page.asking(
        f"Reminders from {made.firm}",
        f"{made.firm} sends reminders about the invoices of {made.client} to {made.email}. If you"
        " stop them, invoices and receipts still come.",
        _STOP,
        status_code=200,
    )
