"""The portal's way in and out: asking for a code, typing it, and leaving."""

import asyncio
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from assure_app import clock
from assure_app.auth import cookies, lockout, portal_codes, portal_sessions
from assure_app.auth.lockout import SignInRefused
from assure_app.auth.portal_guard import PAY_PATH, SIGN_IN_PATH, START_PATH, portal_path
from assure_app.web import session_forms
from assure_app.web.address import address_of
from assure_app.web.same_site import is_from_own_pages
from assure_app.web.session_forms import NO_DATABASE, BadRequest

_ELSEWHERE = "Open the portal's own sign-in page and sign in there."
_SILENT = "The database does not answer. Try again in a minute."
_NOT_OUT_PAGE = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Not signed out</title>
<p>You may still be signed in. {_SILENT}</p>
<p><a href="{START_PATH}">Back to your invoices</a></p>
</html>
"""


async def ask(request: Request) -> Response:
    """200 when a code was asked for, whether or not anybody has the email; else 4xx."""
    if not is_from_own_pages(request):
        return session_forms.refused(403, "", _ELSEWHERE)
    try:
        fields = await session_forms.fields_of(request)
        await asyncio.to_thread(
            portal_codes.ask,
            fields.get("email", ""),
            fields.get("request", ""),
            address_of(request),
            pay_token=_pay_token(fields.get("next", "")),
            now=clock.now(),
        )
    except (BadRequest, SignInRefused, *NO_DATABASE) as refusal:
        return _refusal(refusal)
    return session_forms.in_json(200, {"asked": fields.get("email", "").strip()})


async def sign_in(request: Request) -> Response:
    """200 with where to go next and the cookie, or 4xx with a field and a sentence for it."""
    if not is_from_own_pages(request):
        return session_forms.refused(403, "", _ELSEWHERE)
    try:
        fields = await session_forms.fields_of(request)
        is_trusted = fields.get("trust", "") == "yes"
        token = await asyncio.to_thread(
            portal_codes.redeem,
            fields.get("request", ""),
            fields.get("code", ""),
            address_of(request),
            is_trusted=is_trusted,
            now=clock.now(),
        )
        await _end_session(request)
    except (BadRequest, SignInRefused, *NO_DATABASE) as refusal:
        return _refusal(refusal)
    answer = session_forms.in_json(200, {"next": portal_path(fields.get("next", ""))})
    _set_cookie(answer, token, portal_sessions.TRUSTED_LIFETIME if is_trusted else None)
    return answer


async def sign_out(request: Request) -> Response:
    """End this browser's session in the portal and go to its sign-in page.

    A session that could not be ended keeps its cookie: without it nobody could end it any more.
    """
    if not is_from_own_pages(request):
        return session_forms.refused(403, "", _ELSEWHERE)
    try:
        await _end_session(request)
    except NO_DATABASE as error:
        session_forms.log_silence(error)
        return HTMLResponse(_NOT_OUT_PAGE, status_code=503, headers={"Cache-Control": "no-store"})
    answer = RedirectResponse(SIGN_IN_PATH, status_code=303)
    answer.delete_cookie(cookies.portal_cookie_name(), secure=cookies.is_secure(), httponly=True)
    return answer


routes = [
    Route("/auth/portal/code", ask, methods=["POST"]),
    Route("/auth/portal/sign-in", sign_in, methods=["POST"]),
    Route("/auth/portal/sign-out", sign_out, methods=["POST"]),
]


def _refusal(refusal: Exception) -> JSONResponse:
    match refusal:
        case BadRequest():
            return session_forms.refused(refusal.status_code, refusal.field, str(refusal))
        case lockout.MustWait():
            return session_forms.refused(429, refusal.field, refusal.sentence)
        case SignInRefused():
            return session_forms.refused(400, refusal.field, refusal.sentence)
    session_forms.log_silence(refusal)
    return session_forms.refused(503, "", _SILENT)


def _set_cookie(answer: Response, token: str, lifetime: timedelta | None) -> None:
    """Give the browser its session: for as long as it is open, or for as long as it is trusted."""
    answer.set_cookie(
        cookies.portal_cookie_name(),
        token,
        max_age=int(lifetime.total_seconds()) if lifetime else None,
        path="/",
        secure=cookies.is_secure(),
        httponly=True,
        samesite="lax",
    )


def _pay_token(next_path: str) -> str:
    """The invoice that the person was on the way to, "" when it was none."""
    path = portal_path(next_path).partition("?")[0]
    return path.removeprefix(f"{PAY_PATH}/") if path.startswith(f"{PAY_PATH}/") else ""


async def _end_session(request: Request) -> None:
    token = cookies.portal_token(request.headers.get("cookie", ""))
    if token:
        await asyncio.to_thread(portal_sessions.sign_out, token, now=clock.now())
