"""The Record payment dialog, word for word (R018–R025, R031–R037)."""

from typing import Any

import reflex as rx

from assure_app.components import fields, payment_fields
from assure_app.states.payment_dialog import DIALOG, PaymentDialog

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
    start, problems = PaymentDialog.start, PaymentDialog.problems
    return rx.el.form(
        fields.dialog_head(DIALOG, "Record payment", start.number + " · " + start.client),
        rx.el.div(_amount(), _date(), class_name="pair"),
        _method(),
        payment_fields.reference_field(
            "payment", problem=problems["reference"], on_change=_typed()
        ),
        payment_fields.notes_field("payment", problem=problems["notes"], on_change=_typed()),
        _preview(),
        fields.problem_text("payment-form", problems["form"]),
        fields.dialog_buttons("Record", class_name="pri"),
        key=start.form_token,
        class_name="dialog-body",
        no_validate=True,
        on_submit=PaymentDialog.submit(fields.typed_in(DIALOG)),
    )


def _amount() -> rx.Component:
    return payment_fields.amount_field(
        "payment",
        problem=PaymentDialog.problems["amount"],
        help_text="Balance " + PaymentDialog.preview.balance_before,
        on_change=_typed(),
        first=PaymentDialog.start.amount,
    )


def _date() -> rx.Component:
    return payment_fields.date_field(
        "payment",
        problem=PaymentDialog.problems["date"],
        on_change=_typed(),
        first=PaymentDialog.start.date,
        latest=PaymentDialog.start.latest_date,
    )


def _method() -> rx.Component:
    return payment_fields.method_field(
        "payment",
        problem=PaymentDialog.problems["method"],
        on_change=_typed(),
        note=rx.cond(
            PaymentDialog.method == "Other",
            rx.el.p(
                "For a customer credit and the like. To write off the rest, cancel the invoice "
                "instead of recording a payment.",
                class_name="help",
                role="status",
            ),
        ),
    )


def _preview() -> rx.Component:
    preview = PaymentDialog.preview
    change = payment_fields.change_of_status(preview.status_before, preview.status_after)
    is_known = preview.status_after != ""
    return rx.fragment(
        payment_fields.preview_box(
            (
                ("Balance after", rx.cond(is_known, preview.balance_after, "—")),
                ("Status", rx.cond(is_known, change, preview.status_before)),
            )
        ),
        payment_fields.warnings(preview.warnings),
    )


def _typed() -> Any:
    return PaymentDialog.typed(fields.typed_in(DIALOG)).debounce(_PAUSE_MILLISECONDS)
