"""The Send reminder dialog of one tab: to whom it goes, and what it will say (R071, R075)."""

from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import reminders
from assure_app.billing.reading.reminder_rows import RemindStart
from assure_app.domain.errors import BillingError
from assure_app.domain.invoice_acts import Act
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.submission import submit
from assure_app.states.untrusted import text_of

DIALOG = "send-reminder"


class RemindDialog(rx.State):
    """What the dialog shows; its form token makes a doubled click one reminder."""

    start: RemindStart = RemindStart()
    problems: dict[str, str] = problems_by_field({}, ())

    @rx.event
    @requires(Permission.EDIT_BILLING, act=Act.REMIND)
    async def open(self, number: str) -> EventSpec:
        """Open with who would get it and what is owed now."""
        try:
            await self._start(text_of(number))
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.problems = problems_by_field({}, ())
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.EDIT_BILLING, act=Act.REMIND)
    async def submit(self, form: dict[str, Any]) -> Shown:  # noqa: ARG002  there is nothing to type
        """Send it, or say why not."""
        act = partial(
            reminders.send_now,
            *(acting(), self.start.number),
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
        self.start = RemindStart()

    async def _start(self, number: str) -> None:
        self.start = await in_thread(reminders.start, acting(), number, now=clock.now())

    async def _refuse(self, refusal: BillingError) -> None:
        self.problems = problems_by_field(refusal.problems, ())
