"""The Send dialog of one tab: a draft goes out, or an open invoice goes out again (R141)."""

from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import sending
from assure_app.billing.reading.send_rows import SendForm, SendStart
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.submission import submit
from assure_app.states.untrusted import text_of

DIALOG = "send-invoice"
FIELDS = ("to", "message", "keep")


class SendDialog(rx.State):
    """What the dialog shows; what is sent is the version of the invoice that it showed."""

    start: SendStart = SendStart()
    problems: dict[str, str] = problems_by_field({}, FIELDS)

    @rx.event
    @requires(Permission.EDIT_BILLING, act="send an invoice")
    async def open(self, number: str) -> EventSpec:
        """Open with the client's addresses and what is due."""
        try:
            await self._start(text_of(number))
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def open_if_asked(self) -> list[EventSpec]:
        """Open for the draft that the address names with `send=1`; a reload does not ask again."""
        if self.router.url.query_parameters.get("send") != "1":
            return []
        listed = await self.get_state(InvoiceList)
        settled = listed._address(is_new_page=False)
        try:
            await self._start(listed.opened)
        except BillingError as refusal:
            return [settled, toasts.refused(refusal.sentence)]
        return [settled, browser.open_dialog(DIALOG)] if self.start.is_draft else [settled]

    @rx.event
    @requires(Permission.EDIT_BILLING, act="send an invoice")
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Send, or say beside its field what is wrong and keep all that was typed."""
        send = sending.send if self.start.is_draft else sending.resend
        form_read = SendForm(**fields_of(form, FIELDS))
        async for step in submit(self, DIALOG, self._act(send, form_read)):
            yield step

    @rx.event
    @requires(Permission.EDIT_BILLING, act="send an invoice")
    async def mark_as_sent(self) -> Shown:
        """The invoice reached the client another way: open it and send nothing."""
        async for step in submit(self, DIALOG, self._act(sending.mark_as_sent)):
            yield step

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = SendStart()

    async def _start(self, number: str) -> None:
        self.start = await in_thread(sending.start, acting(), number, now=clock.now())
        self.problems = problems_by_field({}, FIELDS)

    async def _refuse(self, refusal: BillingError) -> None:
        self.problems = problems_by_field(refusal.problems, FIELDS)

    def _act(self, act: Any, *more: SendForm) -> Any:
        known = (acting(), self.start.number, *more)
        seen = {"invoice_id": self.start.invoice_id, "version": self.start.version}
        return partial(act, *known, **seen, now=clock.now())
