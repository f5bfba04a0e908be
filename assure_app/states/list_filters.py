"""What a person does to the invoice list: filter, search, sort, turn its pages (R072, R140)."""

import reflex as rx
from reflex_base.event import EventSpec

from assure_app.auth.guard import requires
from assure_app.billing.reading.invoice_query import SORTS
from assure_app.domain.invoice_status import Status, Tile
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.invoice_list import InvoiceList, day_text_of, id_of
from assure_app.states.untrusted import one_of, text_of

_DOWN_FIRST = ("date", "total", "balance")


class ListFilters(rx.State):
    """Its handlers change the list, and then the neighbours that an open drawer leads to."""

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def filter_by_tile(self, tile: str) -> EventSpec:
        """Show one tile's invoices; the same tile again shows all (R072)."""
        listed = await self.get_state(InvoiceList)
        chosen = one_of(tile, set(Tile), "")
        listed.tile = "" if chosen == listed.tile else chosen
        return await self._show(listed, is_new_page=True)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def filter_by_status(self, status: str) -> EventSpec:
        """Show the invoices with one badge; "" shows every one."""
        listed = await self.get_state(InvoiceList)
        listed.status = one_of(status, set(Status), "")
        return await self._show(listed, is_new_page=True)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def filter_from(self, day: str) -> EventSpec:
        """Show what was issued on this day or later."""
        listed = await self.get_state(InvoiceList)
        listed.issued_from = day_text_of(day)
        return await self._show(listed, is_new_page=False)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def filter_to(self, day: str) -> EventSpec:
        """Show what was issued on this day or earlier."""
        listed = await self.get_state(InvoiceList)
        listed.issued_to = day_text_of(day)
        return await self._show(listed, is_new_page=False)

    @rx.event(supersedes=True)
    @requires(Permission.VIEW_BILLING)
    async def search_for(self, text: str) -> EventSpec:
        """Show what matches; only the latest text typed is searched."""
        listed = await self.get_state(InvoiceList)
        listed.search = text_of(text)
        return await self._show(listed, is_new_page=False)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def filter_by_client(self, client_id: int) -> EventSpec:
        """Show one client's invoices; 0 shows every client's (R140)."""
        listed = await self.get_state(InvoiceList)
        listed.client_id = id_of(client_id)
        return await self._show(listed, is_new_page=True)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def sort_by(self, column: str) -> EventSpec:
        """Sort by a header; the same header again turns the order around."""
        listed = await self.get_state(InvoiceList)
        chosen = one_of(column, SORTS, "date")
        is_again = chosen == listed.sort
        listed.descending = not listed.descending if is_again else chosen in _DOWN_FIRST
        listed.sort = chosen
        return await self._show(listed, is_new_page=False)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def go_to(self, cursor: str) -> EventSpec:
        """Show the page that the cursor names."""
        listed = await self.get_state(InvoiceList)
        return await self._show(listed, is_new_page=True, cursor=text_of(cursor))

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def clear(self) -> list[EventSpec]:
        """Show every invoice again."""
        return [await self._show_whole_tile(""), browser.focus_search()]

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def try_again(self) -> EventSpec:
        """Read the list once more after it could not be read."""
        listed = await self.get_state(InvoiceList)
        return await self._show(listed, is_new_page=False, cursor=listed.cursor)

    async def _show_whole_tile(self, tile: str) -> EventSpec:
        """Show what one tile counts, or with "" everything, narrowed by no other filter."""
        listed = await self.get_state(InvoiceList)
        listed.status = listed.search = listed.issued_from = listed.issued_to = ""
        listed.tile, listed.client_id = tile, 0
        listed.fills += 1
        return await self._show(listed, is_new_page=True)

    async def _show(self, listed: InvoiceList, *, is_new_page: bool, cursor: str = "") -> EventSpec:
        listed.cursor = cursor
        await listed._read()
        await (await self.get_state(InvoiceDrawer))._read_opened()
        return listed._address(is_new_page=is_new_page)
