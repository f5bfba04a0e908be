"""The schedule editor of one tab, for a new schedule and for one that is there (R123)."""

from dataclasses import replace
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing import schedules
from assure_app.billing.reading import schedule_editor
from assure_app.billing.reading.client_choice import find_clients
from assure_app.billing.reading.invoice_form import Choice, LineForm
from assure_app.billing.reading.schedule_rows import (
    SavedSchedule,
    ScheduleForm,
    SchedulePreview,
    ScheduleStart,
)
from assure_app.billing.schedules import ScheduleChanged
from assure_app.domain.errors import BillingError
from assure_app.domain.line_items import MOST_LINES
from assure_app.domain.permissions import Permission
from assure_app.domain.schedules import Frequency
from assure_app.states import browser
from assure_app.states.dialog import Shown, problems_by_field
from assure_app.states.editor_lines import LineRow, as_rows, fields_of_lines, heard, with_problems
from assure_app.states.hop import in_thread, in_thread_until_known
from assure_app.states.untrusted import text_of

EDITOR = "schedule-editor"
WHEN_FIELDS = ("frequency", "date", "month_end", "end", "ends_on", "most")
FIELDS = ("client", "engagement", "title", *WHEN_FIELDS, "due_days", "sends", "lines")


class ScheduleEditor(rx.State):
    """What the editor shows; what is typed stays in the browser and is heard of as it is typed.

    A field is called wrong while it is typed into, an empty one only once saving was refused.
    `closed_text` says why there is no form. `end` and `is_one_time` say which fields there are.
    """

    start: ScheduleStart = ScheduleStart()
    is_loaded: bool = False
    may_edit: bool = False
    closed_text: str = ""
    is_stale: bool = False
    is_one_time: bool = False
    end: str = "never"
    lines: tuple[LineRow, ...] = ()
    matches: tuple[Choice, ...] = ()
    preview: SchedulePreview = SchedulePreview()
    problems: dict[str, str] = problems_by_field({}, FIELDS)
    _typed: ScheduleForm = ScheduleForm()
    _last_key: int = 0
    _was_refused: bool = False
    _is_touched: bool = False

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Show the form of the address; after a reload, with what was being typed."""
        self.may_edit = acting().has(Permission.EDIT_BILLING)
        if self.may_edit:
            await self._open(is_anew=False)
        else:
            self._close()
        self.is_loaded = True

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def open_anew(self) -> EventSpec:
        """Show the schedule as it is now, without what was typed."""
        await self._open(is_anew=True)
        return browser.editor_saved()

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def typed(self, form: dict[str, Any]) -> None:
        """Show what saving this would come to, and the clients that match."""
        before = self._typed.client
        self._hear(form)
        if self._typed.client != before:
            self._typed = replace(self._typed, engagement="")  # It was one of the other client's.
            await self._find_clients()
        await self._preview()

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def add_line(self, form: dict[str, Any]) -> EventSpec | None:
        """Add an empty line below the others, and go to it."""
        self._hear(form)
        if len(self.lines) >= MOST_LINES:
            return None
        self._last_key += 1
        new = LineForm(key=str(self._last_key))
        self._typed = replace(self._typed, lines=(*self._typed.lines, new))
        await self._preview()
        return browser.focus(f"{EDITOR}-description-{new.key}")

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def remove_line(self, key: str, form: dict[str, Any]) -> EventSpec:
        """Take one line away; the others keep what is typed in them."""
        self._hear(form)
        kept = tuple(line for line in self._typed.lines if line.key != text_of(key))
        self._typed = replace(self._typed, lines=kept)
        await self._preview()
        return browser.focus(f"{EDITOR}-add-line")

    @rx.event
    @requires(Permission.EDIT_BILLING, act="set up or edit a recurring schedule")
    async def save(self, form: dict[str, Any]) -> Shown:
        """Save and go to the schedule, or say beside each field why not and keep all of it."""
        self._hear(form)
        try:
            saved = await in_thread_until_known(self._save)
        except BillingError as refusal:
            await self._refuse(refusal)
            yield browser.refused(EDITOR)
            return
        self._close()
        await live.changed(acting().firm_id)
        there = rx.redirect(f"/recurring?schedule={saved.id}")
        yield [browser.editor_saved(), rx.toast.success(saved.sentence), there]

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def discard(self) -> None:
        """The person left without saving: what was typed is gone."""
        self._close()

    async def _open(self, *, is_anew: bool) -> None:
        url = self.router.url
        is_edit = url.path.rstrip("/").endswith("/edit")
        try:
            start = await in_thread(
                _start, text_of(url.query_parameters.get("schedule")) if is_edit else None
            )
        except BillingError as refusal:
            self._close()
            self.closed_text = refusal.sentence
            return
        known = self.start.schedule_id, self.start.version
        is_same = known == (start.schedule_id, start.version)
        if is_anew or not is_same or not self._is_touched:
            self._close()
            self.start, self._typed = start, start.form
            self._last_key = len(start.form.lines)
        await self._find_clients()
        await self._preview()

    def _close(self) -> None:
        self.start, self._typed = ScheduleStart(), ScheduleForm()
        self.closed_text = ""
        self.is_stale = self._was_refused = self._is_touched = False
        self.lines, self.matches, self.preview = (), (), SchedulePreview()
        self.problems = problems_by_field({}, FIELDS)

    def _hear(self, form: object) -> None:
        """Take what stands in the form now; of the lines, those that are on the page.

        What was typed last may arrive after the form was left: then there is nothing to hear. Of
        the fields that depend on others, those not on the page keep what was typed into them.
        """
        if not self.start.form_token:
            return
        given = form if isinstance(form, dict) else {}
        texts = {name: text_of(given.get(name)) for name in FIELDS if name != "lines"}
        for name in self._away():
            texts[name] = getattr(self._typed, name)
        self._typed = ScheduleForm(**texts, lines=heard(self.lines, given))
        self._is_touched = True
        self.start = replace(self.start, form=replace(self._typed, lines=()))

    def _away(self) -> tuple[str, ...]:
        """The fields that are not on the page."""
        if self.is_one_time:
            return ("month_end", "end", "ends_on", "most")
        return tuple(
            name for name, end in (("ends_on", "date"), ("most", "count")) if self.end != end
        )

    def _save(self) -> SavedSchedule:
        if self.start.schedule_id:
            return schedules.edit(
                *(acting(), self.start.schedule_id, self._typed),
                version=self.start.version,
                now=clock.now(),
            )
        return schedules.create(
            acting(), self._typed, form_token=self.start.form_token, now=clock.now()
        )

    async def _refuse(self, refusal: BillingError) -> None:
        self._was_refused = True
        self.is_stale = isinstance(refusal, ScheduleChanged)
        await self._preview()
        self._show_problems(refusal.problems)

    async def _find_clients(self) -> None:
        if not self.start.schedule_id:
            self.matches = await in_thread(find_clients, acting(), self._typed.client)

    async def _preview(self) -> None:
        if not self.start.form_token:
            return
        try:
            found = await in_thread(
                schedule_editor.preview,
                acting(),
                self._typed,
                schedule_id=self.start.schedule_id,
                now=clock.now(),
            )
        except BillingError as refusal:
            found = SchedulePreview(problems=refusal.problems)
        self.preview = replace(found, amounts={}, problems={})
        self.is_one_time = self._typed.frequency == Frequency.ONE_TIME
        self.end = self._typed.end
        self.lines = as_rows(self._typed.lines, found.amounts)
        self._show_problems(found.problems)

    def _show_problems(self, problems: dict[str, str]) -> None:
        shown = {name: text for name, text in problems.items() if self._is_shown(name)}
        of_lines = fields_of_lines(self.lines)
        others = {name: text for name, text in shown.items() if name not in of_lines}
        self.problems = problems_by_field(others, FIELDS)
        self.lines = with_problems(self.lines, shown)

    def _is_shown(self, field: str) -> bool:
        if field == "client" and self.matches:
            return self._was_refused  # The name is still being typed, or about to be chosen.
        name, _, key = field.partition("-")
        line = next((line for line in self._typed.lines if line.key == key), self._typed)
        return self._was_refused or bool(getattr(line, name, True))


def _start(schedule_id: str | None) -> ScheduleStart:
    if schedule_id is None:
        return schedule_editor.start_new(acting(), now=clock.now())
    return schedule_editor.start_edit(acting(), schedule_id, now=clock.now())
