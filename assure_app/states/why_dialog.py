"""The Why dialog of one tab: any figure, with the rule and the rows behind it."""

from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing.reading import why
from assure_app.billing.reading.why import Why
from assure_app.billing.reading.why_tile import explain_tile
from assure_app.domain.errors import BillingError
from assure_app.domain.invoice_status import Tile
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.hop import in_thread
from assure_app.states.list_filters import ListFilters
from assure_app.states.untrusted import one_of, text_of

DIALOG = "why"


class WhyDialog(rx.State):
    """What was asked last; nothing is kept of it once the dialog is closed."""

    why: Why = Why()

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def ask(self, number: str, figure: str) -> EventSpec:
        """Say why a figure of an invoice is what it is."""
        return await self._show(why.explain, text_of(number), text_of(figure))

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def ask_tile(self, tile: str) -> EventSpec:
        """Say why a tile counts so many."""
        return await self._show(explain_tile, text_of(tile))

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def show_tile(self) -> list[EventSpec]:
        """Show the invoices that the tile counts, all of them."""
        filters = await self.get_state(ListFilters)
        shown = await filters._show_whole_tile(one_of(self.why.tile, set(Tile), ""))
        return [browser.close_dialog(DIALOG), shown]

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog."""
        self.why = Why()

    async def _show(self, read: Any, *asked: str) -> EventSpec:
        try:
            self.why = await in_thread(read, acting(), *asked, now=clock.now())
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        return browser.open_dialog(DIALOG)
