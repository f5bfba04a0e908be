"""The reports in one tab: the address says of which day or days, and what of them is chosen."""

from collections.abc import Mapping
from urllib.parse import urlencode

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing.reading import aging, period_reports
from assure_app.billing.reading.period_reports import Report
from assure_app.billing.reading.report_rows import AgingPage, PeriodPage
from assure_app.domain.errors import InvalidInput
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.untrusted import id_in, text_of

DAY, DAYS = ("day",), ("first", "last")


class AgingReport(rx.State):
    """Who owes how much for how long."""

    page: AgingPage = AgingPage()
    is_loaded: bool = False
    problems: dict[str, str] = problems_by_field({}, DAY)
    _day: str = ""
    _bucket: str = ""
    _client_id: int = 0

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Show what the address names."""
        asked = self.router.url.query_parameters
        self._day = text_of(asked.get("as-of"))
        self._bucket = text_of(asked.get("bucket"))
        self._client_id = id_in(asked.get("client"))
        await self._read_again()

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def show_day(self, day: str) -> EventSpec:
        """Show how things stood at the end of that day."""
        self._day = text_of(day)
        return await self._shown()

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def choose_bucket(self, slug: str) -> EventSpec:
        """List the invoices behind one bucket; the same again lists all."""
        asked = text_of(slug)
        self._bucket = "" if asked == self._bucket else asked
        return await self._shown()

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def choose_client(self, client_id: int) -> EventSpec:
        """List the invoices of one client; the same again lists all."""
        asked = id_in(client_id)
        self._client_id = 0 if asked == self._client_id else asked
        return await self._shown()

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def choose_all(self) -> EventSpec:
        """List the invoices behind all buckets and clients."""
        self._bucket, self._client_id = "", 0
        return await self._shown()

    async def _shown(self) -> EventSpec:
        await self._read_again()
        return _address({"as-of": self._day, "bucket": self._bucket, "client": self._client_id})

    async def _read_again(self) -> None:
        if not acting().has(Permission.VIEW_BILLING):
            return
        try:
            self.page = await in_thread(
                aging.page,
                acting(),
                self._day,
                bucket=self._bucket,
                client_id=self._client_id,
                now=clock.now(),
            )
            self.problems = problems_by_field({}, DAY)
        except InvalidInput as refusal:
            self.problems = problems_by_field(refusal.problems, DAY)
        self.is_loaded = True


class PeriodReport(rx.State):
    """What came in and what it cost, month by month."""

    page: PeriodPage = PeriodPage()
    is_loaded: bool = False
    problems: dict[str, str] = problems_by_field({}, DAYS)
    _first: str = ""
    _last: str = ""

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Show the days that the address names."""
        asked = self.router.url.query_parameters
        self._first, self._last = text_of(asked.get("from")), text_of(asked.get("to"))
        self.page = PeriodPage()
        await self._read_again()

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def show(self, first: str, last: str) -> EventSpec:
        """Show another period."""
        self._first, self._last = text_of(first), text_of(last)
        await self._read_again()
        return _address({"from": self._first, "to": self._last})

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def begin_on(self, day: str) -> EventSpec:
        """Let the period begin on another day."""
        return await self._moved(text_of(day), self.page.last)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def end_on(self, day: str) -> EventSpec:
        """Let the period end on another day."""
        return await self._moved(self.page.first, text_of(day))

    async def _moved(self, first: str, last: str) -> EventSpec:
        self._first, self._last = first, last
        await self._read_again()
        return _address({"from": first, "to": last})

    async def _read_again(self) -> None:
        if not acting().has(Permission.VIEW_BILLING):
            return
        is_fees = self.router.url.path.rstrip("/").endswith(Report.FEES.value)
        report = Report.FEES if is_fees else Report.PAYMENTS
        try:
            self.page = await in_thread(
                period_reports.page, acting(), report, self._first, self._last, now=clock.now()
            )
            self.problems = problems_by_field({}, DAYS)
        except InvalidInput as refusal:
            self.problems = problems_by_field(refusal.problems, DAYS)
        self.is_loaded = True


def _address(asked: Mapping[str, str | int]) -> EventSpec:
    named = {name: value for name, value in asked.items() if value}
    return browser.address(urlencode(named), page="reports", is_new_page=True)
