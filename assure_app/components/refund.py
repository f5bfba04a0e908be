"""The Refund dialog with its reason picker (R077–R084, R095)."""

from typing import Any

import reflex as rx

from assure_app.components import fields, payment_fields
from assure_app.domain.refund_reasons import RefundReason
from assure_app.states.refund_dialog import DIALOG, RefundDialog

_PAUSE_MILLISECONDS = 120


def refund_dialog() -> rx.Component:
    """The dialog; it is filled when it is opened, and a new form token makes it a new form."""
    start = RefundDialog.start
    return fields.modal(
        DIALOG,
        rx.cond(start.form_token != "", _form()),
        on_close=RefundDialog.closed,
    )


def _form() -> rx.Component:
    start = RefundDialog.start
    return rx.el.form(
        fields.dialog_head(DIALOG, "Refund", start.title + " · " + start.number),
        _amount(),
        _reason(),
        _notes(),
        rx.el.p(
            rx.cond(
                start.is_settled_outside,
                "No money moves by itself: you settle this refund outside Assure Pro.",
                start.how,
            ),
            class_name="callout",
        ),
        payment_fields.warnings(RefundDialog.preview.warnings),
        _preview(),
        rx.el.p("A refund cannot be undone.", class_name="callout"),
        fields.problem_text("refund-form", RefundDialog.problems["form"]),
        fields.dialog_buttons("Refund", class_name="danger"),
        key=start.form_token,
        class_name="dialog-body",
        no_validate=True,
        on_submit=RefundDialog.submit(fields.typed_in(DIALOG)),
    )


def _amount() -> rx.Component:
    return payment_fields.amount_field(
        "refund",
        problem=RefundDialog.problems["amount"],
        help_text="Up to " + RefundDialog.start.refundable,
        on_change=_typed(),
        first=RefundDialog.start.amount,
    )


def _reason() -> rx.Component:
    problem = RefundDialog.problems["reason"]
    return fields.field(
        "Reason",
        rx.el.select(
            rx.el.option("Choose a reason", value=""),
            *(rx.el.option(reason.value, value=reason.value) for reason in RefundReason),
            id="refund-reason",
            name="reason",
            on_change=_typed(),
            class_name="in",
            default_value="",
            aria_invalid=rx.cond(problem != "", "true", "false"),
            aria_describedby="refund-reason-problem",
        ),
        field_id="refund-reason",
        problem=problem,
    )


def _notes() -> rx.Component:
    return payment_fields.notes_field(
        "refund", problem=RefundDialog.problems["notes"], on_change=_typed(), light="internal"
    )


def _preview() -> rx.Component:
    preview = RefundDialog.preview
    change = payment_fields.change_of_status(preview.status_before, preview.status_after)
    is_known = preview.status_after != ""
    figures = (
        ("Balance after", rx.cond(preview.balance_after != "", preview.balance_after, "—")),
        ("Status", rx.cond(is_known, change, preview.status_before)),
    )
    of_stripe = (
        ("Fee lost", rx.cond(is_known, preview.fee_lost, "—")),
        ("Net to the firm", rx.cond(is_known, preview.net, "—")),
    )
    return rx.cond(
        RefundDialog.start.is_settled_outside,
        payment_fields.preview_box(figures),
        payment_fields.preview_box((*figures, *of_stripe)),
    )


def _typed() -> Any:
    return RefundDialog.typed(fields.typed_in(DIALOG)).debounce(_PAUSE_MILLISECONDS)
