"""Stands in front of every event: nothing runs unless its handler says who may run it (R138).

Any function of a state can be fired by any client with any argument. So a handler bears one mark,
`@requires(...)`, `@signed_in`, `@public`, or one of `portal_guard`, inside `@rx.event`; an event
without one is dropped. The person is looked up again from the HttpOnly cookie at every event, which
makes the end of a session, and the loss of a right, count at once.
"""

import asyncio
import inspect
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from contextvars import ContextVar
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import quote

import reflex as rx
from reflex.state import (
    BaseState,
    FrontendEventExceptionState,
    OnLoadInternalState,
    StateUpdate,
    UpdateVarsInternalState,
)
from reflex.state import State as RootState
from reflex_base.event import Event, EventSpec
from reflex_base.registry import RegistrationContext
from sqlalchemy import select

from assure_app import clock, toasts
from assure_app.auth import cookies, portal_sessions, sessions, tab_owner
from assure_app.billing import audit
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import PermissionDenied
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.portal_access import PortalPerson
from assure_app.models.tables import audit_entry

__all__ = [
    "AccessGuard",
    "acting",
    "guarded",
    "held",
    "is_marked",
    "local_path",
    "person_of",
    "public",
    "requires",
    "signed_in",
]

Handler = TypeVar("Handler", bound=Callable[..., Any])

SIGN_IN_PATH = "/sign-in"
START_PATH = "/invoices"
_MARK = "assure_access"
_DENIAL_ONCE_IN = timedelta(minutes=1)

held: ContextVar[Principal | PortalPerson | None] = ContextVar("held", default=None)
"""Whose event is running; marks alone write here."""

Refusal = Callable[[BaseState], Awaitable[EventSpec | None]]
"""What the tab is told instead of running a handler, None when it may run."""

_log = logging.getLogger(__name__)


def acting() -> Principal:
    """The person whose event is running, with their rights as of now.

    Raises LookupError outside a handler marked `requires` or `signed_in`.
    """
    principal = held.get()
    if isinstance(principal, Principal):
        return principal
    raise LookupError("Nobody acts here: the handler is not marked requires or signed_in.")


def requires(*permissions: Permission, act: str = "") -> Callable[[Handler], Handler]:
    """Mark a handler as open to people who hold all of these rights (R131–R138).

    A money action is named by `act`, in the words that the audit log keeps of a denial (R112).
    """
    return lambda handler: _guarded(handler, permissions, act)


def signed_in(handler: Handler) -> Handler:
    """Mark a handler as open to everyone who is signed in, whatever their rights."""
    return _guarded(handler, ())


def public(handler: Handler) -> Handler:
    """Mark a handler as open to any visitor; `acting` knows nobody inside it."""
    return _guarded(handler, None)


def is_marked(handler: Callable[..., Any]) -> bool:
    """Whether a handler says who may run it."""
    return hasattr(handler, _MARK)


def local_path(text: str) -> str:
    """The path of this site that the text names, or the invoices page for anything else.

    It guards where people are sent after signing in: no other site, and not back to sign-in.
    """
    is_local = text.startswith("/") and not text.startswith(("//", "/\\"))
    if not is_local or not text.isprintable() or _path(text) == SIGN_IN_PATH:
        return START_PATH
    return text


def _path(text: str) -> str:
    return text.partition("?")[0].partition("#")[0].rstrip("/")


class AccessGuard(rx.Middleware):
    """Goes before all other middleware, hydration included.

    It drops events without a mark, and ties what a tab holds to the person whom its cookie names
    and to their rights: when that is someone else now, or nobody, or a right is gone, the tab
    forgets everything before anything is sent.
    """

    async def preprocess(
        self,
        app: rx.App,  # noqa: ARG002 - Reflex passes it by name
        state: BaseState,
        event: Event,
    ) -> StateUpdate | None:
        """Let the event go on (None), or end it with an update that says nothing."""
        held.set(None)
        principal, person = await _principal_of(state), await person_of(state)
        await tab_owner.bind(state, principal, person)
        is_somebody = principal is not None or person is not None
        if _may_pass(event.name, is_somebody=is_somebody) and _is_sendable(event.payload):
            return None
        _log.info("Dropped an event that bears no mark or no readable text: %s", event.name)
        return StateUpdate()


# What Reflex's own pages send, and what it chains behind them. Reflex applies browser-kept values
# to client-storage vars only.
FRAMEWORK_EVENTS = frozenset(
    f"{state.get_full_name()}.{handler}"
    for state, handler in (
        (RootState, "hydrate"),
        (RootState, "hydrate_and_load"),
        (OnLoadInternalState, "on_load_internal"),
        (OnLoadInternalState, "set_is_hydrated"),
        (UpdateVarsInternalState, "update_vars_internal"),
    )
)
# A report of a broken page ends in our log, so strangers may not write it.
FRAMEWORK_EVENTS_OF_PEOPLE = frozenset(
    {f"{FrontendEventExceptionState.get_full_name()}.handle_frontend_exception"}
)


