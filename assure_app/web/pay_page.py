"""The page of an invoice, for whoever follows its link: whose it is, or anybody else (R054)."""

import asyncio
from urllib.parse import quote

from reflex.constants import ReactRouter
from reflex.utils.prerequisites import get_web_dir
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from assure_app import clock
from assure_app.auth import cookies, portal_sessions
from assure_app.auth.portal_guard import PAY_PATH, SIGN_IN_PATH, portal_path
from assure_app.billing import client_invoices
from assure_app.domain.errors import NotFound


async def pay_page(request: Request) -> Response:
    """The built page, which reads the invoice itself; 404 for what is not this person's to see.

    Nobody who is not signed in learns which links exist: they are all led to the sign-in page.
    """
    status = await asyncio.to_thread(_status, request)
    if status == 303:
        here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        way_back = quote(portal_path(here), safe="/")
        return RedirectResponse(f"{SIGN_IN_PATH}?next={way_back}", status_code=303)
    page = get_web_dir() / "build" / "client" / ReactRouter.SPA_FALLBACK
    return FileResponse(page, status_code=status, headers={"Cache-Control": "no-store"})


routes = [Route(f"{PAY_PATH}/{{pay_token}}", pay_page, methods=["GET"])]


def _status(request: Request) -> int:
    token = cookies.portal_token(request.headers.get("cookie", ""))
    person = portal_sessions.person_of(token, now=clock.now())
    if person is None:
        return 303
    try:
        client_invoices.payer_of(person, request.path_params["pay_token"])
    except NotFound:
        return 404
    return 200
