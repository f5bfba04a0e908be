"""What the editors of one tab have in common, of an invoice and of a schedule: a form with lines.

What is typed stays in the browser and is heard of as it is typed.
"""

from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import live
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing.invoice_changes import ChangedMeanwhile
from assure_app.billing.reading.client_choice import find_clients
from assure_app.billing.reading.editor_form import (
    Choice,
    EditorForm,
    EditorPreview,
    EditorStart,
    LineForm,
)
from assure_app.billing.reading.invoice_form import Saved
from assure_app.billing.reading.schedule_rows import SavedSchedule
from assure_app.billing.schedules import ScheduleChanged
from assure_app.domain.errors import BillingError
from assure_app.domain.line_items import MOST_LINES
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import problems_by_field
from assure_app.states.editor_lines import LineRow, as_rows, fields_of_lines, heard, with_problems
from assure_app.states.hop import in_thread, in_thread_until_known
from assure_app.states.untrusted import text_of

CLIENT_FIELDS = ("client", "client_name", "contact_name", "contact_email")


class LineEditor(rx.State, mixin=True):
    """What an editor shows; an editor of its own adds what it is opened with and how it saves.

    A field is called wrong while it is typed into, an empty one only once saving was refused.
    `closed_text` says why there is no form.
    """

    _EDITOR: ClassVar[str]
    """The id of the form's place on the page."""
    _FIELDS: ClassVar[tuple[str, ...]]
    """The form's fields; "lines" stands for all of theirs."""
    _SUBJECT: ClassVar[tuple[str, ...]]
    """What of the start tells one thing being edited, in one state, from another."""
    _NO_START: ClassVar[EditorStart]
    _NO_PREVIEW: ClassVar[EditorPreview]

    start: EditorStart = EditorStart()
    is_loaded: bool = False
    may_edit: bool = False
    closed_text: str = ""
    is_stale: bool = False
    lines: tuple[LineRow, ...] = ()
    matches: tuple[Choice, ...] = ()
    preview: EditorPreview = EditorPreview()
    problems: dict[str, str] = {}
    _typed: EditorForm = EditorForm()
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
        """Show what is edited as it is now, without what was typed."""
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
    async def switch_client(self, form: dict[str, Any]) -> EventSpec:
        """Go from choosing a client to adding one, or back; the name typed goes along."""
        self._hear(form)
        was_new = self._typed.is_new_client
        name = self._typed.client_name if was_new else self._typed.client
        is_new = not was_new and not self.start.keeps_client
        self._typed = replace(
            self._typed, client=name, client_name=name, engagement="", is_new_client=is_new
        )
        self._keep_typed()
        await self._find_clients()
        await self._preview()
        return browser.focus(f"{self._EDITOR}-{'client_name' if is_new else 'client'}")

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
        return browser.focus(f"{self._EDITOR}-description-{new.key}")

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def remove_line(self, key: str, form: dict[str, Any]) -> EventSpec:
        """Take one line away; the others keep what is typed in them."""
        self._hear(form)
        kept = tuple(line for line in self._typed.lines if line.key != text_of(key))
        self._typed = replace(self._typed, lines=kept)
        await self._preview()
        return browser.focus(f"{self._EDITOR}-add-line")

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def discard(self) -> None:
        """The person left without saving: what was typed is gone."""
        self._close()

    @abstractmethod
    def _read_start(self) -> EditorStart:
        """What the address asks for. Raises a BillingError that says why there is no form."""

    @abstractmethod
    def _read_preview(self) -> EditorPreview:
        """What saving what is typed would come to."""

    @abstractmethod
    def _save(self) -> Saved | SavedSchedule:
        """Save what is typed, once however often it is asked."""

    async def _save_form(self, form: object) -> list[EventSpec]:
        """Save and go there, or say beside each field why not and keep all of it."""
        self._hear(form)
        try:
            saved = await in_thread_until_known(self._save)
        except BillingError as refusal:
            await self._refuse(refusal)
            return [browser.refused(self._EDITOR)]
        href = saved.href + self._then(form)
        self._close()
        await live.changed(acting().firm_id)
        return [browser.editor_saved(), rx.toast.success(saved.sentence), rx.redirect(href)]

    def _then(self, form: object) -> str:  # noqa: ARG002 - one editor has it say more
        """What follows in the address of what was saved."""
        return ""

    async def _open(self, *, is_anew: bool) -> None:
        try:
            start = await in_thread(self._read_start)
        except BillingError as refusal:
            self._close()
            self.closed_text = refusal.sentence
            return
        is_same = all(getattr(self.start, name) == getattr(start, name) for name in self._SUBJECT)
        if is_anew or not is_same or not self._is_touched:
            self._close()
            self.start, self._typed = start, start.form
            self._last_key = len(start.form.lines)
        await self._find_clients()
        await self._preview()

    def _close(self) -> None:
        self.start, self._typed = self._NO_START, self._NO_START.form
        self.closed_text = ""
        self.is_stale = self._was_refused = self._is_touched = False
        self.lines, self.matches, self.preview = (), (), self._NO_PREVIEW
        self.problems = problems_by_field({}, self._FIELDS)

    def _hear(self, form: object) -> None:
        """Take what stands in the form now; of the lines, those that are on the page.

        What was typed last may arrive after the form was left: then there is nothing to hear.
        """
        if not self.start.form_token:
            return
        given = form if isinstance(form, dict) else {}
        away = {"lines", *self._away()}
        texts: dict[str, Any] = {
            name: text_of(given.get(name)) for name in self._FIELDS if name not in away
        }
        self._typed = replace(self._typed, **texts, lines=heard(self.lines, given))
        self._is_touched = True
        self._keep_typed()

    def _away(self) -> tuple[str, ...]:
        """The fields that are not on the page: they keep what was typed into them."""
        return ("client",) if self._typed.is_new_client else CLIENT_FIELDS[1:]

    def _keep_typed(self) -> None:
        """Let fields that come onto the page anew begin with what was typed."""
        self.start = replace(self.start, form=replace(self._typed, lines=()))

    async def _refuse(self, refusal: BillingError) -> None:
        self._was_refused = True
        self.is_stale = isinstance(refusal, ChangedMeanwhile | ScheduleChanged)
        await self._preview()
        self._show_problems(refusal.problems)

    async def _find_clients(self) -> None:
        if not self.start.keeps_client:
            self.matches = await in_thread(find_clients, acting(), self._typed.client)

    async def _preview(self) -> None:
        if not self.start.form_token:
            return
        try:
            found = await in_thread(self._read_preview)
        except BillingError as refusal:
            found = replace(self._NO_PREVIEW, problems=refusal.problems)
        self.preview = replace(found, amounts={}, problems={})
        self.lines = as_rows(self._typed.lines, found.amounts)
        self._show_problems(found.problems)

    def _show_problems(self, problems: dict[str, str]) -> None:
        shown = {name: text for name, text in problems.items() if self._is_shown(name)}
        of_lines = fields_of_lines(self.lines)
        others = {name: text for name, text in shown.items() if name not in of_lines}
        self.problems = problems_by_field(others, self._FIELDS)
        self.lines = with_problems(self.lines, shown)

    def _is_shown(self, field: str) -> bool:
        if field == "client" and self.matches:
            return self._was_refused  # The name is still being typed, or about to be chosen.
        name, _, key = field.partition("-")
        line = next((line for line in self._typed.lines if line.key == key), self._typed)
        return self._was_refused or bool(getattr(line, name, True))
