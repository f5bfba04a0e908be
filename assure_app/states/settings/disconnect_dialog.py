"""The question whether the firm shall take no more payments by its Stripe account (R067)."""

from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live, toasts
from assure_app.auth.guard import acting, signed_in
from assure_app.billing import stripe_disconnecting
from assure_app.billing.reading.connection_words import Ending, ending_of
from assure_app.domain.errors import BillingError
from assure_app.states import browser
from assure_app.states.dialog import Shown, problems_by_field
from assure_app.states.hop import in_stripe_thread, in_thread
from assure_app.states.settings.stripe import StripePage

DIALOG = "disconnect-stripe"


class DisconnectDialog(rx.State):
    """What ends, and the answer; the account asked about is the one that is ended."""

    ending: Ending = Ending()
    problems: dict[str, str] = problems_by_field({}, ())

    @rx.event
    @signed_in
    async def open(self) -> EventSpec:
        """Ask, with what stops."""
        begin = partial(stripe_disconnecting.what_stops, acting(), now=clock.now())
        try:
            self.ending = ending_of(await in_thread(begin))
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.problems = problems_by_field({}, ())
        return browser.open_dialog(DIALOG)

    @rx.event
    @signed_in
    async def submit(self, form: dict[str, Any]) -> Shown:  # noqa: ARG002  it asks nothing
        """End it, or say why not."""
        account_id = self.ending.account_id
        end = partial(stripe_disconnecting.disconnect, acting(), account_id, now=clock.now())
        try:
            await in_stripe_thread(end)
        except BillingError as refusal:
            self.problems = problems_by_field({"form": refusal.sentence}, ())
            yield browser.refused(DIALOG)
            return
        await live.changed(acting().firm_id)
        await (await self.get_state(StripePage))._read_again()
        yield [
            browser.close_dialog(DIALOG),
            rx.toast.success("Clients cannot pay online any more."),
        ]

    @rx.event
    @signed_in
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.ending = Ending()
