"""The invoice list of one tab: what it shows, and the address that says so (R072, R140)."""

from dataclasses import astuple, replace
from urllib.parse import urlencode

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock
from assure_app.auth.guard import acting
from assure_app.billing.reading.invoice_list import page as read_page
from assure_app.billing.reading.invoice_query import SORTS, Query, usable
from assure_app.billing.reading.rows import InvoicePage
from assure_app.billing.reading.selection import Selection
from assure_app.billing.reading.selection import selection as read_selection
from assure_app.domain.errors import BillingError, InvalidInput
from assure_app.domain.invoice_status import Status, Tile
from assure_app.states import browser
from assure_app.states.dialog import problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.untrusted import one_of, text_of

FIELDS = ("search", "from", "to")
_LARGEST_ID = 2**31
_LONGEST_DAY = 40


class InvoiceList(rx.State):
    """What the list shows. The filters live in the address, so a shared link shows the same.

    `problems` says by field which filter cannot be used; `failure` why there is nothing to show.
    `fills` counts how often the filters' fields were filled by us and not by their user.
    """

    page: InvoicePage = InvoicePage()
    selection: Selection = Selection()
    is_loaded: bool = False
    failure: str = ""
    problems: dict[str, str] = problems_by_field({}, FIELDS)
    tile: str = ""
    status: str = ""
    search: str = ""
    client_id: int = 0
    issued_from: str = ""
    issued_to: str = ""
    sort: str = "date"
    descending: bool = True
    cursor: str = ""
    opened: str = ""
    fills: int = 0
    _selected_among: tuple[str | int | bool, ...] = ()

    @rx.var
    def count(self) -> str:
        """ "12 of 41"; "5,000+ of 1,000,000" when counting ended before the last."""
        more = "+" if self.page.has_more_matching else ""
        return f"{self.page.matching:,}{more} of {self.page.total:,}"

    @rx.var
    def folded_filters(self) -> int:
        """How many of the filters that a narrow screen folds away are set."""
        return sum(1 for value in (self.status, self.issued_from, self.issued_to) if value)

    @rx.var
    def is_filtered(self) -> bool:
        """Whether any filter is set."""
        return self._narrowing() != _EVERYTHING

    @rx.var
    def is_page_selected(self) -> bool:
        """Whether every row of the page is ticked."""
        shown = {row.number for row in self.page.rows}
        return bool(shown) and shown <= set(self.selection.numbers)

    @rx.var
    def export_address(self) -> str:
        """Where the list is to be had as a file, filtered and sorted as it is shown."""
        return f"/invoices/export.csv?{urlencode(self._filters())}".rstrip("?")

    @rx.var
    def payments_address(self) -> str:
        """Where the payments of the listed invoices are to be had as a file."""
        return f"/invoices/payments.csv?{urlencode(self._filters())}".rstrip("?")

    def _query(self) -> Query:
        return Query(
            tile=self.tile,
            status=self.status,
            search=self.search,
            client_id=self.client_id,
            issued_from=self.issued_from,
            issued_to=self.issued_to,
            sort=self.sort,
            descending=self.descending,
            cursor=self.cursor,
        )

    def _narrowing(self) -> tuple[str | int | bool, ...]:
        """What decides which invoices are in the list, whatever their order."""
        return astuple(replace(self._query(), sort="date", descending=True, cursor=""))

    def _take_address(self) -> str:
        """Read the filters from the address; gives the number of the invoice to open, or ""."""
        asked = self.router.url.query_parameters
        self.tile = one_of(asked.get("tile"), set(Tile), "")
        self.status = one_of(asked.get("status"), set(Status), "")
        self.search = text_of(asked.get("q"))
        self.client_id = id_of(asked.get("client", "0"))
        self.issued_from = day_text_of(asked.get("from"))
        self.issued_to = day_text_of(asked.get("to"))
        self.sort = one_of(asked.get("sort"), SORTS, "date")
        self.descending = asked.get("order", "down") != "up"
        self.cursor = text_of(asked.get("page"))
        self.opened = text_of(asked.get("invoice"))
        self.fills += 1
        return self.opened

    def _filters(self) -> dict[str, str | int]:
        """The filters and the order by their names in an address."""
        chosen: dict[str, str | int] = {
            "tile": self.tile,
            "status": self.status,
            "q": self.search.strip()[:200],
            "client": self.client_id,
            "from": self.issued_from,
            "to": self.issued_to,
            "sort": "" if self.sort == "date" else self.sort,
            "order": "" if self.descending else "up",
        }
        return {name: value for name, value in chosen.items() if value}

    def _address(self, *, is_new_page: bool) -> EventSpec:
        return browser.address(urlencode(self._place()), page="invoices", is_new_page=is_new_page)

    def _mended_address(self) -> list[EventSpec]:
        """The address of what is shown, when another one was asked for. The same one, written
        again, would undo a step that the browser has gone back or forward meanwhile."""
        asked = dict(self.router.url.query_parameters)
        shown = {name: str(value) for name, value in self._place().items()}
        return [] if asked == shown else [self._address(is_new_page=False)]

    def _place(self) -> dict[str, str | int]:
        """Everything that the address names: drawer, filters, order and page."""
        opened: dict[str, str | int] = {"invoice": self.opened} if self.opened else {}
        paging = {"page": self.cursor} if self.cursor else {}
        return opened | self._filters() | paging

    async def _read(self) -> None:
        """Read the page again, and which of the ticked invoices this person may still see."""
        try:
            await self._read_page()
            await self._select(self.selection.numbers)
            self.failure = ""
        except BillingError as refusal:
            self.page, self.failure = InvoicePage(), refusal.sentence
        self.is_loaded = True

    async def _read_page(self) -> None:
        """A filter that cannot be used narrows nothing and says why, so that the address alone
        decides what is shown."""
        problems: dict[str, str] = {}
        try:
            self.page = await in_thread(read_page, acting(), self._query(), now=clock.now())
        except InvalidInput as refusal:
            problems = refusal.problems
            query = usable(self._query())
            self.page = await in_thread(read_page, acting(), query, now=clock.now())
        self.problems = problems_by_field(problems, FIELDS)
        self.cursor = self.page.cursor

    async def _select(self, numbers: tuple[str, ...]) -> None:
        """Tick these invoices and no others; other filters begin with none."""
        among = self._narrowing()
        if among != self._selected_among:
            self._selected_among, numbers = among, ()
        self.selection = Selection()
        if numbers:
            self.selection = await in_thread(read_selection, acting(), numbers)

    def _untick(self, numbers: tuple[str, ...]) -> None:
        """Take these ticks away; what the others come to is read with the list."""
        left = tuple(each for each in self.selection.numbers if each not in numbers)
        self.selection = replace(self.selection, numbers=left)


_EVERYTHING = astuple(Query())


def id_of(value: object) -> int:
    """The id that a browser sent, 0 for anything that is none."""
    text = str(value)
    is_id = text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST_ID))
    return int(text) if is_id and int(text) < _LARGEST_ID else 0


def day_text_of(value: object) -> str:
    """The day that a browser sent, still to be read, and no longer than a day can be."""
    return text_of(value)[:_LONGEST_DAY]
