"""The form of an invoice: whom it is for, its dates, its lines, and what they come to (R141)."""

from typing import Any

import reflex as rx

from assure_app.components import fields
from assure_app.components.editor_client import client_fields
from assure_app.components.editor_fields import kept_field, text_field
from assure_app.components.editor_lines import line_fields
from assure_app.states.invoice_editor import EDITOR, InvoiceEditor

_start, _form = InvoiceEditor.start, InvoiceEditor.start.form


def invoice_editor() -> rx.Component:
    """The form once it is there; else why there is none, or its outline."""
    return rx.cond(
        _start.form_token != "",
        rx.el.div(_editor(), id=EDITOR, class_name="editor", custom_attrs={"data-editor": ""}),
        rx.cond(
            InvoiceEditor.closed_text != "",
            _closed(),
            rx.cond(InvoiceEditor.is_loaded & ~InvoiceEditor.may_edit, _no_editing(), _outline()),
        ),
    )


def _outline() -> rx.Component:
    return rx.el.div(
        rx.el.p("Loading…", class_name="visually-hidden"),
        class_name="card editor-outline",
        aria_busy="true",
    )


def _closed() -> rx.Component:
    return rx.el.div(
        rx.el.h2("This invoice cannot be edited"),
        rx.el.p(InvoiceEditor.closed_text, role="alert"),
        rx.el.a("Back to the invoices", href="/invoices", class_name="btn"),
        class_name="card empty",
    )


def _no_editing() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Invoices are not yours to edit"),
        rx.el.p(
            "You need “Edit billing” to create or edit an invoice. "
            "Ask an owner or admin of your firm."
        ),
        class_name="card empty",
    )


def _editor() -> rx.Component:
    return rx.el.form(
        rx.el.div(client_fields(), _about(), class_name="card editor-part"),
        rx.el.div(
            rx.el.h2("Line items"),
            *line_fields(),
            class_name="card editor-part",
        ),
        fields.problem_text(f"{EDITOR}-form", InvoiceEditor.problems["form"]),
        _buttons(),
        rx.el.input(type="hidden", name="then"),
        rx.el.button(
            type="button",
            hidden=True,
            on_click=InvoiceEditor.discard,
            custom_attrs={"data-discard": ""},
        ),
        key=_start.form_token,
        no_validate=True,
        on_submit=InvoiceEditor.save(fields.typed_in(EDITOR)),
        aria_label="Invoice",
    )


def _about() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.cond(
                _start.is_sent,
                kept_field("Number", "number", _form.number),
                text_field("Number", "number", _form.number),
            ),
            text_field("Title", "title", _form.title, light="optional"),
            class_name="pair",
        ),
        rx.el.div(
            text_field("Date", "date", _form.date, type="date"),
            text_field(
                "Due", "due", _form.due, type="date", help_text=InvoiceEditor.preview.due_text
            ),
            class_name="pair",
        ),
    )


def _buttons() -> rx.Component:
    return rx.el.div(
        rx.cond(
            InvoiceEditor.is_stale,
            rx.el.button(
                "Open it again",
                type="button",
                class_name="btn lite",
                on_click=InvoiceEditor.open_anew,
            ),
        ),
        rx.el.a(
            "Cancel",
            href=_start.href,
            class_name="btn",
        ),
        rx.cond(
            _start.is_sent,
            _submit("Save"),
            rx.fragment(
                # The first one is what Enter presses.
                rx.el.button("Save draft", type="submit", class_name="btn"),
                _submit("Save and send", custom_attrs={"data-then": "send"}),
            ),
        ),
        class_name="buttons",
    )


def _submit(label: str, **more: Any) -> rx.Component:
    return rx.el.button(
        rx.el.span(label, class_name="idle"),
        rx.el.span("Saving…", class_name="busy"),
        type="submit",
        class_name="btn pri",
        **more,
    )
