"""The Record payment dialog of one tab (R018–R037)."""

from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import manual_payments
from assure_app.billing.manual_payments import PaymentForm, PaymentStart
from assure_app.billing.previews import Preview
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.submission import submit
from assure_app.states.untrusted import text_of

DIALOG = "record-payment"
FIELDS = ("amount", "method", "date", "reference", "notes")


class PaymentDialog(rx.State):
    """What the dialog shows; what is typed stays in the browser until it is previewed or sent."""

    start: PaymentStart = PaymentStart()
    preview: Preview = Preview()
    method: str = "Check"
    problems: dict[str, str] = problems_by_field({}, FIELDS)
    _typed: dict[str, str] = fields_of({}, FIELDS)

    @rx.event
    @requires(Permission.EDIT_BILLING, act="record a payment")
    async def open(self, number: str) -> EventSpec:
        """Open with the balance, today and a fresh form token."""
        try:
            self.start = await in_thread(
                manual_payments.start, acting(), text_of(number), now=clock.now()
            )
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.method = "Check"
        first = {"amount": self.start.amount, "method": self.method, "date": self.start.date}
        self._typed = fields_of(first, FIELDS)
        self.problems = problems_by_field({}, FIELDS)
        await self._preview()
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def typed(self, form: dict[str, Any]) -> None:
        """Show what recording this would do; a wrong field is named while it is being typed."""
        self._typed = fields_of(form, FIELDS)
        self.method = self._typed["method"][:16]
        await self._preview()

    @rx.event
    @requires(Permission.EDIT_BILLING, act="record a payment")
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Record the payment, or say beside its field what is wrong and keep all that was typed."""
        self._typed = fields_of(form, FIELDS)
        act = partial(
            manual_payments.record_payment,
            *(acting(), self.start.number, PaymentForm(**self._typed)),
            form_token=self.start.form_token,
            now=clock.now(),
        )
        async for step in submit(self, DIALOG, act):
            yield step

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = PaymentStart()

    async def _refuse(self, refusal: BillingError) -> None:
        self.problems = problems_by_field(refusal.problems, FIELDS)

    async def _preview(self) -> None:
        try:
            self.preview = await in_thread(
                manual_payments.preview,
                acting(),
                self.start.number,
                PaymentForm(**self._typed),
                now=clock.now(),
            )
        except BillingError as refusal:
            self.preview = Preview(problems=refusal.problems)
        self.problems = problems_by_field(self.preview.problems, FIELDS)
