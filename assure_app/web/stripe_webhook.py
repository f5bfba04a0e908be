"""What Stripe tells us: verified as sent, kept, and only then answered (R057, R060).

No cookie and no page of ours is asked for here: the signature says who sends. What the event means
is found out afterwards, from the inbox.
"""

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from assure_app import clock
from assure_app.billing import stripe_events
from assure_app.domain.errors import BillingError
from assure_app.settings import get_settings
from assure_app.stripe_gateway import webhooks
from assure_app.stripe_gateway.webhooks import BadSignature

PATH = "/stripe/webhook"
MOST_BYTES = 1_000_000
LONGEST_SECONDS = 10.0
_log = logging.getLogger(__name__)


class TooLarge(Exception):
    """More than any event of Stripe's takes."""


async def receive(request: Request) -> Response:
    """200 once the event is kept for good; else Stripe sends it again, for up to three days."""
    signature = request.headers.get("stripe-signature", "")
    if not signature:
        return _answer(400, "Only Stripe sends something here.")
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            body = await _body(request)
        event = webhooks.verify_webhook(body, signature, webhooks.secrets())
    except TooLarge:
        return _answer(413, "That is too much for an event.")
    except (BadSignature, TimeoutError, ClientDisconnect) as refusal:
        _log.warning("A message to Stripe's address was refused: %s", type(refusal).__name__)
        return _answer(400, "Stripe did not sign this.")
    if event.is_live is not get_settings().moves_real_money:
        # An endpoint for real money hears of the test payments of the firms' accounts as well.
        return _answer(200, "That is of the other mode.")
    try:
        await asyncio.to_thread(stripe_events.receive, event, now=clock.now())
    except (BillingError, SQLAlchemyError) as problem:
        _log.warning("An event could not be kept: %s", type(problem).__name__)
        return _answer(503, "Send it again later.")
    return _answer(200, "Kept.")


routes = [Route(PATH, receive, methods=["POST"])]


async def _body(request: Request) -> bytes:
    """The bytes just as they were sent, since those are what is signed."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and len(told) < 20 and int(told) > MOST_BYTES:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise TooLarge
    return bytes(body)


def _answer(status_code: int, text: str) -> Response:
    return PlainTextResponse(text, status_code=status_code, headers={"Cache-Control": "no-store"})
