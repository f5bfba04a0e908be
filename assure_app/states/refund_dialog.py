"""The Refund dialog of one tab (R077–R095)."""

import secrets
from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import refunds
from assure_app.billing.previews import Preview
from assure_app.billing.refunds import RefundForm, RefundStart
from assure_app.billing.stripe_refunds import RefundNotMade
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.submission import submit

DIALOG = "refund"
FIELDS = ("amount", "reason", "notes")


class RefundDialog(rx.State):
    """What the dialog shows; what is typed stays in the browser until it is previewed or sent."""

    start: RefundStart = RefundStart()
    preview: Preview = Preview()
    problems: dict[str, str] = problems_by_field({}, FIELDS)
    _form_token: str = ""
    _typed: dict[str, str] = fields_of({}, FIELDS)
    _refused: dict[str, str] = {}
    _refusal: dict[str, str] = {}

    @rx.event
    @requires(Permission.EDIT_BILLING, act="refund a payment")
    async def open(self, payment_id: int) -> EventSpec:
        """Open with all that is left of the payment, and no reason chosen."""
        try:
            self.start = await in_thread(refunds.start, acting(), payment_id, now=clock.now())
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self._form_token = self.start.form_token
        self._typed = fields_of({"amount": self.start.amount}, FIELDS)
        self._refused, self._refusal = {}, {}
        await self._preview()
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def typed(self, form: dict[str, Any]) -> None:
        """Show what this refund would do; a wrong amount is named while it is being typed."""
        self._typed = fields_of(form, FIELDS)
        await self._preview()

    @rx.event
    @requires(Permission.EDIT_BILLING, act="refund a payment")
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Refund, or name what is wrong beside its field and keep all that was typed."""
        self._typed = fields_of(form, FIELDS)
        act = partial(
            refunds.refund_payment,
            *(acting(), self.start.payment_id, RefundForm(**self._typed)),
            form_token=self._form_token,
            now=clock.now(),
        )
        async for step in submit(self, DIALOG, act):
            yield step

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = RefundStart()

    async def _refuse(self, refusal: BillingError) -> None:
        self._refused, self._refusal = self._typed, refusal.problems
        self.problems = problems_by_field(refusal.problems, FIELDS)
        if isinstance(refusal, RefundNotMade):
            await self._begin_anew()

    async def _begin_anew(self) -> None:
        """What Stripe refused stands in the books as failed: another try is another form."""
        self._form_token = secrets.token_urlsafe(24)
        await live.changed(acting().firm_id)
        drawer: InvoiceDrawer = await self.get_state(InvoiceDrawer)
        await drawer._read_opened()

    async def _preview(self) -> None:
        try:
            self.preview = await in_thread(
                refunds.preview,
                acting(),
                self.start.payment_id,
                RefundForm(**self._typed),
                now=clock.now(),
            )
        except BillingError as refusal:
            self.preview = Preview(problems=refusal.problems)
        problems = self._still_wrong() | self.preview.problems
        self.problems = problems_by_field(problems, FIELDS)

    def _still_wrong(self) -> dict[str, str]:
        """What was refused in fields that the preview does not read, until they are changed."""
        return {
            field: self._refusal[field]
            for field in ("reason", "notes")
            if field in self._refusal and self._typed[field] == self._refused[field]
        }
