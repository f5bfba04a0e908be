"""When the firm's clients are reminded, in one tab: ticked in the browser, tried out as it is."""

import secrets
from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing import reminder_settings
from assure_app.billing.reading.reminder_rows import (
    ExampleLetter,
    PlanForm,
    PlanPreview,
    PlanStart,
    StepChip,
)
from assure_app.billing.reminder_settings import ACT
from assure_app.domain.errors import InvalidInput
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import is_ticked, saved

FORM = "reminder-plan"
FIELDS = ("days", "hour", "other")
DAY = "day-"
OTHER = "reminder-other"
_MOST_CHIPS = 30


class RemindersPage(rx.State):
    """What the page shows; a new `form_key` fills the form anew. `shown` is the day whose letter is
    looked at."""

    start: PlanStart = PlanStart()
    chips: tuple[StepChip, ...] = ()
    form_key: str = ""
    preview: PlanPreview = PlanPreview()
    shown: int = 0
    letter: ExampleLetter = ExampleLetter()
    problems: dict[str, str] = problems_by_field({}, FIELDS)
    _typed: PlanForm = PlanForm()
    _before: PlanForm = PlanForm()
    _version: int = 0

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Fill the form for whoever may see billing."""
        self._typed, self._before, self.form_key = PlanForm(), PlanForm(), ""
        await self._read_again()

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def typed(self, form: dict[str, Any]) -> None:
        """Show what saving this would come to."""
        self._typed = _plan_in(form)
        await self._preview()

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def show(self, days: int) -> None:
        """Look at the letter of another day."""
        known = (each.days for each in self.preview.days)
        self.shown = next((each for each in known if each == days), 0)
        self._pick_letter()

    @rx.event
    @requires(Permission.EDIT_BILLING, act=ACT)
    async def add_day(self, form: dict[str, Any]) -> EventSpec:
        """Offer a day that is not a usual one, chosen at once."""
        given = fields_of(form, ("other", "side"))
        try:
            chip = reminder_settings.another_day(given["other"], given["side"])
        except InvalidInput as refusal:
            self.problems = problems_by_field(refusal.problems, FIELDS)
            return browser.focus(OTHER)
        others = [each for each in self.chips if each.days != chip.days][:_MOST_CHIPS]
        self.chips = tuple(sorted([*others, chip], key=lambda each: each.days))
        chosen = {*_plan_in(form).days, str(chip.days)}
        self._typed = PlanForm(
            is_on=_plan_in(form).is_on, days=tuple(chosen), hour=_plan_in(form).hour
        )
        await self._preview()
        return browser.focus(f"{DAY}{chip.days}")

    @rx.event
    @requires(Permission.EDIT_BILLING, act=ACT)
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Save the plan, or say beside its field what is wrong."""
        self._typed = _plan_in(form)
        act = partial(
            reminder_settings.save, acting(), self._typed, version=self._version, now=clock.now()
        )
        done = await saved(self, FORM, FIELDS, act)
        yield done or browser.refused(FORM)
        if done:
            # The form stays as it stands, and the focus in it; what it is held against moves.
            self._before = self._typed
            _, self._version = await in_thread(reminder_settings.start, acting())
            await self._preview()

    async def _read_again(self) -> None:
        """Show the plan as it is now, unless somebody is at changing it."""
        if not acting().has(Permission.VIEW_BILLING):
            return
        if self.form_key and _of(self._typed) != _of(self._before):
            return
        start, version = await in_thread(reminder_settings.start, acting())
        if (start, version) == (self.start, self._version) and self.form_key:
            return
        self.start, self._version, self.chips = start, version, start.chips
        chosen = tuple(str(each.days) for each in start.chips if each.is_chosen)
        self._typed = self._before = PlanForm(is_on=start.is_on, days=chosen, hour=start.hour)
        self.form_key = secrets.token_urlsafe(8)
        await self._preview()

    async def _preview(self) -> None:
        self.preview, problems = await in_thread(
            reminder_settings.preview, acting(), self._typed, now=clock.now()
        )
        self.problems = problems_by_field(problems, FIELDS)
        self._pick_letter()

    def _pick_letter(self) -> None:
        """The letter of the day looked at; the last one when that day is not chosen any more."""
        days = self.preview.days
        found = [each for each in days if each.days == self.shown] or list(days[-1:])
        self.shown = found[0].days if found else 0
        self.letter = found[0].letter if found else ExampleLetter()


def _plan_in(form: object) -> PlanForm:
    given = form if isinstance(form, dict) else {}
    names = [name for name in given if isinstance(name, str) and name.startswith(DAY)]
    return PlanForm(
        is_on=is_ticked(form, "on"),
        days=tuple(name.removeprefix(DAY) for name in names[:_MOST_CHIPS]),
        hour=fields_of(form, ("hour",))["hour"],
    )


def _of(form: PlanForm) -> tuple[bool, frozenset[str], str]:
    return form.is_on, frozenset(form.days), form.hour
