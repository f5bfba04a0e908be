"""The dialog about auto-pay of one invoice, in one tab: try now, stop, or go on."""

from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import autopay_acts
from assure_app.billing.reading.rows import AutopayStart
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown
from assure_app.states.hop import in_thread
from assure_app.states.submission import submit
from assure_app.states.untrusted import text_of

DIALOG = "autopay"


class AutopayDialog(rx.State):
    """What the dialog asks; how often it was tried so far makes a doubled click one try."""

    start: AutopayStart = AutopayStart()
    problem: str = ""

    @rx.event
    @requires(Permission.EDIT_BILLING, act=autopay_acts.ACT)
    async def open(self, number: str, act: str) -> EventSpec:
        """Ask whether that shall be done."""
        try:
            self.start = await in_thread(
                autopay_acts.start, acting(), text_of(number), text_of(act), now=clock.now()
            )
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.problem = ""
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.EDIT_BILLING, act=autopay_acts.ACT)
    async def submit(self, form: dict[str, Any]) -> Shown:  # noqa: ARG002  there is nothing to type
        """Do it, or say why not."""
        act = partial(autopay_acts.do, acting(), self.start, now=clock.now())
        async for step in submit(self, DIALOG, act):
            yield step

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = AutopayStart()

    async def _refuse(self, refusal: BillingError) -> None:
        self.problem = refusal.sentence
