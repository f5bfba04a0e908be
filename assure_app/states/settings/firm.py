"""The firm's settings in one tab: typed in the browser, previewed by the rule that saves them."""

import secrets
from functools import partial
from typing import Any

import reflex as rx

from assure_app import clock
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing import firm_settings
from assure_app.billing.reading.settings_rows import FirmForm, FirmPreview
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import manages, saved

FORM = "firm-settings"
FIELDS = (
    *("name", "timezone", "prefix", "next_number", "due_days"),
    *("card_percent", "card_fixed", "ach_percent", "ach_fixed", "second_person", "retry_days"),
)
ACT = "change the firm's settings"


class FirmPage(rx.State):
    """What the page shows; a new `form_key` fills the form anew."""

    start: FirmForm = FirmForm()
    form_key: str = ""
    preview: FirmPreview = FirmPreview()
    problems: dict[str, str] = problems_by_field({}, FIELDS)
    _typed: dict[str, str] = fields_of({}, FIELDS)
    _before: FirmForm = FirmForm()
    _stored: FirmForm = FirmForm()
    _is_dirty: bool = False

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Fill the form for whoever manages the firm."""
        self._is_dirty, self.form_key = False, ""
        await self._read_again()

    @rx.event
    @requires(Permission.MANAGE_FIRM)
    async def typed(self, form: dict[str, Any]) -> None:
        """Show what saving this would come to."""
        self._typed = fields_of(form, FIELDS)
        self._is_dirty = FirmForm(**self._typed) != self._before
        await self._preview()

    @rx.event
    @requires(Permission.MANAGE_FIRM, act=ACT)
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Save what was changed, or say beside its field what is wrong."""
        self._typed = fields_of(form, FIELDS)
        after = FirmForm(**self._typed)
        act = partial(
            firm_settings.save, acting(), before=self._before, after=after, now=clock.now()
        )
        done = await saved(self, FORM, FIELDS, act)
        yield done or browser.refused(FORM)
        if done:
            # The form stays as it stands, and the focus in it; what it is held against moves.
            self._before, self._is_dirty = after, False
            self._stored = await in_thread(firm_settings.start, acting())
            await self._preview()

    async def _read_again(self) -> None:
        """Show the settings as they are now, unless somebody is at changing them."""
        if self._is_dirty or not manages():
            return
        now_is = await in_thread(firm_settings.start, acting())
        if now_is == self._stored and self.form_key:
            return
        self.start = self._before = self._stored = now_is
        self.form_key = secrets.token_urlsafe(8)
        self._typed = {name: getattr(now_is, name) for name in FIELDS}
        await self._preview()

    async def _preview(self) -> None:
        self.preview, problems = await in_thread(
            firm_settings.preview,
            acting(),
            FirmForm(**self._typed),
            before=self._before,
            now=clock.now(),
        )
        self.problems = problems_by_field(problems, FIELDS)
