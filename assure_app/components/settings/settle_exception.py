"""The dialog that asks what was done about something Stripe told."""

import reflex as rx

from assure_app.components import fields
from assure_app.states.settings.stripe import DIALOG, SettleDialog


def settle_dialog() -> rx.Component:
    """The dialog; it is filled when it is opened."""
    return fields.modal(
        DIALOG, rx.cond(SettleDialog.start.id != 0, _form()), on_close=SettleDialog.closed
    )


def _form() -> rx.Component:
    start, problems = SettleDialog.start, SettleDialog.problems
    note = fields.field(
        "What was done",
        fields.text_input(
            "note",
            field_id="settle-note",
            problem=problems["note"],
            custom_attrs={"data-first": ""},
        ),
        field_id="settle-note",
        problem=problems["note"],
        light="kept in the audit log",
    )
    return rx.el.form(
        fields.dialog_head(DIALOG, "Mark as settled", start.amount),
        rx.el.p(start.sentence),
        note,
        fields.problem_text("settle-form", problems["form"]),
        fields.dialog_buttons("Mark as settled", class_name="pri", busy="Settling…"),
        key=start.id.to_string(),
        class_name="dialog-body",
        no_validate=True,
        on_submit=SettleDialog.submit(fields.typed_in(DIALOG)),
    )
