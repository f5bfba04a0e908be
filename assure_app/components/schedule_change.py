"""The dialog that asks before a schedule or its auto-pay changes: what will happen, in words."""

import reflex as rx

from assure_app.components import fields
from assure_app.states.schedule_change import DIALOG, ScheduleChange


def schedule_change_dialog() -> rx.Component:
    """The dialog; it is filled when it is opened."""
    is_asked = ScheduleChange.start.act != ""
    return fields.modal(DIALOG, rx.cond(is_asked, _form()), on_close=ScheduleChange.closed)


def _form() -> rx.Component:
    start = ScheduleChange.start
    return rx.el.form(
        fields.dialog_head(DIALOG, start.title, start.subject),
        rx.foreach(start.sentences, lambda sentence: rx.el.p(sentence, key=sentence)),
        fields.problem_text(f"{DIALOG}-form", ScheduleChange.problems["form"]),
        rx.el.div(
            rx.el.button(
                start.back, type="button", class_name="btn", custom_attrs={"data-close-dialog": ""}
            ),
            rx.el.button(
                rx.el.span(start.button, class_name="idle"),
                rx.el.span(start.busy, class_name="busy"),
                type="submit",
                class_name="btn " + start.tone,
            ),
            class_name="buttons",
        ),
        key=start.act + start.subject_id.to(str) + start.version.to(str),
        class_name="dialog-body",
        no_validate=True,
        on_submit=ScheduleChange.submit(fields.typed_in(DIALOG)),
    )
