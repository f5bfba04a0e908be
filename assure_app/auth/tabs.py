"""Makes a tab's token worthless to anyone without the tab's session cookie.

Reflex keys a tab's state, and every message to it, by a token that the browser puts into the live
connection's address, where logs and extensions can see it. Live updates, and answers of an event
that outlives its connection, go to whoever holds that token by then. So the token is joined with a
fingerprint of the session cookie before Reflex sees it: with another cookie, or none, it names
another, empty tab.
"""

from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from assure_app.auth import cookies

_EVENT_PATH = "/_event"
_LONGEST_TOKEN = 100


class TabTokens:
    """ASGI middleware around Reflex's live connection."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and scope["path"].startswith(_EVENT_PATH):
            scope = {**scope, "query_string": _bound(scope)}
        await self._app(scope, receive, send)


def _bound(scope: Scope) -> bytes:
    owner = cookies.fingerprint(Headers(scope=scope).get("cookie", ""))
    fields = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return urlencode(
        [
            (name, f"{value[:_LONGEST_TOKEN]}-{owner}" if name == "token" else value)
            for name, value in fields
        ]
    ).encode()
