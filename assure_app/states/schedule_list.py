"""The schedules of one tab: the list with its filters, and the one that is open (R123)."""

from urllib.parse import urlencode

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing.reading.schedule_detail import detail, id_of
from assure_app.billing.reading.schedule_list import FILTERS, ScheduleQuery
from assure_app.billing.reading.schedule_list import page as read_page
from assure_app.billing.reading.schedule_rows import ScheduleDetail, SchedulePage
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.hop import in_thread
from assure_app.states.untrusted import one_of, text_of

_MOST_PAGES = 100_000


class ScheduleList(rx.State):
    """What the page shows. The filters live in the address, so a shared link shows the same.

    `opened` is the id of the schedule in the drawer, "" for none. `fills` counts how often the
    filters' fields were filled by us and not by their user.
    """

    page: SchedulePage = SchedulePage()
    is_loaded: bool = False
    failure: str = ""
    show: str = ""
    search: str = ""
    at: int = 1
    fills: int = 0
    opened: str = ""
    schedule: ScheduleDetail = ScheduleDetail()
    problem: str = ""

    @rx.var
    def is_filtered(self) -> bool:
        """Whether any filter is set."""
        return bool(self.show or self.search)

    @rx.event
    @signed_in
    async def load(self) -> list[EventSpec]:
        """Show what the address names, to who may see billing."""
        if not acting().has(Permission.VIEW_BILLING):
            return []
        asked = self.router.url.query_parameters
        self.show = one_of(asked.get("show"), FILTERS, "")
        self.search = text_of(asked.get("q"))
        self.at = page_of(asked.get("page"))
        self.opened = text_of(asked.get("schedule"))[:12]
        self.fills += 1
        await self._read_all()
        return [browser.drawer_opened(self.opened)] if self.opened else []

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def narrow(self, show: str) -> EventSpec:
        """Show one kind only; the same again, or "", shows all."""
        chosen = one_of(show, FILTERS, "")
        self.show = "" if chosen == self.show else chosen
        self.fills += 1
        return await self._show(is_new_page=True)

    @rx.event(supersedes=True)
    @requires(Permission.VIEW_BILLING)
    async def search_for(self, text: str) -> EventSpec:
        """Show what matches; only the latest text typed is searched."""
        self.search = text_of(text)
        return await self._show(is_new_page=False)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def go_to(self, page: str) -> EventSpec:
        """Show another page."""
        return await self._show(is_new_page=True, at=page_of(page))

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def clear(self) -> list[EventSpec]:
        """Show every schedule again."""
        self.show = self.search = ""
        self.fills += 1
        return [await self._show(is_new_page=True), browser.focus_search()]

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def open(self, schedule_id: str) -> list[EventSpec]:
        """Open a schedule, or go to another one of the list."""
        is_new_page = not self.opened
        self.opened = text_of(schedule_id)[:12]
        await self._read_opened()
        return [browser.drawer_opened(self.opened), self._address(is_new_page=is_new_page)]

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def close(self) -> list[EventSpec]:
        """Close the drawer and go back to the row."""
        self.opened = ""
        return [browser.drawer_closed(), self._address(is_new_page=False)]

    async def _show(self, *, is_new_page: bool, at: int = 1) -> EventSpec:
        self.at = at
        await self._read_list()
        return self._address(is_new_page=is_new_page)

    async def _read_again(self) -> None:
        if acting().has(Permission.VIEW_BILLING):
            await self._read_all()

    async def _read_all(self) -> None:
        await self._read_list()
        await self._read_opened()

    async def _read_list(self) -> None:
        query = ScheduleQuery(show=self.show, search=self.search, page=self.at)
        try:
            self.page = await in_thread(read_page, acting(), query, now=clock.now())
            self.failure = ""
        except BillingError as refusal:
            self.page, self.failure = SchedulePage(), refusal.sentence
        self.is_loaded = True

    async def _read_opened(self) -> None:
        if not self.opened:
            return
        try:
            self.schedule = await in_thread(detail, acting(), id_of(self.opened), now=clock.now())
            self.problem = ""
        except BillingError as refusal:
            self.schedule, self.problem = ScheduleDetail(), refusal.sentence

    def _address(self, *, is_new_page: bool) -> EventSpec:
        place = {
            "schedule": self.opened,
            "show": self.show,
            "q": self.search.strip()[:200],
            "page": str(self.at) if self.at > 1 else "",
        }
        shown = {name: value for name, value in place.items() if value}
        return browser.address(urlencode(shown), page="recurring", is_new_page=is_new_page)


def page_of(value: object) -> int:
    """The number of a page as a browser sent it, 1 for anything that is none."""
    text = text_of(value)
    is_page = text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_PAGES))
    return max(1, int(text)) if is_page else 1
