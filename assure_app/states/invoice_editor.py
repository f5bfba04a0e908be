"""The invoice editor of one tab, for a new invoice and for one that is there (R141)."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing import invoice_editing
from assure_app.billing.invoice_changes import ChangedMeanwhile
from assure_app.billing.reading import invoice_editor
from assure_app.billing.reading.client_choice import find_clients
from assure_app.billing.reading.invoice_form import (
    Choice,
    EditorStart,
    InvoiceForm,
    InvoicePreview,
    LineForm,
    Saved,
)
from assure_app.domain.errors import BillingError
from assure_app.domain.line_items import MOST_LINES
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, problems_by_field
from assure_app.states.editor_lines import LineRow, as_rows, fields_of_lines, heard, with_problems
from assure_app.states.hop import in_thread, in_thread_until_known
from assure_app.states.untrusted import text_of

EDITOR = "invoice-editor"
CLIENT_FIELDS = ("client", "client_name", "contact_name", "contact_email")
FIELDS = (*CLIENT_FIELDS, "engagement", "number", "title", "date", "due", "lines")


class InvoiceEditor(rx.State):
    """What the editor shows; what is typed stays in the browser and is heard of as it is typed.

    A field is called wrong while it is typed into, an empty one only once saving was refused.
    `closed_text` says why there is no form.
    """

    start: EditorStart = EditorStart()
    is_loaded: bool = False
    may_edit: bool = False
    closed_text: str = ""
    is_new_client: bool = False
    is_stale: bool = False
    lines: tuple[LineRow, ...] = ()
    matches: tuple[Choice, ...] = ()
    preview: InvoicePreview = InvoicePreview()
    problems: dict[str, str] = problems_by_field({}, FIELDS)
    _typed: InvoiceForm = InvoiceForm()
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
        """Show the invoice as it is now, without what was typed."""
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
        name = self._typed.client_name if self.is_new_client else self._typed.client
        self.is_new_client = not self.is_new_client and not self.start.is_sent
        self._typed = replace(
            self._typed,
            client=name,
            client_name=name,
            engagement="",
            is_new_client=self.is_new_client,
        )
        self._keep_typed()
        await self._find_clients()
        await self._preview()
        return browser.focus(f"{EDITOR}-{'client_name' if self.is_new_client else 'client'}")

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
    @requires(Permission.EDIT_BILLING, act="create or edit an invoice")
    async def save(self, form: dict[str, Any]) -> Shown:
        """Save and go to the invoice, or say beside each field why not and keep all of it.

        A draft saved to be sent opens with the Send dialog over it.
        """
        self._hear(form)
        try:
            saved = await in_thread_until_known(self._save)
        except BillingError as refusal:
            await self._refuse(refusal)
            yield browser.refused(EDITOR)
            return
        address = self._address(saved, form)
        self._close()
        await live.changed(acting().firm_id)
        yield [browser.editor_saved(), rx.toast.success(saved.sentence), rx.redirect(address)]

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
                _start, text_of(url.query_parameters.get("invoice")) if is_edit else None
            )
        except BillingError as refusal:
            self._close()
            self.closed_text = refusal.sentence
            return
        known = self.start.number, self.start.version, self.start.entries
        is_same = known == (start.number, start.version, start.entries)
        if is_anew or not is_same or not self._is_touched:
            self._close()
            self.start, self._typed = start, start.form
            self._last_key = len(start.form.lines)
        await self._find_clients()
        await self._preview()

    def _close(self) -> None:
        self.start, self._typed = EditorStart(), InvoiceForm()
        self.closed_text = ""
        self.is_new_client = self.is_stale = False
        self._was_refused = self._is_touched = False
        self.lines, self.matches, self.preview = (), (), InvoicePreview()
        self.problems = problems_by_field({}, FIELDS)

    def _hear(self, form: object) -> None:
        """Take what stands in the form now; of the lines, those that are on the page.

        What was typed last may arrive after the form was left: then there is nothing to hear.
        """
        if not self.start.form_token:
            return
        given = form if isinstance(form, dict) else {}
        texts = {name: text_of(given.get(name)) for name in FIELDS if name != "lines"}
        for name in ("client",) if self.is_new_client else CLIENT_FIELDS[1:]:
            texts[name] = getattr(self._typed, name)  # These fields are not on the page.
        self._typed = InvoiceForm(
            **texts, lines=heard(self.lines, given), is_new_client=self.is_new_client
        )
        self._is_touched = True
        self._keep_typed()

    def _keep_typed(self) -> None:
        """Let fields that come onto the page anew begin with what was typed."""
        self.start = replace(self.start, form=replace(self._typed, lines=()))

    def _save(self) -> Saved:
        if self.start.number:
            return invoice_editing.save_edit(
                acting(),
                self.start.number,
                self._typed,
                invoice_id=self.start.invoice_id,
                version=self.start.version,
                entries=self.start.entries,
                now=clock.now(),
            )
        return invoice_editing.save_new(
            acting(),
            self._typed,
            suggestion=self.start.suggestion,
            form_token=self.start.form_token,
            now=clock.now(),
        )

    def _address(self, saved: Saved, form: object) -> str:
        """Where the saved invoice is shown, with the Send dialog over it when that was asked."""
        address = f"/invoices?invoice={quote(saved.number, safe='')}"
        is_sending = isinstance(form, dict) and form.get("then") == "send"
        return f"{address}&send=1" if is_sending and not self.start.is_sent else address

    async def _refuse(self, refusal: BillingError) -> None:
        self._was_refused = True
        self.is_stale = isinstance(refusal, ChangedMeanwhile)
        await self._preview()
        self._show_problems(refusal.problems)

    async def _find_clients(self) -> None:
        if not self.start.is_sent:
            self.matches = await in_thread(find_clients, acting(), self._typed.client)

    async def _preview(self) -> None:
        if not self.start.form_token:
            return
        try:
            found = await in_thread(
                invoice_editor.preview,
                acting(),
                self._typed,
                number=self.start.number,
                suggestion=self.start.suggestion,
            )
        except BillingError as refusal:
            found = InvoicePreview(problems=refusal.problems)
        self.preview = replace(found, amounts={}, problems={})
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


def _start(number: str | None) -> EditorStart:
    if number is None:
        return invoice_editor.start_new(acting(), now=clock.now())
    return invoice_editor.start_edit(acting(), number, now=clock.now())
