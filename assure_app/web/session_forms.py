"""Forms sent by plain requests that open or end a session: what comes in, and what is answered."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assure_app.auth import cookies, lockout, passwords, sessions
from assure_app.domain.errors import BillingError

LARGEST_BODY_BYTES = 8 * 1024
# Whatever the billing services refuse here for, it is the database that kept them from it.
NO_DATABASE = (BillingError, DBAPIError, PoolTimeoutError)
_log = logging.getLogger(__name__)

# Passwords are slow on purpose: a queue of their own keeps guesses from holding up everyone else.
password_threads = ThreadPoolExecutor(passwords.AT_ONCE, thread_name_prefix="sign-in")


class BadRequest(Exception):
    """The request cannot be used; the text is a sentence for the field that caused it."""

    def __init__(self, sentence: str, *, field: str = "", status_code: int = 400) -> None:
        self.field = field
        self.status_code = status_code
        super().__init__(sentence)


async def fields_of(request: Request) -> dict[str, str]:
    """The named texts of a form or a JSON object; anything else raises BadRequest."""
    return _fields(request, await _body(request))


def log_silence(error: Exception) -> None:
    """The kind alone: the rest of it may hold an email or a hash."""
    _log.warning("The database does not answer: %s", type(error).__name__)


def set_cookie(answer: Response, token: str) -> None:
    """Give the browser its session; scripts cannot read it."""
    answer.set_cookie(
        cookies.cookie_name(),
        token,
        max_age=int(sessions.LIFETIME.total_seconds()),
        path="/",
        secure=cookies.is_secure(),
        httponly=True,
        samesite="lax",
    )


def refused(status_code: int, field: str, sentence: str) -> JSONResponse:
    """A refusal for a field of the form, "" for the form as a whole."""
    answer = in_json(status_code, {"field": field, "sentence": sentence})
    if status_code == 429:
        answer.headers["Retry-After"] = str(int(lockout.WINDOW.total_seconds()))
    return answer


def in_json(status_code: int, content: dict[str, str]) -> JSONResponse:
    """An answer that nobody keeps."""
    return JSONResponse(content, status_code=status_code, headers={"Cache-Control": "no-store"})


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            raise BadRequest("That is too much text for a sign-in.", status_code=413)
    return bytes(body)


def _fields(request: Request, body: bytes) -> dict[str, str]:
    try:
        text = body.decode()
        if request.headers.get("content-type", "").startswith("application/json"):
            values = json.loads(text)
        else:
            values = dict(parse_qsl(text, max_num_fields=10))
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise BadRequest("This sign-in could not be read. Reload the page and try again.")
    return {str(name): value for name, value in values.items() if _is_text(value)}


def _is_text(value: Any) -> bool:
    """Whether it is a text that every database and hash can take: no NUL, no lone surrogate."""
    if not isinstance(value, str) or "\0" in value:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)
