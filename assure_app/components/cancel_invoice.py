"""The Cancel invoice dialog: what stays, what is given up, and why (R129, R130)."""

import reflex as rx

from assure_app.components import fields, payment_fields
from assure_app.states.cancel_dialog import DIALOG, CancelDialog


def cancel_invoice_dialog() -> rx.Component:
    """The dialog; it is filled when it is opened, and a new form token makes it a new form."""
    start = CancelDialog.start
    return fields.modal(
        DIALOG, rx.cond(start.form_token != "", _form()), on_close=CancelDialog.closed
    )


def _form() -> rx.Component:
    start, problems = CancelDialog.start, CancelDialog.problems
    return rx.el.form(
        fields.dialog_head(DIALOG, "Cancel invoice", start.number + " · " + start.client),
        _consequences(),
        # What this page shows as given up goes with the form: nothing else can be.
        rx.el.input(type="hidden", name="written_off", value=CancelDialog.preview.written_off),
        _reason(),
        _preview(),
        rx.el.p("A cancelled invoice cannot be opened again.", class_name="callout"),
        fields.problem_text("cancel-form", problems["form"] + problems["written_off"]),
        fields.dialog_buttons(
            "Cancel invoice", class_name="danger", busy="Cancelling…", back="Keep invoice"
        ),
        key=start.form_token,
        class_name="dialog-body",
        no_validate=True,
        on_submit=CancelDialog.submit(fields.typed_in(DIALOG)),
    )


def _consequences() -> rx.Component:
    preview = CancelDialog.preview
    stays = rx.fragment("Payments of ", rx.el.b(preview.kept), " stay. ")
    given_up = rx.fragment(rx.el.b(preview.written_off), " is written off.")
    return rx.el.p(
        rx.cond(preview.kept != "", stays, "No payment was made. "),
        rx.cond(preview.written_off != "", given_up, "Nothing is written off."),
        role="status",
    )


def _reason() -> rx.Component:
    problem = CancelDialog.problems["reason"]
    control = fields.text_input(
        "reason", field_id="cancel-reason", problem=problem, custom_attrs={"data-first": ""}
    )
    return fields.field(
        "Reason", control, field_id="cancel-reason", problem=problem, light="internal only"
    )


def _preview() -> rx.Component:
    preview = CancelDialog.preview
    is_known = preview.status_after != ""
    change = payment_fields.change_of_status(preview.status_before, preview.status_after)
    return payment_fields.preview_box(
        (
            ("Balance after", rx.cond(is_known, "none asked for", "—")),
            ("Status", rx.cond(is_known, change, preview.status_before)),
        )
    )
