"""Signing in and out: the two requests that set and clear the session cookie."""

import asyncio
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from assure_app import clock
from assure_app.auth import cookies, lockout, passwords, sessions
from assure_app.auth.guard import SIGN_IN_PATH, START_PATH, local_path
from assure_app.domain.errors import BillingError
from assure_app.web.address import address_of
from assure_app.web.same_site import is_from_own_pages

LARGEST_BODY_BYTES = 8 * 1024
_LONGEST_EMAIL = 254
_NOT_IN = "You could not be signed in: the database does not answer. Try again in a minute."
_NOT_OUT = "You may still be signed in: the database does not answer. Try again in a minute."
_NOT_OUT_PAGE = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Not signed out</title>
<p>{_NOT_OUT}</p>
<p><a href="{START_PATH}">Back to the invoices</a></p>
</html>
"""
# Whatever the billing services refuse here for, it is the database that kept them from it.
_NO_DATABASE = (BillingError, DBAPIError, PoolTimeoutError)
_log = logging.getLogger(__name__)

# Passwords are slow on purpose: a queue of their own keeps guesses from holding up everyone else.
_password_threads = ThreadPoolExecutor(passwords.AT_ONCE, thread_name_prefix="sign-in")


class BadRequest(Exception):
    """The request cannot be used; the text is a sentence for the field that caused it."""

    def __init__(self, sentence: str, *, field: str = "", status_code: int = 400) -> None:
        self.field = field
        self.status_code = status_code
        super().__init__(sentence)


async def sign_in(request: Request) -> Response:
    """200 with where to go next and the cookie, or 4xx with a field and a sentence for it."""
    if not is_from_own_pages(request):
        return _refused(403, "", "Open the sign-in page of this site and sign in there.")
    try:
        fields = _fields(request, await _body(request))
        email, password = _credentials(fields)
        token = await _session(email, password, request)
    except BadRequest as bad:
        return _refused(bad.status_code, bad.field, str(bad))
    except sessions.SignInRefused as refused:
        return _refused(429 if refused.must_wait else 401, refused.field, refused.sentence)
    except _NO_DATABASE as error:
        _log_silence(error)
        return _refused(503, "", _NOT_IN)
    answer = _json(200, {"next": local_path(fields.get("next", ""))})
    _set_cookie(answer, token)
    return answer


async def sign_out(request: Request) -> Response:
    """End this browser's session and go to the sign-in page; without a session just go there.

    A session that could not be ended keeps its cookie: without it nobody could end it any more.
    """
    if not is_from_own_pages(request):
        return _refused(403, "", "Open this site and sign out there.")
    wants_json = "application/json" in request.headers.get("accept", "")
    try:
        await _end_session(request)
    except _NO_DATABASE as error:
        _log_silence(error)
        if wants_json:
            return _refused(503, "", _NOT_OUT)
        return HTMLResponse(_NOT_OUT_PAGE, status_code=503, headers={"Cache-Control": "no-store"})
    answer: Response = RedirectResponse(SIGN_IN_PATH, status_code=303)
    if wants_json:
        answer = _json(200, {"next": SIGN_IN_PATH})
    answer.delete_cookie(cookies.cookie_name(), secure=cookies.is_secure(), httponly=True)
    return answer


routes = [
    Route("/auth/sign-in", sign_in, methods=["POST"]),
    Route("/auth/sign-out", sign_out, methods=["POST"]),
]


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            raise BadRequest("That is too much text for a sign-in.", status_code=413)
    return bytes(body)


def _fields(request: Request, body: bytes) -> dict[str, str]:
    """The named texts of a form or a JSON object; anything else raises BadRequest."""
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


def _credentials(fields: dict[str, str]) -> tuple[str, str]:
    email, password = fields.get("email", "").strip(), fields.get("password", "")
    if not email or len(email) > _LONGEST_EMAIL:
        raise BadRequest("Enter the email you sign in with.", field="email")
    if not password:
        raise BadRequest("Enter your password.", field="password")
    return email, password


async def _session(email: str, password: str, request: Request) -> str:
    address = address_of(request)
    now = clock.now()
    loop = asyncio.get_running_loop()
    token = await loop.run_in_executor(
        _password_threads, lambda: sessions.sign_in(email, password, address, now=now)
    )
    await _end_session(request)
    return token


async def _end_session(request: Request) -> None:
    token = cookies.session_token(request.headers.get("cookie", ""))
    if token:
        await asyncio.to_thread(sessions.sign_out, token, now=clock.now())


def _log_silence(error: Exception) -> None:
    """The kind alone: the rest of it may hold an e-mail or a hash."""
    _log.warning("The database does not answer: %s", type(error).__name__)


def _set_cookie(answer: Response, token: str) -> None:
    answer.set_cookie(
        cookies.cookie_name(),
        token,
        max_age=int(sessions.LIFETIME.total_seconds()),
        path="/",
        secure=cookies.is_secure(),
        httponly=True,
        samesite="lax",
    )


def _refused(status_code: int, field: str, sentence: str) -> JSONResponse:
    answer = _json(status_code, {"field": field, "sentence": sentence})
    if status_code == 429:
        answer.headers["Retry-After"] = str(int(lockout.WINDOW.total_seconds()))
    return answer


def _json(status_code: int, content: dict[str, str]) -> JSONResponse:
    return JSONResponse(content, status_code=status_code, headers={"Cache-Control": "no-store"})
