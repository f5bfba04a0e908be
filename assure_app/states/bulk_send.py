"""The Send invoices dialog of one tab: what was ticked in the list is sent at once (R140)."""

from dataclasses import replace

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import bulk_sending
from assure_app.billing.reading.send_rows import BulkOutcome, BulkSendRow
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown
from assure_app.states.hop import in_thread
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.invoice_list import InvoiceList

DIALOG = "bulk-send"


class BulkSend(rx.State):
    """What the dialog says. What is sent is what it said, and never what a browser names."""

    ready: tuple[BulkSendRow, ...] = ()
    refused: tuple[BulkSendRow, ...] = ()
    total: str = ""
    problem: str = ""
    is_open: bool = False
    is_sent: bool = False

    @rx.event
    @requires(Permission.EDIT_BILLING, act="send invoices")
    async def open(self) -> EventSpec:
        """Say of every ticked invoice whether it will be sent, and if not, why."""
        self.reset()
        try:
            await self._preview()
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.is_open = True
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.EDIT_BILLING, act="send invoices")
    async def submit(self) -> Shown:
        """Send what the dialog named; what is refused now stays ticked and says why."""
        if not self.ready:  # The second half of a double click.
            return
        numbers = tuple(row.number for row in self.ready)
        try:
            outcome = await in_thread(
                bulk_sending.send_many, acting(), numbers, shown=self.ready, now=clock.now()
            )
        except BillingError as refusal:
            self.problem = refusal.sentence
            yield browser.refused(DIALOG)
            return
        self._take(outcome)
        yield self._told(outcome)
        await live.changed(acting().firm_id)
        await self._read_all(outcome)

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what it said is gone."""
        self.reset()

    async def _preview(self) -> None:
        listed = await self.get_state(InvoiceList)
        chosen = listed.selection.numbers
        preview = await in_thread(bulk_sending.preview_many, acting(), chosen, now=clock.now())
        self.ready = tuple(row for row in preview.rows if not row.problem)
        self.refused = tuple(row for row in preview.rows if row.problem)
        self.total = preview.total

    async def _follow(self) -> None:
        """Something of the firm changed elsewhere: say what sending would do now."""
        if not self.is_open or self.is_sent:
            return
        try:
            await self._preview()
        except BillingError as refusal:
            self.problem = refusal.sentence

    def _take(self, outcome: BulkOutcome) -> None:
        """Keep what was not sent, each with its sentence."""
        reasons = {each.number: each.sentence for each in outcome.refused}
        left = (row for row in self.ready if row.number in reasons)
        told = tuple(replace(row, problem=reasons[row.number]) for row in left)
        self.ready, self.refused = (), (*told, *self.refused)
        self.problem, self.is_sent = "", True

    def _told(self, outcome: BulkOutcome) -> list[EventSpec]:
        if outcome.refused:
            return [browser.refused(DIALOG), toasts.warned(outcome.sentence)]
        return [browser.close_dialog(DIALOG), rx.toast.success(outcome.sentence)]

    async def _read_all(self, outcome: BulkOutcome) -> None:
        listed = await self.get_state(InvoiceList)
        listed._untick(outcome.sent)
        await (await self.get_state(InvoiceDrawer))._read_all()
