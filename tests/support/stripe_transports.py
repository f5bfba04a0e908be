"""Ways for the gateway's requests that need no network: canned answers, and an application."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import stripe
from anyio.from_thread import start_blocking_portal
from starlette.types import ASGIApp

from assure_app.stripe_gateway import client


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request as it would have gone over the wire."""

    method: str
    path: str
    headers: Mapping[str, str]
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)


class Canned(stripe.HTTPClient):
    """Gives prepared answers, the last one again and again, and keeps what was asked."""

    name = "canned"

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Sent] = []
        self._answers: list[Answer | Exception] = [Answer()]

    def answers(self, *answers: object, status: int = 200) -> None:
        """Answer with these next: Answers, exceptions to raise, or values to be sent as JSON."""
        self._answers = [
            each
            if isinstance(each, Answer | Exception)
            else Answer(status=status, body=json.dumps(each).encode())
            for each in answers
        ]

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        parts = urlsplit(url)
        query = post_data if method == "post" else parts.query
        self.sent.append(
            Sent(
                method=method,
                path=parts.path,
                headers=dict(headers or {}),
                params=dict(parse_qsl(query or "", keep_blank_values=True)),
            )
        )
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer.body, answer.status, answer.headers

    def close(self) -> None:
        """There is nothing to close."""


class InProcess(stripe.HTTPClient):
    """Sends every request to an application in this process, the sandbox for one.

    The application has a thread and an event loop of its own, so that it may be asked from
    anywhere.
    """

    name = "in-process"

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._opening = start_blocking_portal()
        self._portal = self._opening.__enter__()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app))

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        answer = self._portal.call(self._ask, method, url, headers, post_data)
        return answer.content, answer.status_code, answer.headers

    def close(self) -> None:
        self._portal.call(self._client.aclose)
        self._opening.__exit__(None, None, None)

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None, body: str | None
    ) -> httpx.Response:
        return await self._client.request(method, url, headers=headers, content=body)


@contextmanager
def stripe_over(transport: stripe.HTTPClient, *, most_retries: int = 0) -> Iterator[None]:
    """Let the gateway ask over this transport for a while, without trying anything twice."""
    client.configure(transport, most_retries=most_retries)
    try:
        yield
    finally:
        client.dispose()
        transport.close()  # type: ignore[no-untyped-call]
