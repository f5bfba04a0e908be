"""The Cancel invoice dialog of one tab (R129, R130)."""

from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import cancellation
from assure_app.billing.cancellation import CancelForm, CancelPreview, CancelStart
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.submission import submit
from assure_app.states.untrusted import text_of

DIALOG = "cancel-invoice"
FIELDS = ("reason", "written_off")


class CancelDialog(rx.State):
    """What the dialog shows. The form carries the amount it shows as given up, so no other is."""

    start: CancelStart = CancelStart()
    preview: CancelPreview = CancelPreview()
    problems: dict[str, str] = problems_by_field({}, FIELDS)

    @rx.event
    @requires(Permission.EDIT_BILLING, act="cancel an invoice")
    async def open(self, number: str) -> EventSpec:
        """Open with what is kept and what is given up, and no reason yet."""
        try:
            self.start = await in_thread(
                cancellation.start, acting(), text_of(number), now=clock.now()
            )
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        await self._preview()
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.EDIT_BILLING, act="cancel an invoice")
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Cancel, or say why not, show the figures as they are now and keep the reason typed."""
        act = partial(
            cancellation.cancel,
            *(acting(), self.start.number, CancelForm(**fields_of(form, FIELDS))),
            form_token=self.start.form_token,
            invoice_id=self.start.invoice_id,
            now=clock.now(),
        )
        async for step in submit(self, DIALOG, act):
            yield step

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = CancelStart()

    async def _refuse(self, refusal: BillingError) -> None:
        await self._preview()
        self.problems = problems_by_field(refusal.problems, FIELDS)

    async def _preview(self) -> None:
        try:
            self.preview = await in_thread(
                cancellation.preview, acting(), self.start.number, now=clock.now()
            )
        except BillingError as refusal:
            self.preview = CancelPreview(problems=refusal.problems)
        self.problems = problems_by_field(self.preview.problems, FIELDS)
