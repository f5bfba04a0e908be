"""How requests reach Stripe: kept connections, short limits, and what may be tried again."""

from collections.abc import Mapping
from typing import Any

import httpx
import stripe

TIMEOUT_SECONDS = 10.0
CONNECT_SECONDS = 5.0
_RETRY = "stripe-should-retry"


class Transport(stripe.HTTPClient):
    """One pool of connections for all threads of a process.

    What was surely not begun is tried again, as is what Stripe turned away for being busy; not what
    fell silent: its caller has waited long enough, and asks again later under the same key.
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
            answer = self._client.request(method, url, headers=headers, content=body)
        except httpx.HTTPError as error:
            was_silent = isinstance(error, httpx.TimeoutException | httpx.DecodingError)
            problem = stripe.APIConnectionError(type(error).__name__)  # type: ignore[no-untyped-call]
            problem.should_retry = not was_silent
            raise problem from error
        told = answer.headers
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            told.setdefault(_RETRY, "true")
        return answer.content, answer.status_code, told

    def close(self) -> None:
        self._client.close()
