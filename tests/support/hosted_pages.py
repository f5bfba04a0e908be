"""The sandbox's pages in this process, asked as a browser asks: its forms come from its pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import stripe
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.applications import Starlette

from assure_app.sandbox import shell
from assure_app.sandbox.stripe_pages.routes import routes
from tests.support.stripe_sandbox import LocalStripe, local_stripe

HOME = "http://127.0.0.1:8001"
CARD = {
    "method": "card",
    "email": "anita@patelfamily.example",
    "number": "4242 4242 4242 4242",
    "expiry": "12 / 30",
    "cvc": "123",
    "name": "Anita Patel",
    "zip": "10001",
}
BANK = {
    "method": "us_bank_account",
    "email": "anita@patelfamily.example",
    "routing": "110000000",
    "account": "000123456789",
    "holder": "Anita Patel",
}


@dataclass
class HostedPages:
    """A browser at the pages of a sandbox; it follows no redirect by itself."""

    local: LocalStripe
    app: Starlette
    portal: BlockingPortal

    def get(self, address: str) -> httpx.Response:
        """The page at an address or a path of the sandbox."""
        parts = urlsplit(address)
        return self.portal.call(
            self._ask, "GET", f"{parts.path}?{parts.query}".rstrip("?"), {}, b""
        )

    def post(
        self, path: str, typed: dict[str, str] | bytes, headers: dict[str, str]
    ) -> httpx.Response:
        """What any program may send to a form's target."""
        body = typed if isinstance(typed, bytes) else urlencode(typed).encode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.portal.call(self._ask, "POST", path, form | headers, body)

    def send(self, page: httpx.Response, action: str, **typed: Any) -> httpx.Response:
        """Send the page's form with this action, with its hidden fields and what is typed."""
        forms = re.findall(r'<form[^>]* action="([^"]+)"[^>]*>(.*?)</form>', page.text, re.DOTALL)
        wanted = [inside for path, inside in forms if unescape(path) == action]
        chosen = next((each for each in wanted if _holds(each, typed)), None)
        assert chosen is not None, f"no form for {action} in {[path for path, _ in forms]}"
        return self.post(action, _hidden(chosen) | typed, {"Origin": HOME})

    def pay(self, session: stripe.checkout.Session, **typed: Any) -> httpx.Response:
        """Open a session's page and send its form, by card unless it is said otherwise."""
        path = f"/checkout/{session.id}"
        return self.send(self.get(path), path, **(CARD | typed))

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> httpx.Response:
        way = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=way, base_url=HOME) as client:
            return await client.request(method, path, headers=headers, content=body)


@contextmanager
def hosted_pages(directory: Path) -> Iterator[HostedPages]:
    """The pages of a fresh sandbox with the demo's firms."""
    with local_stripe(directory) as local, start_blocking_portal() as portal:
        app = Starlette(routes=[*shell.routes, *routes(lambda: local.sandbox)])
        yield HostedPages(local, app, portal)


def _holds(inside: str, typed: dict[str, Any]) -> bool:
    return "id" not in typed or _hidden(inside).get("id") == typed["id"]


def _hidden(inside: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', inside)
    return {name: unescape(value) for name, value in found}
