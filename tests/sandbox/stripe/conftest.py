"""A fresh local Stripe for each test, every answer of which is held against the description."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.stripe_answers import require_described
from tests.support.stripe_sandbox import LocalStripe, local_stripe
from tests.support.stripe_transports import InProcess


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalStripe]:
    """A sandbox with the demo's two firms."""
    ask = InProcess._ask

    async def checked(self: InProcess, *request: object) -> httpx.Response:
        answer = await ask(self, *request)  # type: ignore[arg-type]
        require_described(json.loads(answer.content))
        return answer

    monkeypatch.setattr(InProcess, "_ask", checked)
    with local_stripe(tmp_path) as opened:
        yield opened
