"""The reconciliation page in one tab: how books and Stripe stand, and what mends a difference."""

import asyncio
from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live, toasts
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing import reconciliation, reconciliation_run
from assure_app.billing.reading import reconciliation as shown
from assure_app.billing.reading.reconciliation_rows import AsideStart, ReconciliationView
from assure_app.billing.reconciliation_runs import Run
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_stripe_thread, in_thread
from assure_app.states.settings.forms import id_of, saved

DIALOG = "set-difference-aside"
FIELDS = ("note",)
HEADING = "differences"
_FOLLOWED_SECONDS = 20.0
_LOOK_SECONDS = 0.3


class Reconciliation(rx.State):
    """The page; `mending` is the difference that Stripe is being asked about, 0 for none."""

    view: ReconciliationView = ReconciliationView()
    is_loaded: bool = False
    is_checking: bool = False
    mending: int = 0

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Read the page for who may see billing; nobody else is shown anything."""
        self.mending, self.is_checking = 0, False
        await self._read_again()

    @rx.event
    @requires(Permission.EDIT_BILLING, act="compare the books with Stripe")
    async def check_now(self) -> Shown:
        """Compare now, and show how far it is."""
        self.is_checking = True
        yield None
        try:
            begin = partial(reconciliation.check_now, acting(), now=clock.now())
            for run in await in_thread(begin):
                async for step in self._follow(run):
                    yield step
            said = rx.toast.success("Books and Stripe were compared.")
        except BillingError as refusal:
            said = toasts.refused(refusal.sentence)
        finally:
            self.is_checking = False
        await self._read_again()
        await live.changed(acting().firm_id)
        yield said

    @rx.event
    @requires(Permission.EDIT_BILLING, act="mend a reconciliation difference")
    async def mend(self, difference_id: int) -> Shown:
        """Do the one act that mends it, and say what came of it."""
        self.mending = id_of(difference_id)
        yield None
        act = partial(reconciliation.mend, acting(), self.mending, now=clock.now())
        try:
            done = await in_stripe_thread(act)
            said = _said(done)
            await live.changed(acting().firm_id)
        except BillingError as refusal:
            said = [toasts.refused(refusal.sentence)]
        finally:
            self.mending = 0
        await self._read_again()
        yield said

    @rx.event
    @requires(Permission.EDIT_BILLING, act="take back a reconciliation note")
    async def take_back(self, difference_id: int) -> Shown:
        """Have what was set aside stand open again."""
        act = partial(reconciliation.take_back, acting(), id_of(difference_id), now=clock.now())
        try:
            said = rx.toast.success(await in_thread(act))
            await live.changed(acting().firm_id)
        except BillingError as refusal:
            said = toasts.refused(refusal.sentence)
        await self._read_again()
        yield [said, browser.focus(HEADING)]

    async def _follow(self, run: Run) -> Shown:
        """Step by step for as long as a person waits; after that the worker goes on."""
        waited = 0.0
        while waited < _FOLLOWED_SECONDS:
            began = asyncio.get_running_loop().time()
            known = await in_stripe_thread(
                partial(reconciliation_run.advance, run.id, now=clock.now())
            )
            if known.finished_at is not None:
                return
            await self._read_again()
            yield None
            await asyncio.sleep(_LOOK_SECONDS if known.percent == run.percent else 0)
            waited += asyncio.get_running_loop().time() - began

    async def _read_again(self) -> None:
        if acting().has(Permission.VIEW_BILLING):
            self.view = await in_thread(shown.page, acting(), now=clock.now())
            self.is_loaded = True


class AsideDialog(rx.State):
    """The question what money is that no invoice asked for."""

    start: AsideStart = AsideStart()
    problems: dict[str, str] = problems_by_field({}, FIELDS)

    @rx.event
    @requires(Permission.EDIT_BILLING, act="set a reconciliation difference aside")
    async def open(self, difference_id: int) -> EventSpec:
        """Ask, with what was found."""
        begin = partial(shown.aside_start, acting(), id_of(difference_id), now=clock.now())
        try:
            self.start = await in_thread(begin)
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.problems = problems_by_field({}, FIELDS)
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.EDIT_BILLING, act="set a reconciliation difference aside")
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Set it aside, or say beside the note what is wrong with it."""
        note = fields_of(form, FIELDS)["note"]
        act = partial(reconciliation.set_aside, acting(), self.start.id, note, now=clock.now())
        done = await saved(self, DIALOG, FIELDS, act)
        yield [*done, browser.focus(HEADING)] if done else browser.refused(DIALOG)
        if done:
            self.start = AsideStart()
            await (await self.get_state(Reconciliation))._read_again()

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = AsideStart()


def _said(done: reconciliation.Mended) -> list[EventSpec]:
    if done.is_closed:
        return [rx.toast.success(done.sentence), browser.focus(HEADING)]
    return [rx.toast(done.sentence)]
