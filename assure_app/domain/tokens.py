"""What is kept of a secret that a browser or a link carries: never the secret itself."""

import hashlib


def digest(token: str) -> str:
    """The SHA-256 that the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
