"""How requests reach Stripe: kept connections, short limits, and what may be tried again."""

import time
from collections.abc import Mapping
from typing import Any

import httpx
import stripe

TIMEOUT_SECONDS = 10.0
CONNECT_SECONDS = 5.0
LONGEST_SECONDS = 20.0
MOST_BYTES = 16 * 1024 * 1024
_RETRY = "stripe-should-retry"
_WORTH_ANOTHER_TRY = (httpx.ConnectError, httpx.NetworkError, httpx.RemoteProtocolError)


class Transport(stripe.HTTPClient):
    """One pool of connections for all threads of a process.

    A lost connection is tried again, as is what Stripe turned away for being busy; not what fell
    silent: its caller has waited long enough, and asks again later under the same key.
    """

    name = "httpx"

    def __init__(self, *, uses_proxy: bool = True) -> None:
        super().__init__()
        self._client = httpx.Client(
            timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
            trust_env=uses_proxy,
        )

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        body = post_data.encode() if isinstance(post_data, str) else post_data
        try:
            with self._client.stream(method, url, headers=headers, content=body) as answer:
                content = _read(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            problem = stripe.APIConnectionError(type(error).__name__)  # type: ignore[no-untyped-call]
            problem.should_retry = isinstance(error, _WORTH_ANOTHER_TRY)
            raise problem from error
        told = answer.headers
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            told.setdefault(_RETRY, "true")
        return content, answer.status_code, told

    def close(self) -> None:
        self._client.close()


def _read(answer: httpx.Response) -> bytes:
    """All of the answer: each piece of it has its limit, and so has all of them together."""
    ends_at = time.monotonic() + LONGEST_SECONDS
    content = bytearray()
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > MOST_BYTES or time.monotonic() > ends_at:
            raise httpx.ReadTimeout("the answer does not end", request=answer.request)
    return bytes(content)
