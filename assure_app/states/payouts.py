"""The payouts page in one tab: what went to the bank, and what one payout carried."""

from functools import partial

import reflex as rx

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing.reading import payouts
from assure_app.billing.reading.payout_rows import PayoutDetail, PayoutsView
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states.dialog import Shown
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import id_of

_MOST_ROWS = 1_000


class Payouts(rx.State):
    """The page; `opened` is the payout that shows what it carried."""

    view: PayoutsView = PayoutsView()
    is_loaded: bool = False
    opened: PayoutDetail = PayoutDetail()
    _most: int = payouts.PAGE_ROWS

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Read the page for who may see billing; nobody else is shown anything."""
        self._most = payouts.PAGE_ROWS
        self.opened = PayoutDetail()
        await self._read_again()

    @rx.event
    @requires(Permission.VIEW_BILLING, act="look at a payout")
    async def toggle(self, payout_id: int) -> Shown:
        """Show what a payout carried, or nothing of it any more."""
        known = id_of(payout_id)
        if known == self.opened.id:
            self.opened = PayoutDetail()
            return
        read = partial(payouts.detail, acting(), known, now=clock.now())
        try:
            self.opened = await in_thread(read)
        except BillingError as refusal:
            yield toasts.refused(refusal.sentence)

    @rx.event
    @requires(Permission.VIEW_BILLING, act="look at the payouts")
    async def show_more(self) -> None:
        """Show the payouts of before as well."""
        self._most = min(self.view.more_from or self._most, _MOST_ROWS)
        await self._read_again()

    async def _read_again(self) -> None:
        if not acting().has(Permission.VIEW_BILLING):
            return
        read = partial(payouts.page, acting(), most=self._most, now=clock.now())
        self.view = await in_thread(read)
        self.is_loaded = True
        if self.opened.id:
            try:
                again = partial(payouts.detail, acting(), self.opened.id, now=clock.now())
                self.opened = await in_thread(again)
            except BillingError:
                self.opened = PayoutDetail()
