"""The Send dialog: to whom, with which words, and what the client will read first (R141)."""

import reflex as rx

from assure_app.components import fields
from assure_app.states.send_dialog import DIALOG, SendDialog

_start = SendDialog.start
_problems = SendDialog.problems


def send_invoice_dialog() -> rx.Component:
    """The dialog; it is filled when it is opened."""
    return fields.modal(DIALOG, rx.cond(_start.number != "", _form()), on_close=SendDialog.closed)


def _form() -> rx.Component:
    return rx.el.form(
        fields.dialog_head(
            DIALOG,
            rx.cond(_start.is_draft, "Send " + _start.number, "Send " + _start.number + " again"),
            _start.client,
        ),
        rx.cond(_start.block != "", rx.el.p(_start.block, class_name="warning", id="send-block")),
        rx.cond(
            (_start.caution != "") & (_start.block == ""),
            rx.el.p(_start.caution, class_name="warning"),
        ),
        _to(),
        rx.cond(~_start.has_contact & _start.is_draft, _keep()),
        _message(),
        _preview(),
        fields.problem_text("send-form", _problems["form"]),
        _buttons(),
        key=_start.number,
        class_name="dialog-body",
        no_validate=True,
        on_submit=SendDialog.submit(fields.typed_in(DIALOG)),
    )


def _to() -> rx.Component:
    problem = _problems["to"]
    control = fields.text_input(
        "to",
        field_id="send-to",
        problem=problem,
        input_mode="email",
        spell_check=False,
        default_value=_start.addresses,
        custom_attrs={"data-first": "", "autocapitalize": "off"},
    )
    return fields.field(
        "To",
        control,
        field_id="send-to",
        problem=problem,
        help_text="Up to 10 addresses, with commas between them.",
    )


def _keep() -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name="keep", value="on", default_checked=True),
        "Keep for next time",
        class_name="keep",
    )


def _message() -> rx.Component:
    problem = _problems["message"]
    control = rx.el.textarea(
        id="send-message",
        name="message",
        class_name="in",
        rows=3,
        aria_invalid=rx.cond(problem != "", "true", "false"),
        aria_describedby="send-message-light send-message-problem",
    )
    return fields.field(
        "Message", control, field_id="send-message", problem=problem, light="optional"
    )


def _preview() -> rx.Component:
    return rx.el.div(
        rx.el.p(rx.el.span("Subject", class_name="light"), rx.el.b(_start.subject)),
        rx.el.p(
            rx.el.span("Amount due", class_name="light"),
            rx.el.b(_start.amount),
            rx.el.span("by " + _start.due, class_name="light"),
        ),
        class_name="letter",
    )


def _buttons() -> rx.Component:
    return rx.el.div(
        rx.cond(
            _start.is_draft,
            rx.el.button(
                "Mark as sent",
                type="button",
                class_name="btn lite first",
                title="I sent it another way",
                aria_description="I sent it another way",
                on_click=SendDialog.mark_as_sent,
            ),
        ),
        rx.el.button(
            "Cancel", type="button", class_name="btn", custom_attrs={"data-close-dialog": ""}
        ),
        rx.el.button(
            rx.el.span(rx.cond(_start.is_draft, "Send", "Send again"), class_name="idle"),
            rx.el.span("Sending…", class_name="busy"),
            type="submit",
            class_name="btn pri",
            aria_disabled=rx.cond(_start.can_send_mail, "false", "true"),
            aria_description=_start.block,
        ),
        class_name="buttons",
    )
