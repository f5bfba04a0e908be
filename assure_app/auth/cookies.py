"""The session cookie: its name, how it is read, and what a tab's token is bound to."""

import hashlib

from starlette.requests import cookie_parser

from assure_app.settings import get_settings

_LONGEST_TOKEN = 100


def is_secure() -> bool:
    """Whether people reach this installation over https."""
    return get_settings().public_url.startswith("https://")


def cookie_name() -> str:
    """The cookie's name; over https its prefix keeps other hosts from setting it."""
    return "__Host-assure_session" if is_secure() else "assure_session"


def session_token(cookie_header: str) -> str:
    """The session token in a Cookie header, or "" when there is none worth looking up."""
    token = cookie_parser(cookie_header).get(cookie_name(), "")
    return token if len(token) <= _LONGEST_TOKEN and token.isascii() else ""


def fingerprint(cookie_header: str) -> str:
    """A text that differs for every session cookie and tells nothing about it."""
    return hashlib.sha256(f"tab of {session_token(cookie_header)}".encode()).hexdigest()[:32]
