"""Paying past invoices all at once: the answer to the question, and closing what came of it."""

from collections.abc import Awaitable, Callable
from functools import partial

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live
from assure_app.auth.portal_guard import portal
from assure_app.billing import backfill
from assure_app.domain.backfill import ListChanged
from assure_app.domain.errors import BillingError
from assure_app.states import browser
from assure_app.states.hop import in_stripe_thread_until_known, in_thread_until_known
from assure_app.states.portal.home import Home

TITLE, PAGE, FORM = "backfill-title", "content", "backfill"
"""Where the focus goes: what was pressed is gone from the page."""


class Backfill(rx.State):
    """The acts on the card; what it shows is the page's. What is agreed to is what this tab was
    shown, as the server keeps it: the browser names no invoice and no amount."""

    problem: str = ""

    @rx.event
    @portal(pays=True)
    async def confirm(self, shown: str) -> list[EventSpec]:
        """Charge what the page showed, each invoice by itself; pressed twice, it charges once."""
        home = await self.get_state(Home)
        if shown != f"{home.backfill.total} {home.backfill.method}":
            # Somebody's tab was a moment behind: they see the new list before they agree to it.
            return await self._refused(home, ListChanged())
        act = partial(backfill.confirm, home._chosen(), home._agreed, now=clock.now())
        # Pages that were left open are closed at Stripe.
        return await self._do(partial(in_stripe_thread_until_known, act))

    @rx.event
    @portal(pays=True)
    async def decline(self) -> list[EventSpec]:
        """Charge nothing, and ask no more."""
        home = await self.get_state(Home)
        act = partial(backfill.decline, home._chosen(), now=clock.now())
        return await self._do(partial(in_thread_until_known, act))

    @rx.event
    @portal(pays=True)
    async def close(self) -> list[EventSpec]:
        """Show no more what came of it."""
        home = await self.get_state(Home)
        act = partial(backfill.close, home._chosen(), now=clock.now())
        return await self._do(partial(in_thread_until_known, act))

    async def _do(self, act: Callable[[], Awaitable[object]]) -> list[EventSpec]:
        home = await self.get_state(Home)
        try:
            await act()
        except BillingError as refusal:
            return await self._refused(home, refusal)
        self.problem = ""
        await home._read_again()
        await live.changed(home._chosen().firm_id)
        return [browser.focus(TITLE if home.backfill.step else PAGE)]

    async def _refused(self, home: Home, refusal: BillingError) -> list[EventSpec]:
        self.problem = refusal.sentence
        await home._read_again()
        return [browser.refused(FORM)]
