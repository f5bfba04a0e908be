"""The Stripe page in one tab: how the firm is connected, and what waits for a person there."""

from collections.abc import Callable
from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live, toasts
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing import (
    stripe_access,
    stripe_accounts,
    stripe_connecting,
    stripe_exceptions,
    stripe_replay,
)
from assure_app.billing.reading import stripe_page
from assure_app.billing.reading.stripe_page import SettleStart, StripeView
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_stripe_thread, in_thread
from assure_app.states.settings.forms import id_of, saved
from assure_app.states.untrusted import text_of

DIALOG = "settle-exception"
FIELDS = ("note",)
HEADING = "needs-a-person"
NOTHING, CONNECTION, STEP = 0, -1, -2
"""What Stripe is being asked about, beside the ids of exceptions."""
_SAID_ON_RETURN = {
    "back": "",
    "late": "That link of Stripe’s was used or too old. Press Continue setup for another.",
}
"""What the address of the way back from Stripe's setup may say."""


class StripePage(rx.State):
    """The page; `asking` says what Stripe is being asked about at this moment."""

    view: StripeView = StripeView()
    is_loaded: bool = False
    asking: int = NOTHING

    @rx.event
    @signed_in
    async def load(self) -> Any:
        """Read the page for who may look at it; nobody else is shown anything.

        Who comes back from Stripe's setup sees at once what Stripe says then.
        """
        self.asking = NOTHING
        await self._read_again()
        is_back = text_of(self.router.url.query_parameters.get("setup")) in _SAID_ON_RETURN
        return StripePage.came_back if is_back and self.is_loaded else None

    @rx.event
    @signed_in
    async def came_back(self) -> Shown:
        """Ask Stripe how the account stands now; the address itself says nothing that counts."""
        ask = partial(stripe_accounts.look, acting(), now=clock.now())
        said = _SAID_ON_RETURN.get(text_of(self.router.url.query_parameters.get("setup")), "")
        async for step in self._ask(CONNECTION, ask, partial(_said_on_return, said)):
            yield step

    @rx.event
    @signed_in
    async def go_on(self) -> Shown:
        """Connect the firm or go on with the setup, on Stripe's own pages (R067)."""
        ask = partial(stripe_connecting.go_on, acting(), now=clock.now())
        async for step in self._ask(STEP, ask, _said_of_step):
            yield step

    @rx.event
    @requires(Permission.EDIT_BILLING, act="check the Stripe connection")
    async def check(self) -> Shown:
        """Ask Stripe how the firm's account stands (R067)."""
        ask = partial(stripe_accounts.check, acting(), now=clock.now())
        async for step in self._ask(CONNECTION, ask, _said_of_account):
            yield step

    @rx.event
    @requires(Permission.EDIT_BILLING, act="replay a Stripe exception")
    async def replay(self, exception_id: int) -> Shown:
        """Ask Stripe again about one of them, and say what came of it (R061)."""
        known = id_of(exception_id)
        ask = partial(stripe_replay.replay, acting(), known, now=clock.now())
        async for step in self._ask(known, ask, _said_of_replay):
            yield step

    async def _ask(
        self, what: int, ask: Callable[[], Any], said: Callable[[Any], list[EventSpec]]
    ) -> Shown:
        """Show that Stripe is asked, which may take seconds, then what it came to."""
        self.asking = what
        yield None
        try:
            came_to = said(await in_stripe_thread(ask))
            await live.changed(acting().firm_id)
        except BillingError as refusal:
            came_to = [toasts.refused(refusal.sentence)]
        finally:
            self.asking = NOTHING
        await self._read_again()
        yield came_to

    async def _read_again(self) -> None:
        if not stripe_access.may_look(acting()):
            return
        self.view = await in_thread(stripe_page.page, acting(), now=clock.now())
        self.is_loaded = True


class SettleDialog(rx.State):
    """The question what was done about an exception, before it leaves the list."""

    start: SettleStart = SettleStart()
    problems: dict[str, str] = problems_by_field({}, FIELDS)

    @rx.event
    @requires(Permission.EDIT_BILLING, act="settle a Stripe exception")
    async def open(self, exception_id: int) -> EventSpec:
        """Ask, with what happened."""
        begin = partial(stripe_page.settle_start, acting(), id_of(exception_id), now=clock.now())
        try:
            self.start = await in_thread(begin)
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.problems = problems_by_field({}, FIELDS)
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.EDIT_BILLING, act="settle a Stripe exception")
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Take it off the list, or say beside the note what is wrong with it."""
        note = fields_of(form, FIELDS)["note"]
        settle = partial(stripe_exceptions.resolve, acting(), self.start.id, note, now=clock.now())
        done = await saved(self, DIALOG, FIELDS, settle)
        yield [*done, browser.focus(HEADING)] if done else browser.refused(DIALOG)
        if done:
            self.start = SettleStart()
            await (await self.get_state(StripePage))._read_again()

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = SettleStart()


def _said_on_return(said: str, state: stripe_accounts.ConnectState) -> list[EventSpec]:
    return [rx.toast(said)] if said else _said_of_account(state)


def _said_of_step(step: stripe_connecting.NextStep) -> list[EventSpec]:
    return [rx.redirect(step.url)] if step.url else _said_of_account(step.state)


def _said_of_account(state: stripe_accounts.ConnectState) -> list[EventSpec]:
    return [rx.toast.success(f"Stripe was asked: {state.value}.")]


def _said_of_replay(done: stripe_replay.Replay) -> list[EventSpec]:
    if not done.is_settled:
        return [rx.toast(done.sentence)]
    return [rx.toast.success(done.sentence), browser.focus(HEADING)]
