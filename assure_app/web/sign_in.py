"""Signing in and out: the two requests that set and clear the session cookie."""

import asyncio

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from assure_app import clock
from assure_app.auth import cookies, sessions
from assure_app.auth.guard import SIGN_IN_PATH, START_PATH, local_path
from assure_app.web import session_forms
from assure_app.web.address import address_of
from assure_app.web.same_site import is_from_own_pages
from assure_app.web.session_forms import NO_DATABASE, BadRequest

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


async def sign_in(request: Request) -> Response:
    """200 with where to go next and the cookie, or 4xx with a field and a sentence for it."""
    if not is_from_own_pages(request):
        return session_forms.refused(
            403, "", "Open the sign-in page of this site and sign in there."
        )
    try:
        fields = await session_forms.fields_of(request)
        email, password = _credentials(fields)
        token = await _session(email, password, request)
    except BadRequest as bad:
        return session_forms.refused(bad.status_code, bad.field, str(bad))
    except sessions.SignInRefused as refused:
        return session_forms.refused(
            429 if refused.must_wait else 401, refused.field, refused.sentence
        )
    except NO_DATABASE as error:
        session_forms.log_silence(error)
        return session_forms.refused(503, "", _NOT_IN)
    answer = session_forms.in_json(200, {"next": local_path(fields.get("next", ""))})
    session_forms.set_cookie(answer, token)
    return answer


async def sign_out(request: Request) -> Response:
    """End this browser's session and go to the sign-in page; without a session just go there.

    A session that could not be ended keeps its cookie: without it nobody could end it any more.
    """
    if not is_from_own_pages(request):
        return session_forms.refused(403, "", "Open this site and sign out there.")
    wants_json = "application/json" in request.headers.get("accept", "")
    try:
        await end_session(request)
    except NO_DATABASE as error:
        session_forms.log_silence(error)
        if wants_json:
            return session_forms.refused(503, "", _NOT_OUT)
        return HTMLResponse(_NOT_OUT_PAGE, status_code=503, headers={"Cache-Control": "no-store"})
    answer: Response = RedirectResponse(SIGN_IN_PATH, status_code=303)
    if wants_json:
        answer = session_forms.in_json(200, {"next": SIGN_IN_PATH})
    answer.delete_cookie(cookies.cookie_name(), secure=cookies.is_secure(), httponly=True)
    return answer


routes = [
    Route("/auth/sign-in", sign_in, methods=["POST"]),
    Route("/auth/sign-out", sign_out, methods=["POST"]),
]


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
        session_forms.password_threads, lambda: sessions.sign_in(email, password, address, now=now)
    )
    await end_session(request)
    return token


async def end_session(request: Request) -> None:
    """End the session that the browser had, if any."""
    token = cookies.session_token(request.headers.get("cookie", ""))
    if token:
        await asyncio.to_thread(sessions.sign_out, token, now=clock.now())
