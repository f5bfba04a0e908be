"""When the open invoice's client is reminded next, and the dialog that reminds them now."""

import reflex as rx

from assure_app.components import fields
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.remind_dialog import DIALOG, RemindDialog

_invoice = InvoiceDrawer.invoice
_start = RemindDialog.start


def next_reminder() -> rx.Component:
    """A line in the summary; nothing for an invoice that asks for nothing."""
    return rx.cond(
        _invoice.reminder != "",
        rx.el.div(
            rx.icon("bell", size=14, aria_hidden="true"),
            rx.el.span(_invoice.reminder),
            rx.cond(_invoice.can_remind | (_invoice.remind_block != ""), _button()),
            class_name="remind",
        ),
    )


def remind_dialog() -> rx.Component:
    """The dialog; it is filled when it is opened, and a new form token makes it a new form."""
    return fields.modal(
        DIALOG, rx.cond(_start.form_token != "", _form()), on_close=RemindDialog.closed
    )


def _button() -> rx.Component:
    return rx.el.button(
        "Send reminder now",
        type="button",
        class_name="btn sm",
        aria_disabled=rx.cond(_invoice.can_remind, "false", "true"),
        aria_description=_invoice.remind_block,
        title=_invoice.remind_block,
        on_click=RemindDialog.open(_invoice.number),
        custom_attrs={"data-reopens": DIALOG},
    )


def _form() -> rx.Component:
    return rx.el.form(
        fields.dialog_head(DIALOG, "Send reminder", _start.number + " · " + _start.client),
        rx.cond(_start.block != "", rx.el.p(_start.block, class_name="warning")),
        rx.cond(
            (_start.caution != "") & (_start.block == ""),
            rx.el.p(_start.caution, class_name="warning"),
        ),
        rx.el.div(
            rx.el.p(rx.el.span("To", class_name="light"), rx.el.b(_start.addresses)),
            rx.el.p(rx.el.span("Says", class_name="light"), rx.el.b(_start.standing)),
            rx.cond(
                _start.last != "",
                rx.el.p(rx.el.span("Last reminder", class_name="light"), rx.el.b(_start.last)),
            ),
            class_name="letter",
        ),
        rx.el.p(
            "The letter says what is owed when it leaves, and brings the link to pay.",
            class_name="quiet",
        ),
        fields.problem_text("send-reminder-form", RemindDialog.problems["form"]),
        fields.dialog_buttons("Send reminder", class_name="pri", busy="Sending…"),
        key=_start.form_token,
        class_name="dialog-body",
        no_validate=True,
        on_submit=RemindDialog.submit(fields.typed_in(DIALOG)),
    )
