"""Webhooks: truly signed, sent side by side, again until taken, and wrong when they are told to."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import stripe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assure_app.sandbox.stripe import acts
from assure_app.sandbox.stripe.deliverer import deliver_for_ever, deliver_to
from tests.support.stripe_sandbox import CHEN, KEYS, LocalStripe

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


class Product:
    """Takes webhooks as the product does: verifies, keeps, answers."""

    def __init__(self, *statuses: int) -> None:
        self.events: list[stripe.Event] = []
        self._statuses = list(statuses)
        self.app = Starlette(routes=[Route("/stripe/webhook", self._take, methods=["POST"])])

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]

    async def _take(self, request: Request) -> Response:
        signature = request.headers["stripe-signature"]
        body = await request.body()
        event = stripe.Webhook.construct_event(body, signature, KEYS.webhook_secret)
        self.events.append(event)
        return Response(status_code=self._statuses.pop(0) if self._statuses else 200)


async def test_events_are_signed_name_their_account_and_are_sent_once(local: LocalStripe) -> None:
    product = Product()
    await asyncio.to_thread(local.paid)

    statuses = await deliver_to(local.sandbox, product.app)

    assert statuses == [200] * 4
    assert product.types == PAID
    assert {event.account for event in product.events} == {CHEN}
    assert local.sandbox.deliveries(is_due=False) == []


async def test_a_test_may_send_them_in_any_order_and_twice(local: LocalStripe) -> None:
    product = Product()
    await asyncio.to_thread(local.paid)
    waiting = local.sandbox.deliveries()

    await deliver_to(local.sandbox, product.app, [*reversed(waiting), waiting[0]])

    assert product.types == [*reversed(PAID), PAID[0]]


async def test_what_is_not_taken_is_sent_again_later_and_later_for_three_days(
    local: LocalStripe,
) -> None:
    product = Product(*[500] * 100)
    await asyncio.to_thread(local.checkout)
    local.sandbox.advance(86_400)  # The session expires, which is one event.
    tries = 0
    started = local.sandbox.time()

    while local.sandbox.deliveries(is_due=False):
        if not local.sandbox.deliveries():
            local.sandbox.advance(int(local.sandbox.next_due_in() or 0) + 1)
        tries += len(await deliver_to(local.sandbox, product.app))

    assert tries == 14
    assert local.sandbox.time() - started <= 3 * 86_400


async def test_a_second_try_is_the_same_event(local: LocalStripe) -> None:
    product = Product(503)
    await asyncio.to_thread(local.paid)
    await deliver_to(local.sandbox, product.app)
    assert local.sandbox.deliveries() == []

    local.sandbox.advance(1)
    await deliver_to(local.sandbox, product.app)

    counts = Counter(event.id for event in product.events)
    assert sorted(counts.values()) == [1, 1, 1, 1, 2]  # The fee's event came in that second.


async def test_deliveries_go_wrong_as_told(local: LocalStripe) -> None:
    product = Product()
    acts.plan_fault(local.sandbox, kind="drop", count=1)
    acts.plan_fault(local.sandbox, kind="duplicate", value=2, count=1)
    acts.plan_fault(local.sandbox, kind="delay", value=60, count=1)
    await asyncio.to_thread(local.paid)

    await deliver_to(local.sandbox, product.app)
    at_once = product.types[:]
    local.sandbox.advance(61)
    await deliver_to(local.sandbox, product.app)

    assert at_once == PAID[2:]
    assert Counter(product.types) == Counter(
        [*(["charge.succeeded"] * 3), *PAID[2:], "charge.updated"]
    )


async def test_a_shuffled_delivery_comes_within_its_window(local: LocalStripe) -> None:
    acts.plan_fault(local.sandbox, kind="shuffle", value=30, count=4)
    await asyncio.to_thread(local.paid)

    assert len(local.sandbox.deliveries()) < 4
    local.sandbox.advance(30)
    assert len(local.sandbox.deliveries()) >= 4


async def test_an_endpoint_hears_only_what_it_asked_for(local: LocalStripe) -> None:
    create = local.client.v1.webhook_endpoints.create
    url = "http://127.0.0.1:8000/other"
    made = await asyncio.to_thread(
        create, {"url": url, "enabled_events": ["charge.succeeded"], "connect": True}
    )
    own = await asyncio.to_thread(create, {"url": url, "enabled_events": ["*"]})

    await asyncio.to_thread(local.paid)

    heard = [each.event_type for each in local.sandbox.deliveries() if each.url == url]
    assert heard == ["charge.succeeded"]
    assert str(made.secret).startswith("whsec_")
    assert (made.application is None, own.application is None) == (False, True)


async def test_nothing_more_is_sent_to_an_endpoint_that_is_gone(local: LocalStripe) -> None:
    endpoints = local.client.v1.webhook_endpoints
    await asyncio.to_thread(local.paid)
    waiting = len(local.sandbox.deliveries())

    await asyncio.to_thread(endpoints.update, "we_1AssureConnect", {"disabled": True})
    await asyncio.to_thread(local.paid)

    assert waiting == 4
    assert local.sandbox.deliveries(is_due=False) == []


@dataclass
class Listener:
    """A real HTTP server's address, what it took, and when that was all."""

    url: str
    taken: list[str] = field(default_factory=list)
    has_all: threading.Event = field(default_factory=threading.Event)


@contextmanager
def listening(*, gate: threading.Event | None = None) -> Iterator[Listener]:
    """A server that answers 200, once its gate is open."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if gate is not None:
                gate.wait(10)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            listener.taken.append(json.loads(body)["type"])
            if len(listener.taken) == len(PAID):
                listener.has_all.set()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener = Listener(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_a_slow_endpoint_holds_up_no_other(local: LocalStripe) -> None:
    gate = threading.Event()
    endpoints = local.client.v1.webhook_endpoints
    with listening() as quick, listening(gate=gate) as slow:
        await asyncio.to_thread(endpoints.update, "we_1AssureConnect", {"url": quick.url})
        await asyncio.to_thread(
            endpoints.create, {"url": slow.url, "enabled_events": ["*"], "connect": True}
        )
        delivering = asyncio.create_task(deliver_for_ever(local.sandbox))
        try:
            await asyncio.to_thread(local.paid)
            assert await asyncio.to_thread(quick.has_all.wait, 10)
            assert slow.taken == []
            gate.set()
            assert await asyncio.to_thread(slow.has_all.wait, 10)
        finally:
            gate.set()
            delivering.cancel()
            with suppress(asyncio.CancelledError):
                await delivering
    assert sorted(quick.taken) == sorted(slow.taken) == sorted(PAID)
