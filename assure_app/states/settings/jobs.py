"""The page of background work in one tab."""

from functools import partial
from typing import Any

import reflex as rx

from assure_app import clock, live, toasts
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing import stopped_jobs
from assure_app.billing.reading import background_work
from assure_app.billing.reading.background_work import BackgroundView
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import id_of

HEADING = "given-up"


class JobsPage(rx.State):
    """What was given up and waits for a person, and how the periodic work goes."""

    view: BackgroundView = BackgroundView()
    is_loaded: bool = False

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Read the page for who may see it; nobody else is shown anything."""
        await self._read_again()

    @rx.event
    @requires(Permission.EDIT_BILLING, act="retry a job")
    async def retry(self, job_id: int) -> Any:
        """Have a job tried again, and say so."""
        again = partial(stopped_jobs.retry, acting(), id_of(job_id), now=clock.now())
        try:
            said = [rx.toast.success(await in_thread(again)), browser.focus(HEADING)]
            await live.changed(acting().firm_id)
        except BillingError as refusal:
            said = [toasts.refused(refusal.sentence)]
        await self._read_again()
        return said

    async def _read_again(self) -> None:
        if not stopped_jobs.may_see(acting()):
            return
        self.view = await in_thread(background_work.page, acting(), now=clock.now())
        self.is_loaded = True
