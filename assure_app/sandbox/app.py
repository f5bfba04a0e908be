"""The sandbox's own process: what stands in for the world outside, on this machine's port alone.

A page elsewhere whose name was made to lead here is turned away by the Host it asks for.
"""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from assure_app.sandbox import mailbox

app = Starlette(
    routes=[*mailbox.routes],
    middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
)
