"""The Mark paid dialog: the whole balance in one confirm (R038)."""

from typing import Any

import reflex as rx

from assure_app.components import fields, payment_fields
from assure_app.states.mark_paid_dialog import DIALOG, MarkPaidDialog

_PAUSE_MILLISECONDS = 120


def mark_paid_dialog() -> rx.Component:
    """The dialog; it is filled when it is opened, and a new form token makes it a new form."""
    start = MarkPaidDialog.start
    return fields.modal(
        DIALOG, rx.cond(start.form_token != "", _form()), on_close=MarkPaidDialog.closed
    )


def _form() -> rx.Component:
    start, problems = MarkPaidDialog.start, MarkPaidDialog.problems
    return rx.el.form(
        fields.dialog_head(DIALOG, "Mark paid", start.number + " · " + start.client),
        rx.el.p("Record ", rx.el.b(start.balance), ", the whole balance, as paid."),
        # The amount that this page shows goes with the form: no other can be recorded.
        rx.el.input(type="hidden", name="amount", value=start.amount),
        payment_fields.method_field(
            "mark-paid", problem=problems["method"], on_change=_typed(), has_focus=True
        ),
        rx.el.div(
            payment_fields.date_field(
                "mark-paid",
                problem=problems["date"],
                on_change=_typed(),
                first=start.date,
                latest=start.latest_date,
            ),
            payment_fields.reference_field(
                "mark-paid", problem=problems["reference"], on_change=_typed()
            ),
            class_name="pair",
        ),
        _preview(),
        fields.problem_text("mark-paid-form", problems["form"] + problems["amount"]),
        fields.dialog_buttons("Mark paid", class_name="pri", busy="Recording…"),
        key=start.form_token,
        class_name="dialog-body",
        no_validate=True,
        on_submit=MarkPaidDialog.submit(fields.typed_in(DIALOG)),
    )


def _preview() -> rx.Component:
    preview = MarkPaidDialog.preview
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
    return MarkPaidDialog.typed(fields.typed_in(DIALOG)).debounce(_PAUSE_MILLISECONDS)
