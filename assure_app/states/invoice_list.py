"""The invoice list of one tab: its filters, its page, and its address (R072, R140)."""

from urllib.parse import urlencode

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock
from assure_app.auth.guard import acting, requires
from assure_app.billing.reading.invoice_list import page as read_page
from assure_app.billing.reading.invoice_query import SORTS, Query
from assure_app.billing.reading.rows import InvoicePage
from assure_app.domain.errors import BillingError, InvalidInput
from assure_app.domain.invoice_status import Tile
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.hop import in_thread
from assure_app.states.untrusted import one_of, text_of

_LARGEST_ID = 2**31


class InvoiceList(rx.State):
    """What the list shows. The filters live in the address, so a shared link shows the same.

    `searches` counts how often the search box was filled by us and not by its user.
    """

    page: InvoicePage = InvoicePage()
    is_loaded: bool = False
    problem: str = ""
    tile: str = ""
    search: str = ""
    client_id: int = 0
    sort: str = "date"
    descending: bool = True
    cursor: str = ""
    opened: str = ""
    searches: int = 0

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def filter_by_tile(self, tile: str) -> EventSpec:
        """Show one tile's invoices; the same tile again shows all (R072)."""
        chosen = one_of(tile, set(Tile), "")
        self.tile, self.cursor = ("" if chosen == self.tile else chosen), ""
        return await self._show(is_new_page=True)

    @rx.event(supersedes=True)
    @requires(Permission.VIEW_BILLING)
    async def search_for(self, text: str) -> EventSpec:
        """Show what matches; only the latest text typed is searched."""
        self.search, self.cursor = text_of(text), ""
        return await self._show(is_new_page=False)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def filter_by_client(self, client_id: int) -> EventSpec:
        """Show one client's invoices; 0 shows every client's (R140)."""
        self.client_id, self.cursor = _id(client_id), ""
        return await self._show(is_new_page=True)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def sort_by(self, column: str) -> EventSpec:
        """Sort by a header; the same header again turns the order around."""
        chosen = one_of(column, SORTS, "date")
        self.descending = not self.descending if chosen == self.sort else chosen in _DOWN_FIRST
        self.sort, self.cursor = chosen, ""
        return await self._show(is_new_page=False)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def go_to(self, cursor: str) -> EventSpec:
        """Show the page that the cursor names."""
        self.cursor = text_of(cursor)
        return await self._show(is_new_page=True)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def clear(self) -> list[EventSpec]:
        """Show every invoice again."""
        self.tile, self.search, self.client_id, self.cursor = "", "", 0, ""
        self.searches += 1
        return [await self._show(is_new_page=True), browser.focus_search()]

    def _query(self) -> Query:
        return Query(
            tile=self.tile,
            search=self.search,
            client_id=self.client_id,
            sort=self.sort,
            descending=self.descending,
            cursor=self.cursor,
        )

    def _take_address(self) -> str:
        """Read the filters from the address; gives the number of the invoice to open, or ""."""
        asked = self.router.url.query_parameters
        self.tile = one_of(asked.get("tile"), set(Tile), "")
        self.search = text_of(asked.get("q"))
        self.client_id = _id(asked.get("client", "0"))
        self.sort = one_of(asked.get("sort"), SORTS, "date")
        self.descending = asked.get("order", "down") != "up"
        self.cursor = text_of(asked.get("page"))
        self.opened = text_of(asked.get("invoice"))
        self.searches += 1
        return self.opened

    def _address(self, *, is_new_page: bool) -> EventSpec:
        shown = {
            "invoice": self.opened,
            "tile": self.tile,
            "q": self.search.strip()[:200],
            "client": self.client_id or "",
            "sort": "" if self.sort == "date" else self.sort,
            "order": "" if self.descending else "up",
            "page": self.cursor,
        }
        query = urlencode({name: value for name, value in shown.items() if value})
        return browser.address(query, is_new_page=is_new_page)

    async def _show(self, *, is_new_page: bool) -> EventSpec:
        await self._read()
        return self._address(is_new_page=is_new_page)

    async def _read(self) -> None:
        """Read the page again; a filter that cannot be used leaves the rows and says why."""
        try:
            self.page = await in_thread(read_page, acting(), self._query(), now=clock.now())
            self.problem = ""
        except InvalidInput as refusal:
            self.problem, self.cursor = refusal.sentence, ""
        except BillingError as refusal:
            self.page, self.problem = InvoicePage(), refusal.sentence
        self.is_loaded = True


_DOWN_FIRST = ("date", "total", "balance")


def _id(value: object) -> int:
    text = str(value)
    is_id = text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST_ID))
    return int(text) if is_id and int(text) < _LARGEST_ID else 0
