"""Tells browsers what our pages may do: run our own scripts, and be framed by nobody."""

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from reflex.utils.prerequisites import get_web_dir
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assure_app.auth import cookies

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


class SecurityHeaders:
    """ASGI middleware that adds the headers to every answer, pages and files included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(security_headers())
            await send(message)

        await self._app(scope, receive, send_with_headers)


@cache
def security_headers() -> dict[str, str]:
    """The headers, made once: the built pages do not change while they are served."""
    headers = {
        "Content-Security-Policy": _policy(get_web_dir() / "build" / "client"),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if cookies.is_secure():
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _policy(pages: Path) -> str:
    """The content security policy, with the hash of each inline script the built pages carry.

    Reflex shows toasts and other small commands through eval, and sets styles inline, so both stay
    allowed; a script that someone injects into a page runs neither inline nor from elsewhere.
    """
    scripts = " ".join(sorted(set(_inline_script_hashes(pages))))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'unsafe-eval' {scripts}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _inline_script_hashes(pages: Path) -> Iterator[str]:
    for page in pages.rglob("*.html"):
        for script in _INLINE_SCRIPT.findall(page.read_bytes()):
            digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
            yield f"'sha256-{digest}'"
