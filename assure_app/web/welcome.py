"""Taking up an invitation: the request that sets a first password and the session cookie."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assure_app import clock
from assure_app.auth import welcome
from assure_app.auth.guard import START_PATH
from assure_app.billing.invitations import LinkRefused
from assure_app.domain.errors import InvalidInput
from assure_app.web import session_forms
from assure_app.web.same_site import is_from_own_pages
from assure_app.web.session_forms import NO_DATABASE, BadRequest
from assure_app.web.sign_in import end_session

_NOT_IN = "Your password could not be saved: the database does not answer. Try again in a minute."


async def take_up(request: Request) -> Response:
    """200 with where to go next and the cookie, or 4xx with a field and a sentence for it."""
    if not is_from_own_pages(request):
        return session_forms.refused(403, "", "Open the link of your invitation again.")
    try:
        fields = await session_forms.fields_of(request)
        token = await _session(fields.get("token", ""), _chosen(fields))
        await end_session(request)
    except BadRequest as bad:
        return session_forms.refused(bad.status_code, bad.field, str(bad))
    except LinkRefused as refused:
        return session_forms.refused(410, "", refused.sentence)
    except InvalidInput as refused:
        return session_forms.refused(400, "password", refused.sentence)
    except NO_DATABASE as error:
        session_forms.log_silence(error)
        return session_forms.refused(503, "", _NOT_IN)
    answer = session_forms.in_json(200, {"next": START_PATH})
    session_forms.set_cookie(answer, token)
    return answer


routes = [Route("/auth/welcome", take_up, methods=["POST"])]


def _chosen(fields: dict[str, str]) -> str:
    password = fields.get("password", "")
    if not password:
        raise BadRequest("Choose a password.", field="password")
    if fields.get("repeated", "") != password:
        raise BadRequest("The two passwords differ. Type the same one twice.", field="repeated")
    return password


async def _session(token: str, password: str) -> str:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(
        session_forms.password_threads, lambda: welcome.accept(token, password, now=clock.now())
    )
