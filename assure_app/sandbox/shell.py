"""What all pages of the sandbox share: their frame, and what a browser may do with them."""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

_STYLE = Path(__file__).with_name("sandbox.css")
_SCRIPT = Path(__file__).with_name("sandbox.js")
_PLACES = (("Mailbox", "/mailbox"), ("Stripe", "/stripe"))


def page(
    title: str, content: str, *, place: str = "", kind: str = "", has_script: bool = False
) -> str:
    """A whole page; `place` is the one of the sandbox's own places that it belongs to.

    `title` is text and `content` is HTML, in which whatever came from outside is escaped.
    """
    script = '<script src="/sandbox.js" defer></script>' if has_script else ""
    bar = _bar(place) if place else ""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Assure Pro sandbox</title>"
        f'<link rel="stylesheet" href="/sandbox.css">{script}</head>'
        f'<body>{bar}<main class="{kind}">{content}</main></body></html>'
    )


def html(
    text: str, *, status: int = 200, more_policy: str = "", leads_to: Iterable[str] = ()
) -> Response:
    """An answer that runs this origin's script only, and whose forms may end at `leads_to`.

    A browser holds a form to its policy through every redirect, so the addresses that a form leads
    to have to be named.
    """
    targets = " ".join(
        ["'self'", *sorted({origin for url in leads_to if (origin := _origin(url))})]
    )
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none';"
        f" frame-ancestors 'none'; form-action {targets}; {more_policy}"
    )
    headers = {
        "Content-Security-Policy": policy.rstrip("; "),
        "X-Content-Type-Options": "nosniff",
        # Without a referrer browsers call a form's origin "null", and its form would be refused.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(text, status, headers)


def is_web_address(url: str) -> bool:
    """Whether a link may lead there."""
    return bool(_origin(url))


def style(_request: Request) -> Response:
    """The look of all pages."""
    return Response(_STYLE.read_bytes(), media_type="text/css")


def script(_request: Request) -> Response:
    """What spares a click here and there; every page works without it."""
    return Response(_SCRIPT.read_bytes(), media_type="text/javascript")


routes: list[BaseRoute] = [Route("/sandbox.css", style), Route("/sandbox.js", script)]


def _bar(place: str) -> str:
    links = "".join(_link(name, path, is_current=name == place) for name, path in _PLACES)
    return (
        '<header class="bar"><p><b>Assure Pro</b> sandbox <span class="mode">Test mode</span></p>'
        f'<nav aria-label="Sandbox">{links}</nav></header>'
    )


def _link(name: str, path: str, *, is_current: bool) -> str:
    mark = ' aria-current="page"' if is_current else ""
    return f'<a href="{path}"{mark}>{name}</a>'


def _origin(url: str) -> str:
    """The origin of a web address; "" for anything else."""
    try:
        parts = urlsplit(url)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"
