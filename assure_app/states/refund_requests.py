"""Asking for a refund, and deciding on one, in one tab (R096)."""

from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import refund_decisions, refund_requests
from assure_app.billing.refund_decisions import DecisionStart
from assure_app.billing.refund_requests import AskStart
from assure_app.billing.refunds import RefundForm
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.submission import submit

ASK = "ask-for-refund"
ASK_FIELDS = ("amount", "reason", "notes")
APPROVE, DECLINE = "approve-refund", "decline-refund"
DECIDE_FIELDS = ("answer",)


class AskForRefund(rx.State):
    """What the dialog shows; what is typed stays in the browser until it is sent."""

    start: AskStart = AskStart()
    problems: dict[str, str] = problems_by_field({}, ASK_FIELDS)

    @rx.event
    @requires(Permission.VIEW_BILLING, act="ask for a refund")
    async def open(self, payment_id: int) -> EventSpec:
        """Open with all that is left of the payment, and no reason chosen."""
        begin = partial(refund_requests.start, acting(), payment_id, now=clock.now())
        try:
            self.start = await in_thread(begin)
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.problems = problems_by_field({}, ASK_FIELDS)
        return browser.open_dialog(ASK)

    @rx.event
    @requires(Permission.VIEW_BILLING, act="ask for a refund")
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Ask, or name what is wrong beside its field and keep all that was typed."""
        act = partial(
            refund_requests.ask,
            *(acting(), self.start.payment_id, RefundForm(**fields_of(form, ASK_FIELDS))),
            form_token=self.start.form_token,
            now=clock.now(),
        )
        async for step in submit(self, ASK, act):
            yield step

    @rx.event
    @requires(Permission.VIEW_BILLING, act="take a refund request back")
    async def withdraw(self, request_id: int) -> Shown:
        """Take back what one asked for oneself."""
        act = partial(refund_decisions.withdraw, acting(), request_id, now=clock.now())
        try:
            said = await in_thread(act)
        except BillingError as refusal:
            yield toasts.refused(refusal.sentence)
            return
        await _show_everywhere(self)
        yield rx.toast.success(said.sentence)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = AskStart()

    async def _refuse(self, refusal: BillingError) -> None:
        self.problems = problems_by_field(refusal.problems, ASK_FIELDS)


class DecideOnRefund(rx.State):
    """The request that is decided on in one of two dialogs: Approve, or Decline with a reason."""

    start: DecisionStart = DecisionStart()
    dialog: str = ""
    problems: dict[str, str] = problems_by_field({}, DECIDE_FIELDS)

    @rx.event
    @requires(Permission.EDIT_BILLING, act="decide on a refund")
    async def open(self, request_id: int, dialog: str) -> EventSpec:
        """Show what was asked for."""
        begin = partial(refund_decisions.decision_start, acting(), request_id, now=clock.now())
        try:
            self.start = await in_thread(begin)
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.dialog = DECLINE if dialog == DECLINE else APPROVE
        self.problems = problems_by_field({}, DECIDE_FIELDS)
        return browser.open_dialog(self.dialog)

    @rx.event
    @requires(Permission.EDIT_BILLING, act="approve a refund")
    async def approve(self, form: dict[str, Any]) -> Shown:  # noqa: ARG002  it asks nothing
        """Make the refund."""
        act = partial(refund_decisions.approve, acting(), self.start.request_id, now=clock.now())
        async for step in submit(self, APPROVE, act):
            yield step

    @rx.event
    @requires(Permission.EDIT_BILLING, act="decline a refund")
    async def decline(self, form: dict[str, Any]) -> Shown:
        """Say no, and why."""
        answer = fields_of(form, DECIDE_FIELDS)["answer"]
        known = (acting(), self.start.request_id, answer)
        act = partial(refund_decisions.decline, *known, now=clock.now())
        async for step in submit(self, DECLINE, act):
            yield step

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start, self.dialog = DecisionStart(), ""

    async def _refuse(self, refusal: BillingError) -> None:
        self.problems = problems_by_field(refusal.problems, DECIDE_FIELDS)
        await _show_everywhere(self)  # What was refused may have closed the request.


async def _show_everywhere(state: rx.State) -> None:
    await live.changed(acting().firm_id)
    drawer: InvoiceDrawer = await state.get_state(InvoiceDrawer)
    await drawer._read_opened()
