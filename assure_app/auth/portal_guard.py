"""The marks of handlers that a client's people may run, beside those of the firm's (R053, R054)."""

from collections.abc import Callable
from urllib.parse import quote

import reflex as rx
from reflex.state import BaseState
from reflex_base.event import EventSpec

from assure_app import toasts
from assure_app.auth.guard import Handler, guarded, held, person_of
from assure_app.domain.portal_access import PaymentNotAllowed, PortalPerson

SIGN_IN_PATH = "/portal/sign-in"
START_PATH = "/portal"
PAY_PATH = "/pay"


def portal(*, pays: bool = False) -> Callable[[Handler], Handler]:
    """Mark a handler as open to whoever is signed in to the portal.

    With `pays`, to those only whose role may pay at one of their clients; the service decides for
    the one that the invoice is of.
    """
    return lambda handler: guarded(handler, lambda state: _refusal(state, pays=pays))


def portal_acting() -> PortalPerson:
    """The client's person whose event is running, as of now.

    Raises LookupError outside a handler marked `portal`.
    """
    person = held.get()
    if isinstance(person, PortalPerson):
        return person
    raise LookupError("Nobody acts here: the handler is not marked portal.")


def portal_path(text: str) -> str:
    """The path of the portal that the text names, or its first page for anything else.

    It guards where people are sent after signing in: nowhere else, and not back to sign-in.
    """
    path = text.partition("?")[0].partition("#")[0].rstrip("/")
    is_known = path == START_PATH or path.startswith((f"{START_PATH}/", f"{PAY_PATH}/"))
    is_safe = text.isprintable() and "\\" not in text and "//" not in path
    return text if is_known and is_safe and path != SIGN_IN_PATH else START_PATH


async def _refusal(state: BaseState, *, pays: bool) -> EventSpec | None:
    person = await person_of(state)
    if person is None:
        return _redirect_to_sign_in(state)
    payers = [each for each in person.contacts if each.may_pay]
    if pays and not payers:
        return toasts.refused(PaymentNotAllowed(person.contacts[0].role).sentence)
    held.set(person)
    return None


def _redirect_to_sign_in(state: BaseState) -> EventSpec:
    url = state.router.url
    here = portal_path(f"{url.path}?{url.query}" if url.query else url.path)
    redirect: EventSpec = rx.redirect(f"{SIGN_IN_PATH}?next={quote(here, safe='/')}")
    return redirect
