"""What a plain address gives to who is signed in: the firm's people, or a client's.

Others are led to the sign-in page. Whatever is refused is said on a page of one sentence; what is
not theirs, and what there is not, are alike.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assure_app import clock
from assure_app.auth import cookies, portal_sessions, sessions
from assure_app.auth.guard import SIGN_IN_PATH, START_PATH
from assure_app.auth.portal_guard import PAY_PATH
from assure_app.auth.portal_guard import SIGN_IN_PATH as PORTAL_SIGN_IN_PATH
from assure_app.auth.portal_guard import START_PATH as PORTAL_START_PATH
from assure_app.domain.errors import BillingError, NotFound, PermissionDenied, Unavailable
from assure_app.domain.permissions import Principal
from assure_app.domain.portal_access import PortalPerson
from assure_app.web import plain_page

LONGEST_SECONDS = 25.0
_LARGEST_ID_DIGITS = 9
_log = logging.getLogger(__name__)
_Someone = TypeVar("_Someone")


class TooLong(BillingError):
    """More is asked for than can be given at this moment."""

    retryable = True

    def __init__(self) -> None:
        super().__init__("This takes too long at the moment. Please try again in a minute.")


async def for_firm(
    request: Request, give: Callable[[Principal], Response], threads: Executor
) -> Response:
    """What `give` gives the firm's person, in one of the threads."""
    token = cookies.session_token(request.headers.get("cookie", ""))
    return await _given(
        request,
        lambda now: sessions.principal_of(token, now=now),
        give,
        threads,
        sign_in=f"{SIGN_IN_PATH}?next={quote(START_PATH, safe='/')}",
        back=START_PATH,
    )


async def for_client(
    request: Request, give: Callable[[PortalPerson], Response], threads: Executor
) -> Response:
    """What `give` gives a client's person, for an address below that of an invoice."""
    token = cookies.portal_token(request.headers.get("cookie", ""))
    here = f"{PAY_PATH}/{quote(request.path_params['pay_token'], safe='')}"
    return await _given(
        request,
        lambda now: portal_sessions.person_of(token, now=now),
        give,
        threads,
        sign_in=f"{PORTAL_SIGN_IN_PATH}?next={quote(here, safe='/')}",
        back=PORTAL_START_PATH,
    )


def row_id(request: Request) -> int:
    """The row's id in the address; 0, which no row has, for anything that is none."""
    text = request.path_params["row_id"]
    is_id = text.isascii() and text.isdigit() and len(text) <= _LARGEST_ID_DIGITS
    return int(text) if is_id else 0


async def _given(
    request: Request,
    find: Callable[[datetime], _Someone | None],
    give: Callable[[_Someone], Response],
    threads: Executor,
    *,
    sign_in: str,
    back: str,
) -> Response:
    if request.method != "GET":  # A route for GET answers HEAD as well, which asks for nothing.
        return Response(status_code=405, headers={"Allow": "GET"})
    loop, now = asyncio.get_running_loop(), clock.now()

    def found_and_given() -> Response:
        someone = find(now)
        if someone is None:
            return RedirectResponse(sign_in, 303, headers={"Cache-Control": "no-store"})
        return give(someone)

    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            return await loop.run_in_executor(threads, found_and_given)
    except BillingError as refusal:
        return _refused(refusal, back)
    except TimeoutError:
        return _refused(TooLong(), back)
    except (DBAPIError, PoolTimeoutError) as error:
        _log.warning("The database does not answer: %s", type(error).__name__)
        return _refused(Unavailable(), back)


def _refused(refusal: BillingError, back: str) -> Response:
    heading, status_code = "Not now", 503
    if isinstance(refusal, PermissionDenied):
        heading, status_code = "Not for you to see", 403
    elif isinstance(refusal, NotFound) or not refusal.retryable:
        heading, status_code = "Not found", 404
    return plain_page.page(heading, refusal.sentence, back=back, status_code=status_code)
