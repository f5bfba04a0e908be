"""The Record payment dialog, word for word (R018–R025, R031–R037)."""

from typing import Any

import reflex as rx

from assure_app.components import fields
from assure_app.states.payment_dialog import DIALOG, PaymentDialog

_METHODS = ("Cash", "Check", "Wire", "Other")
_STRIPE_METHODS = ("Card", "ACH")
_CHOSEN_FIRST = "Check"
_PAUSE_MILLISECONDS = 120


def record_payment_dialog() -> rx.Component:
    """The dialog; it is filled when it is opened, and a new form token makes it a new form."""
    start = PaymentDialog.start
    return fields.modal(
        DIALOG,
        rx.cond(start.form_token != "", _form()),
        on_close=PaymentDialog.closed,
    )


def _form() -> rx.Component:
    start = PaymentDialog.start
    return rx.el.form(
        fields.dialog_head(DIALOG, "Record payment", start.number + " · " + start.client),
        rx.el.div(_amount(), _date(), class_name="pair"),
        _method(),
        _reference(),
        _notes(),
        _preview(),
        fields.problem_text("payment-form", PaymentDialog.problems["form"]),
        fields.dialog_buttons("Record", class_name="pri"),
        key=start.form_token,
        class_name="dialog-body",
        no_validate=True,
        on_submit=PaymentDialog.submit(fields.typed_in(DIALOG)),
    )


def _amount() -> rx.Component:
    problem = PaymentDialog.problems["amount"]
    return fields.field(
        "Amount",
        fields.text_input(
            "amount",
            field_id="payment-amount",
            problem=problem,
            class_name="num",
            input_mode="decimal",
            default_value=PaymentDialog.start.amount,
            on_change=_typed(),
            custom_attrs={"data-first": ""},
        ),
        field_id="payment-amount",
        problem=problem,
        help_text="Balance " + PaymentDialog.preview.balance_before,
    )


def _date() -> rx.Component:
    problem = PaymentDialog.problems["date"]
    return fields.field(
        "Date",
        fields.text_input(
            "date",
            field_id="payment-date",
            problem=problem,
            type="date",
            default_value=PaymentDialog.start.date,
            max=PaymentDialog.start.latest_date,
            on_change=_typed(),
        ),
        field_id="payment-date",
        problem=problem,
    )


def _method() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Method"),
        rx.el.div(
            *(_choice(method) for method in _METHODS),
            *(_blocked_choice(method) for method in _STRIPE_METHODS),
            class_name="segments",
        ),
        rx.el.p(
            "Card and ACH go through Stripe: the client or auto-pay starts them.",
            class_name="help",
            id="method-help",
        ),
        rx.cond(
            PaymentDialog.method == "Other",
            rx.el.p(
                "For a customer credit and the like. To write off the rest, cancel the invoice "
                "instead of recording a payment.",
                class_name="help",
                role="status",
            ),
        ),
        fields.problem_text("payment-method", PaymentDialog.problems["method"]),
        class_name="field",
        aria_describedby="method-help",
    )


def _choice(method: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="method",
            value=method,
            default_checked=method == _CHOSEN_FIRST,
            on_change=_typed(),
        ),
        method,
    )


def _blocked_choice(method: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="method", value=method, disabled=True),
        method,
        title="Card and ACH go through Stripe",
    )


def _reference() -> rx.Component:
    problem = PaymentDialog.problems["reference"]
    return fields.field(
        "Reference",
        fields.text_input(
            "reference",
            field_id="payment-reference",
            problem=problem,
            on_change=_typed(),
        ),
        field_id="payment-reference",
        problem=problem,
        light="optional",
    )


def _notes() -> rx.Component:
    problem = PaymentDialog.problems["notes"]
    return fields.field(
        "Notes",
        fields.notes_input(field_id="payment-notes", problem=problem, on_change=_typed()),
        field_id="payment-notes",
        problem=problem,
        light="internal only",
    )


def _preview() -> rx.Component:
    preview = PaymentDialog.preview
    change = fields.change_of_status(preview.status_before, preview.status_after)
    is_known = preview.status_after != ""
    return rx.fragment(
        fields.preview_box(
            (
                ("Balance after", rx.cond(is_known, preview.balance_after, "—")),
                ("Status", rx.cond(is_known, change, preview.status_before)),
            )
        ),
        rx.foreach(
            preview.warnings,
            lambda sentence: rx.el.p(sentence, class_name="warning", role="status"),
        ),
    )


def _typed() -> Any:
    return PaymentDialog.typed(fields.typed_in(DIALOG)).debounce(_PAUSE_MILLISECONDS)
