"""The ticks of the invoice list (R140). They last over pages and sorts of the same filters."""

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import toasts
from assure_app.auth.guard import requires
from assure_app.billing.reading.selection import MOST_SELECTED
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.untrusted import text_of


class ListSelection(rx.State):
    """Only what the tab shows can be ticked, so a made-up number never gets in."""

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def select(self, number: str, is_selected: bool) -> list[EventSpec]:
        """Tick one row of the page, or take its tick away."""
        listed = await self.get_state(InvoiceList)
        shown = [row.number for row in listed.page.rows if row.number == text_of(number)]
        return await self._change(listed, shown, is_selected=is_selected is True)

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def select_page(self, is_selected: bool) -> list[EventSpec]:
        """Tick every row of the page, or take every tick of the page away."""
        listed = await self.get_state(InvoiceList)
        shown = [row.number for row in listed.page.rows]
        return await self._change(listed, shown, is_selected=is_selected is True)

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def clear(self) -> None:
        """Take every tick away."""
        await (await self.get_state(InvoiceList))._select(())

    async def _change(
        self, listed: InvoiceList, numbers: list[str], *, is_selected: bool
    ) -> list[EventSpec]:
        before = listed.selection.numbers
        left = tuple(number for number in before if number not in numbers)
        wanted = tuple(dict.fromkeys((*before, *numbers))) if is_selected else left
        try:
            await listed._select(wanted)
        except BillingError as refusal:
            return [toasts.refused(refusal.sentence), browser.settle_ticks()]
        if len(wanted) <= MOST_SELECTED:
            return []
        limit = f"At most {MOST_SELECTED} invoices can be selected at once."
        return [toasts.warned(limit), browser.settle_ticks()]
