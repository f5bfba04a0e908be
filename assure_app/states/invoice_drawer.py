"""The drawer of one tab: one invoice, opened from the list (R141)."""

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock
from assure_app.auth.guard import acting, requires
from assure_app.billing.reading.invoice_detail import detail as read_detail
from assure_app.billing.reading.rows import InvoiceDetail
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.hop import in_thread
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.untrusted import text_of


class InvoiceDrawer(rx.State):
    """What the drawer shows; `is_open` is false when there is none."""

    invoice: InvoiceDetail = InvoiceDetail()
    is_open: bool = False
    problem: str = ""

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def load(self) -> list[EventSpec]:
        """Show what the address names: the list's page, and the invoice if it names one."""
        listed = await self.get_state(InvoiceList)
        number = listed._take_address()
        await listed._read()
        address = listed._mended_address()
        if not number:
            self.is_open = False
            return address
        await self._read(number)
        return [browser.drawer_opened(number), *address]

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def open(self, number: str) -> list[EventSpec]:
        """Open an invoice, or go to another one of the list."""
        listed = await self.get_state(InvoiceList)
        is_new_page = not listed.opened
        listed.opened = text_of(number)
        await self._read(listed.opened)
        return [
            browser.drawer_opened(listed.opened),
            listed._address(is_new_page=is_new_page),
        ]

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def close(self) -> list[EventSpec]:
        """Close the drawer and go back to the row."""
        listed = await self.get_state(InvoiceList)
        listed.opened = ""
        self.is_open = False
        return [browser.drawer_closed(), listed._address(is_new_page=False)]

    async def _read_all(self) -> None:
        await (await self.get_state(InvoiceList))._read()
        await self._read_opened()

    async def _read_opened(self) -> None:
        if self.is_open:
            await self._read((await self.get_state(InvoiceList)).opened)

    async def _read(self, number: str) -> None:
        listed = await self.get_state(InvoiceList)
        try:
            self.invoice = await in_thread(
                read_detail, acting(), number, listed._query(), now=clock.now()
            )
            self.problem = ""
        except BillingError as refusal:
            self.invoice, self.problem = InvoiceDetail(), refusal.sentence
        self.is_open = True
