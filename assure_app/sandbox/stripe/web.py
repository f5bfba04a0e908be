"""The sandbox's routes: the API under /v1, the controls under /_sandbox."""

from collections.abc import Callable
from functools import cache

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from assure_app.sandbox.stripe import (
    account_links,
    accounts,
    balance_transactions,
    charges,
    checkout_sessions,
    controls,
    customers,
    disputes,
    events,
    mandates,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    setup_intents,
    webhook_endpoints,
)
from assure_app.sandbox.stripe.api import Api
from assure_app.sandbox.stripe.endpoint import Endpoint
from assure_app.sandbox.stripe.sandbox import Sandbox

_NOUNS = (
    *(account_links, accounts, balance_transactions, charges, checkout_sessions, customers),
    *(disputes, events, mandates, payment_intents, payment_methods, payouts, refunds),
    *(setup_intents, webhook_endpoints),
)
ENDPOINTS: tuple[Endpoint, ...] = tuple(each for noun in _NOUNS for each in noun.ENDPOINTS)


def routes(sandbox: Callable[[], Sandbox]) -> list[BaseRoute]:
    """The routes of a sandbox, which is opened when it is asked for the first time."""

    @cache
    def api() -> Api:
        return Api(sandbox())

    def answering(endpoint: Endpoint) -> Route:
        async def answer(request: Request) -> Response:
            return await api().answer(endpoint, request)

        return Route(endpoint.path, answer, methods=[endpoint.method])

    return [
        *(answering(endpoint) for endpoint in ENDPOINTS),
        Route("/v1/{rest:path}", _unknown, methods=["GET", "POST", "DELETE"]),
        *controls.routes(sandbox),
    ]


def _unknown(request: Request) -> Response:
    message = f"Unrecognized request URL ({request.method}: {request.url.path})."
    return JSONResponse({"error": {"type": "invalid_request_error", "message": message}}, 404)
