"""Tells browsers what they may keep: built files for ever, everything else only after asking."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BUILT = "/assets/"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"


class Caching:
    """ASGI middleware for every answer; one that says for itself what may be kept is left alone.

    The build puts a hash of its content into the name of each file under /assets/, so such a file
    never changes; a page kept without asking would name files that an upgrade has taken away.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_built = scope["path"].startswith(_BUILT) and message["status"] in {200, 206, 304}
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", _FOR_EVER if is_built else _ASK_FIRST)
            await send(message)

        await self._app(scope, receive, send_with_header)