def _may_pass(name: str, *, is_somebody: bool) -> bool:
    if name in FRAMEWORK_EVENTS:
        return True
    if name in FRAMEWORK_EVENTS_OF_PEOPLE:
        return is_somebody
    registered = RegistrationContext.get().event_handlers.get(name)
    return registered is not None and is_marked(registered.handler.fn)


def _is_sendable(payload: Any) -> bool:
    """Whether what came can be sent back: a lone surrogate cannot, and would end the tab."""
    try:
        json.dumps(payload, ensure_ascii=False, default=str).encode()
    except (UnicodeEncodeError, ValueError, RecursionError):
        return False
    return True


def guarded(handler: Handler, refuse: Refusal) -> Handler:
    """The handler behind a mark: it runs when `refuse` has nothing to say."""
    marked: Handler
    if inspect.isasyncgenfunction(handler):
        marked = _guarded_stream(handler, refuse)
    elif inspect.iscoroutinefunction(handler):
        marked = _guarded_coroutine(handler, refuse)
    else:
        raise TypeError(f"{handler.__qualname__} must be async: a plain one blocks every tab.")
    setattr(marked, _MARK, True)
    return marked


def _guarded(handler: Handler, needed: tuple[Permission, ...] | None, act: str = "") -> Handler:
    return guarded(handler, lambda state: _refusal(state, needed, act))


def _guarded_coroutine(handler: Any, refuse: Refusal) -> Any:
    @wraps(handler)
    async def run(state: BaseState, *arguments: Any, **named: Any) -> Any:
        held.set(None)
        refusal = await refuse(state)
        if refusal is not None:
            return refusal
        try:
            return await handler(state, *arguments, **named)
        except PermissionDenied as denied:
            return toasts.refused(denied.sentence)

    return run


def _guarded_stream(handler: Any, refuse: Refusal) -> Any:
    @wraps(handler)
    async def run(state: BaseState, *arguments: Any, **named: Any) -> AsyncGenerator[Any, None]:
        held.set(None)
        refusal = await refuse(state)
        if refusal is not None:
            yield refusal
            return
        try:
            async with aclosing(handler(state, *arguments, **named)) as events:
                async for event in events:
                    yield event
        except PermissionDenied as denied:
            yield toasts.refused(denied.sentence)

    return run


async def _refusal(
    state: BaseState, needed: tuple[Permission, ...] | None, act: str
) -> EventSpec | None:
    if needed is None:
        return None
    principal = await _principal_of(state)
    if principal is None:
        return _redirect_to_sign_in(state)
    try:
        for permission in needed:
            principal.require(permission)
    except PermissionDenied as denied:
        if act:
            await asyncio.to_thread(_log_denial, principal, denied, act)
        return toasts.refused(denied.sentence)
    held.set(principal)
    return None


def _log_denial(principal: Principal, denied: PermissionDenied, act: str) -> None:
    """Keep the denial of a money action in the firm's audit log (R112).

    Once a minute is enough: a client that fires without end must not bury what else stands there.
    """
    text, now = f"{principal.name} was denied: {act} (needs {denied.needed})", clock.now()
    with unit_of_work() as connection:
        lately = select(audit_entry.c.id).where(
            audit_entry.c.firm_id == principal.firm_id,
            audit_entry.c.user_id == principal.user_id,
            audit_entry.c.text == text,
            audit_entry.c.at > now - _DENIAL_ONCE_IN,
        )
        if connection.execute(lately.limit(1)).first() is None:
            audit.note(
                connection,
                firm_id=principal.firm_id,
                user_id=principal.user_id,
                text=text,
                at=now,
            )


async def _principal_of(state: BaseState) -> Principal | None:
    token = cookies.session_token(state.router.headers.cookie)
    if not token:
        return None
    return await asyncio.to_thread(sessions.principal_of, token, now=clock.now())


async def person_of(state: BaseState) -> PortalPerson | None:
    """The client's person whom the tab's portal cookie names, if any."""
    token = cookies.portal_token(state.router.headers.cookie)
    if not token:
        return None
    return await asyncio.to_thread(portal_sessions.person_of, token, now=clock.now())


def _redirect_to_sign_in(state: BaseState) -> EventSpec:
    url = state.router.url
    here = local_path(f"{url.path}?{url.query}" if url.query else url.path)
    redirect: EventSpec = rx.redirect(f"{SIGN_IN_PATH}?next={quote(here, safe='/')}")
    return redirect
