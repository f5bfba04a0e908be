"""The session cookies, one of the firm's people and one of the portal's: how they are called and
read, and what a tab's token is bound to."""

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


def portal_cookie_name() -> str:
    """The same for a client's people; a browser may hold both."""
    return "__Host-assure_portal" if is_secure() else "assure_portal"


def session_token(cookie_header: str) -> str:
    """The session token in a Cookie header, or "" when there is none worth looking up."""
    return _token(cookie_header, cookie_name())


def portal_token(cookie_header: str) -> str:
    """The portal's session token in a Cookie header, or ""."""
    return _token(cookie_header, portal_cookie_name())


def fingerprint(cookie_header: str) -> str:
    """A text that differs for every pair of session cookies and tells nothing about them."""
    held = f"{session_token(cookie_header)} {portal_token(cookie_header)}"
    return hashlib.sha256(f"tab of {held}".encode()).hexdigest()[:32]


def _token(cookie_header: str, name: str) -> str:
    token = cookie_parser(cookie_header).get(name, "")
    return token if len(token) <= _LONGEST_TOKEN and token.isascii() else ""
