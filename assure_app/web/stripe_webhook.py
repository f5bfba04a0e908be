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
from assure_app.billing import inbox_bell, stripe_events
from assure_app.domain.errors import BillingError
from assure_app.settings import get_settings
from assure_app.stripe_gateway import webhooks
from assure_app.stripe_gateway.records import Event
from assure_app.stripe_gateway.webhooks import BadSignature

PATH = "/stripe/webhook"
MOST_BYTES = 1_000_000
LONGEST_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Turned(Exception):
    """This is not taken; `status_code` tells Stripe whether to send it again."""

    def __init__(self, status_code: int, sentence: str) -> None:
        self.status_code = status_code
        super().__init__(sentence)


async def receive(request: Request) -> Response:
    """200 once the event is kept for good; else Stripe sends it again, for up to three days."""
    try:
        event = webhooks.verify_webhook(
            await _body(request), _signature(request), webhooks.secrets()
        )
        return _answer(200, await _keep(event))
    except Turned as refusal:
        return _answer(refusal.status_code, str(refusal))
    except BadSignature as refusal:
        _log.warning("A message to Stripe's address was refused: %s", refusal)
        return _answer(400, "Stripe did not sign this.")


routes = [Route(PATH, receive, methods=["POST"])]


def _signature(request: Request) -> str:
    return request.headers.get("stripe-signature", "")


async def _body(request: Request) -> bytes:
    """The bytes just as they were sent, since those are what is signed."""
    told = request.headers.get("content-length", "")
    if not _signature(request):
        raise Turned(400, "Only Stripe sends something here.")
    if told.isdecimal() and int(told[:20]) > MOST_BYTES:
        raise Turned(413, "That is too much for an event.")
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            return await _read(request)
    except (TimeoutError, ClientDisconnect):
        raise Turned(400, "That took too long.") from None


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Turned(413, "That is too much for an event.")
    return bytes(body)


async def _keep(event: Event) -> str:
    """Put it into the inbox, unless no firm here is concerned, and say what came of it."""
    if event.is_live is not get_settings().moves_real_money:
        # An endpoint for real money hears of the test payments of the firms' accounts as well.
        return "That is of the other mode."
    if event.account_id is None:
        return "Clients pay firms, never us."
    try:
        receipt = await asyncio.to_thread(stripe_events.receive, event, now=clock.now())
    except stripe_events.ForeignAccount:
        raise Turned(404, "No firm here has this account.") from None
    except (BillingError, SQLAlchemyError) as problem:
        _log.warning("An event could not be kept: %s", type(problem).__name__)
        raise Turned(503, "Send it again later.") from None
    if receipt is stripe_events.Receipt.NEW:
        inbox_bell.ring()
    return "Kept."


def _answer(status_code: int, text: str) -> Response:
    return PlainTextResponse(text, status_code=status_code, headers={"Cache-Control": "no-store"})
