"""States without a browser: real events through the real guard and the real event processor."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from uuid import uuid4

from reflex.app import EventNamespace
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken
from reflex.state import BaseState, StateUpdate
from reflex.state import State as RootState
from reflex_base.event import Event, EventHandler, EventSpec
from reflex_base.event.processor import BaseStateEventProcessor

from assure_app.assure_app import app
from assure_app.auth import cookies
from tests.support.waiting import WAIT_SECONDS

StateClass = TypeVar("StateClass", bound=BaseState)
Delta = Mapping[str, Mapping[str, Any]]


@dataclass
class Heard:
    """What the server sent to one tab: changed vars, and events for the browser to run."""

    deltas: list[Delta] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def var(self, name: str) -> Any:
        """The last value sent for a var, by its plain name. Raises KeyError when none was sent."""
        values = [
            value
            for delta in self.deltas
            for variables in delta.values()
            for key, value in variables.items()
            if key.removesuffix("_rx_state_") == name
        ]
        if not values:
            raise KeyError(name)
        return values[-1]

    @property
    def redirect(self) -> str:
        """Where the browser is sent, or ""."""
        paths = [event.payload["path"] for event in self.events if event.name == "_redirect"]
        return str(paths[-1]) if paths else ""

    @property
    def text(self) -> str:
        """All of it as one text, to look for what must not be in it."""
        raw = f"{self.deltas!r} {self.events!r}"
        return re.sub(r"\\+u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), raw)


class Desk:
    """The server's side of the live connection, with states in memory."""

    def __init__(self) -> None:
        self.state_manager = StateManagerMemory()  # type: ignore[abstract]
        self.processor = BaseStateEventProcessor(
            middleware=app, backend_exception_handler=self._note_error
        )
        self.errors: list[Exception] = []
        self._heard: dict[str, Heard] = {}

    async def emit_update(self, update: StateUpdate, token: str) -> None:
        """Stands in for the socket."""
        heard = self._heard.setdefault(token, Heard())
        if update.delta:
            heard.deltas.append(update.delta)
        heard.events.extend(update.events)

    def take(self, token: str) -> Heard:
        """What the tab heard since the last time."""
        return self._heard.pop(token, Heard())

    def _note_error(self, error: Exception) -> None:
        self.errors.append(error)


class Tab:
    """One browser tab. `cookie` is the session token it sends, `portal_cookie` that of the portal,
    "" for none; they may be changed.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        cookie: str = "",
        portal_cookie: str = "",
        token: str = "",
        address: str = "/invoices",
    ) -> None:
        self.desk = desk
        self.cookie = cookie
        self.portal_cookie = portal_cookie
        self.token = token or uuid4().hex
        self.address = address

    async def fire(self, handler: Any, *arguments: Any, **payload: Any) -> Heard:
        """Fire a handler as the page would, `State.handler`, and give what the tab hears of it.

        Events that it chains are waited for. An error that no handler caught is raised here.
        """
        event = self._event(handler, arguments, payload)
        return await self._run(event)

    async def fire_raw(self, name: str, payload: Mapping[str, Any]) -> Heard:
        """Fire by name with any arguments, as a hostile client would."""
        return await self._run(Event(name=name, payload=dict(payload)))

    async def hear_push(self, handler: Any) -> Heard:
        """Fire a handler as the server itself does, with nothing from a browser."""
        return await self._run(self._event(handler, (), {}), is_push=True)

    async def open(self) -> Heard:
        """Load the page: hydrate, then its on_load handlers."""
        return await self.fire_raw(f"{RootState.get_full_name()}.hydrate_and_load", {})

    async def state(self, state_class: type[StateClass]) -> StateClass:
        """The tab's state, to look at."""
        root = await self.desk.state_manager.get_state(
            BaseStateToken(ident=self.token, cls=state_class)
        )
        return await root.get_state(state_class)

    def _event(self, handler: Any, arguments: tuple[Any, ...], payload: Mapping[str, Any]) -> Event:
        if isinstance(handler, EventHandler) and (arguments or not payload):
            handler = handler(*arguments)
        if isinstance(handler, EventSpec):
            return Event.from_event_type(handler)[0]
        (event,) = Event.from_event_type(cast("EventHandler", handler)(*payload.values()))
        return Event(name=event.name, payload=dict(payload))

    async def _run(self, event: Event, *, is_push: bool = False) -> Heard:
        sent = event if is_push else Event(event.name, self._router_data(), event.payload)
        self.desk.errors.clear()
        future = await self.desk.processor.enqueue(self.token, sent)
        async with asyncio.timeout(WAIT_SECONDS):
            await asyncio.gather(future.wait_all(), return_exceptions=True)
        if self.desk.errors:
            raise self.desk.errors[0]
        return self.desk.take(self.token)

    def _router_data(self) -> dict[str, Any]:
        held = {
            cookies.cookie_name(): self.cookie,
            cookies.portal_cookie_name(): self.portal_cookie,
        }
        cookie = "; ".join(f"{name}={token}" for name, token in held.items() if token)
        path, _, query = self.address.partition("?")
        return {
            "pathname": path,
            "asPath": self.address,
            "query": dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair),
            "headers": {"cookie": cookie, "origin": "http://127.0.0.1:8000"},
            "token": self.token,
            "sid": f"socket of {self.token}",
            "ip": "127.0.0.1",
        }


@asynccontextmanager
async def open_desk() -> AsyncIterator[Desk]:
    """A desk that runs until the block ends."""
    desk = Desk()
    desk.processor.configure(
        state_manager=desk.state_manager, event_namespace=cast("EventNamespace", desk)
    )
    async with desk.processor:
        yield desk
