"""The Mark paid dialog of one tab: the whole balance, as it is shown, and nothing else (R038)."""

from dataclasses import replace
from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import manual_payments
from assure_app.billing.manual_payments import PaymentStart, WholeBalanceForm
from assure_app.billing.previews import Preview
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.submission import submit
from assure_app.states.untrusted import text_of

DIALOG = "mark-paid"
FIELDS = ("amount", "method", "date", "reference")


class MarkPaidDialog(rx.State):
    """What the dialog shows. The form carries the amount it shows, so no other is recorded."""

    start: PaymentStart = PaymentStart()
    preview: Preview = Preview()
    problems: dict[str, str] = problems_by_field({}, FIELDS)
    _typed: dict[str, str] = fields_of({}, FIELDS)

    @rx.event
    @requires(Permission.EDIT_BILLING, act="mark an invoice as paid")
    async def open(self, number: str) -> EventSpec:
        """Open with the whole balance, today and a fresh form token."""
        try:
            self.start = await in_thread(
                manual_payments.start, acting(), text_of(number), now=clock.now()
            )
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        first = {"amount": self.start.amount, "method": "Check", "date": self.start.date}
        self._typed = fields_of(first, FIELDS)
        await self._preview()
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def typed(self, form: dict[str, Any]) -> None:
        """Show what this would do; a wrong field is named while it is being typed."""
        self._typed = fields_of(form, FIELDS)
        await self._preview()

    @rx.event
    @requires(Permission.EDIT_BILLING, act="mark an invoice as paid")
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Record the whole balance, or say why not and show the balance as it is now."""
        self._typed = fields_of(form, FIELDS)
        act = partial(
            manual_payments.record_payment,
            *(acting(), self.start.number, self._form()),
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

    def _form(self) -> WholeBalanceForm:
        return WholeBalanceForm(**self._typed)

    async def _refuse(self, refusal: BillingError) -> None:
        await self._preview()
        self.problems = problems_by_field(refusal.problems, FIELDS)

    async def _preview(self) -> None:
        """Ask what this would do; a balance that moved meanwhile is what the dialog shows next."""
        await self._ask()
        balance = self.preview.balance_before
        if balance and balance != self.start.balance:
            amount = balance.removeprefix("$")
            self.start = replace(self.start, balance=balance, amount=amount)
            self._typed = self._typed | {"amount": amount}
            await self._ask()

    async def _ask(self) -> None:
        try:
            self.preview = await in_thread(
                manual_payments.preview,
                *(acting(), self.start.number, self._form()),
                now=clock.now(),
            )
        except BillingError as refusal:
            self.preview = Preview(problems=refusal.problems)
        self.problems = problems_by_field(self.preview.problems, FIELDS)
