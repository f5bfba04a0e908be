"""The sandbox's own process: what stands in for the world outside, on this machine's port alone.

A page elsewhere whose name was made to lead here is turned away by the Host it asks for.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from assure_app import sandbox_keys
from assure_app.sandbox import mailbox, shell
from assure_app.sandbox.stripe import Sandbox, web
from assure_app.sandbox.stripe.deliverer import deliver_for_ever
from assure_app.sandbox.stripe_pages.routes import routes as hosted_pages
from assure_app.settings import get_settings


@cache
def stripe() -> Sandbox:
    """The stand-in for Stripe, opened once; its webhooks go to the product's own port."""
    settings = get_settings()
    return Sandbox(
        settings.data_dir / "sandbox",
        keys=sandbox_keys.read(settings),
        webhook_url=f"http://127.0.0.1:{settings.port}/stripe/webhook",
        own_url=f"http://127.0.0.1:{settings.sandbox_port}",
    )


@asynccontextmanager
async def _delivering(_app: Starlette) -> AsyncIterator[None]:
    delivering = asyncio.create_task(deliver_for_ever(stripe()))
    try:
        yield
    finally:
        delivering.cancel()
        with suppress(asyncio.CancelledError):
            await delivering


app = Starlette(
    routes=[*shell.routes, *mailbox.routes, *hosted_pages(stripe), *web.routes(stripe)],
    middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    lifespan=_delivering,
)
