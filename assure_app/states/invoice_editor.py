"""The invoice editor of one tab, for a new invoice and for one that is there (R141)."""

from typing import Any, ClassVar

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock
from assure_app.auth.guard import acting, requires
from assure_app.billing import invoice_editing
from assure_app.billing.reading import invoice_editor
from assure_app.billing.reading.invoice_form import (
    InvoiceForm,
    InvoicePreview,
    InvoiceStart,
    Saved,
)
from assure_app.domain.permissions import Permission
from assure_app.states.dialog import problems_by_field
from assure_app.states.line_editor import CLIENT_FIELDS, LineEditor
from assure_app.states.untrusted import text_of

EDITOR = "invoice-editor"
FIELDS = (*CLIENT_FIELDS, "engagement", "number", "title", "date", "due", "lines")


class InvoiceEditor(LineEditor, rx.State):
    """What the editor of an invoice shows."""

    _EDITOR: ClassVar[str] = EDITOR
    _FIELDS: ClassVar[tuple[str, ...]] = FIELDS
    _SUBJECT: ClassVar[tuple[str, ...]] = ("number", "version", "entries")
    _NO_START: ClassVar[InvoiceStart] = InvoiceStart()
    _NO_PREVIEW: ClassVar[InvoicePreview] = InvoicePreview()

    start: InvoiceStart = InvoiceStart()
    preview: InvoicePreview = InvoicePreview()
    problems: dict[str, str] = problems_by_field({}, FIELDS)
    _typed: InvoiceForm = InvoiceForm()

    @rx.event
    @requires(Permission.EDIT_BILLING, act="create or edit an invoice")
    async def save(self, form: dict[str, Any]) -> list[EventSpec]:
        """Save and go to the invoice, or say beside each field why not and keep all of it.

        A draft saved to be sent opens with the Send dialog over it.
        """
        return await self._save_form(form)

    def _read_start(self) -> InvoiceStart:
        url = self.router.url
        if not url.path.rstrip("/").endswith("/edit"):
            return invoice_editor.start_new(acting(), now=clock.now())
        number = text_of(url.query_parameters.get("invoice"))
        return invoice_editor.start_edit(acting(), number, now=clock.now())

    def _read_preview(self) -> InvoicePreview:
        return invoice_editor.preview(
            acting(), self._typed, number=self.start.number, suggestion=self.start.suggestion
        )

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

    def _then(self, form: object) -> str:
        """The Send dialog over the draft when that was asked."""
        is_sending = isinstance(form, dict) and form.get("then") == "send"
        return "&send=1" if is_sending and not self.start.is_sent else ""
