"""Each activity entry carries the hash of the one before it in its invoice (R111)."""

import hashlib
import json
from collections.abc import Mapping

GENESIS = "0" * 64
"""What the first entry of an invoice has before it."""


def entry_hash(previous_hash: str, fields: Mapping[str, str | int | None]) -> str:
    """SHA-256 over the previous hash and every field of the entry, in a canonical form."""
    canonical = json.dumps(
        [previous_hash, sorted(fields.items())], ensure_ascii=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
