"""Events as Stripe would send them: truly signed."""

import json
import time
from typing import Any

import stripe

from assure_app import sandbox_keys
from assure_app.settings import get_settings


def event_body(number: int = 1, **other: Any) -> bytes:
    """An event of a firm's account, that its charge succeeded, unless told otherwise."""
    told = {
        "id": f"evt_{number}",
        "object": "event",
        "account": "acct_1",
        "type": "charge.succeeded",
        "created": 1_795_176_000,
        "livemode": False,
        "data": {"object": {"id": f"ch_{number}", "object": "charge"}},
    }
    return json.dumps(told | other).encode()


def signature_of(body: bytes, *, secret: str = "", age_seconds: int = 0) -> str:
    """The header that goes with these bytes, by the sandbox's secret unless another is given."""
    known = secret or sandbox_keys.read(get_settings()).webhook_secret
    return str(
        stripe.WebhookSignature.generate_signature_header(
            body.decode(), known, int(time.time()) - age_seconds
        )
    )
