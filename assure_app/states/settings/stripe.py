"""The Stripe page in one tab: how the firm is connected, and what waits for a person there."""

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live
from assure_app.auth.guard import acting, signed_in
from assure_app.billing import stripe_accounts, stripe_exceptions, stripe_replay
from assure_app.billing.stripe_exceptions import ExceptionRow
from assure_app.domain.errors import BillingError
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import id_of

DONE = "Marked as settled on the Stripe page."


class StripePage(rx.State):
    """The connection in a word, and the open exceptions, the newest first."""

    connection: str = ""
    rows: tuple[ExceptionRow, ...] = ()
    is_loaded: bool = False

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Read both for an owner or Stripe admin; nobody else is shown anything."""
        await self._read_again()

    @rx.event
    @signed_in
    async def replay(self, exception_id: int) -> EventSpec:
        """Ask Stripe again about one of them, and say what came of it (R061)."""
        try:
            done = await in_thread(
                stripe_replay.replay, acting(), id_of(exception_id), now=clock.now()
            )
        except BillingError as refusal:
            return rx.toast.error(refusal.sentence)
        await self._told_everyone()
        return rx.toast.success(done.sentence) if done.is_settled else rx.toast(done.sentence)

    @rx.event
    @signed_in
    async def settle(self, exception_id: int) -> EventSpec:
        """Take one of them off the list: somebody has dealt with it."""
        try:
            await in_thread(
                stripe_exceptions.resolve, acting(), id_of(exception_id), DONE, now=clock.now()
            )
        except BillingError as refusal:
            return rx.toast.error(refusal.sentence)
        await self._told_everyone()
        return rx.toast.success("It is off the list. The audit log keeps it.")

    async def _told_everyone(self) -> None:
        await live.changed(acting().firm_id)
        await self._read_again()

    async def _read_again(self) -> None:
        if not stripe_exceptions.may_look(acting()):
            return
        self.connection = (await in_thread(stripe_accounts.state, acting())).value
        self.rows = await in_thread(stripe_exceptions.list_open, acting(), now=clock.now())
        self.is_loaded = True
