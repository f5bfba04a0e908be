"""The schedule editor of one tab, for a new schedule and for one that is there (R123)."""

from typing import Any, ClassVar

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock
from assure_app.auth.guard import acting, requires
from assure_app.billing import schedules
from assure_app.billing.reading import schedule_editor, schedule_like
from assure_app.billing.reading.schedule_rows import (
    SavedSchedule,
    ScheduleForm,
    SchedulePreview,
    ScheduleStart,
)
from assure_app.domain.permissions import Permission
from assure_app.domain.schedules import Frequency
from assure_app.states.dialog import problems_by_field
from assure_app.states.line_editor import CLIENT_FIELDS, LineEditor
from assure_app.states.untrusted import text_of

EDITOR = "schedule-editor"
WHEN_FIELDS = ("frequency", "date", "month_end", "end", "ends_on", "most")
FIELDS = (*CLIENT_FIELDS, "engagement", "title", *WHEN_FIELDS, "due_days", "sends", "lines")


class ScheduleEditor(LineEditor, rx.State):
    """What the editor of a schedule shows."""

    _EDITOR: ClassVar[str] = EDITOR
    _FIELDS: ClassVar[tuple[str, ...]] = FIELDS
    _SUBJECT: ClassVar[tuple[str, ...]] = ("schedule_id", "version", "like")
    _NO_START: ClassVar[ScheduleStart] = ScheduleStart()
    _NO_PREVIEW: ClassVar[SchedulePreview] = SchedulePreview()

    start: ScheduleStart = ScheduleStart()
    preview: SchedulePreview = SchedulePreview()
    problems: dict[str, str] = problems_by_field({}, FIELDS)
    _typed: ScheduleForm = ScheduleForm()

    @rx.event
    @requires(Permission.EDIT_BILLING, act="set up or edit a recurring schedule")
    async def save(self, form: dict[str, Any]) -> list[EventSpec]:
        """Save and go to the schedule, or say beside each field why not and keep all of it."""
        return await self._save_form(form)

    def _read_start(self) -> ScheduleStart:
        url, now = self.router.url, clock.now()
        if url.path.rstrip("/").endswith("/edit"):
            schedule_id = text_of(url.query_parameters.get("schedule"))
            return schedule_editor.start_edit(acting(), schedule_id, now=now)
        if like := text_of(url.query_parameters.get("like")):
            return schedule_like.start(acting(), like, now=now)
        return schedule_editor.start_new(acting(), now=now)

    def _read_preview(self) -> SchedulePreview:
        return schedule_editor.preview(
            acting(), self._typed, schedule_id=self.start.schedule_id, now=clock.now()
        )

    def _away(self) -> tuple[str, ...]:
        """With those that depend on the frequency and on how it ends."""
        away = super()._away()
        if self._typed.frequency == Frequency.ONE_TIME:
            return (*away, "month_end", "end", "ends_on", "most")
        ends = (("ends_on", "date"), ("most", "count"))
        return (*away, *(name for name, end in ends if self._typed.end != end))

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
