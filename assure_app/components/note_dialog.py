"""The dialog that asks for one sentence about money before it is called settled."""

from typing import Any

import reflex as rx

from assure_app.components import fields


def note_dialog(
    dialog: str,
    state: Any,
    *,
    title: str,
    label: str,
    light: str,
    button: str,
    busy: str,
) -> rx.Component:
    """The dialog of this state; it is filled when it is opened.

    `label` asks for the sentence, and `light` says where it is kept.
    """
    start, problems, field_id = state.start, state.problems, f"{dialog}-note"
    note = fields.field(
        label,
        fields.text_input(
            "note", field_id=field_id, problem=problems["note"], custom_attrs={"data-first": ""}
        ),
        field_id=field_id,
        problem=problems["note"],
        light=light,
    )
    form = rx.el.form(
        fields.dialog_head(dialog, title, start.amount),
        rx.el.p(start.sentence),
        note,
        fields.problem_text(f"{dialog}-form", problems["form"]),
        fields.dialog_buttons(button, class_name="pri", busy=busy),
        key=start.id.to_string(),
        class_name="dialog-body",
        no_validate=True,
        on_submit=state.submit(fields.typed_in(dialog)),
    )
    return fields.modal(dialog, rx.cond(start.id != 0, form), on_close=state.closed)
