"""The form of a schedule: for whom, how often, with which lines, and what it comes to (R123)."""

from typing import Any

import reflex as rx

from assure_app.components import fields
from assure_app.components.editor_client import client_fields
from assure_app.components.editor_fields import Editor, text_field, typed
from assure_app.components.editor_lines import line_fields
from assure_app.domain.schedules import Frequency
from assure_app.states.schedule_editor import EDITOR, ScheduleEditor

_SCHEDULE = Editor(EDITOR, ScheduleEditor)
_start, _form = ScheduleEditor.start, ScheduleEditor.start.form
_preview = ScheduleEditor.preview
_is_there = _start.schedule_id > 0
_ENDS = (("never", "No end"), ("date", "On a date"), ("count", "After a number"))


def schedule_editor(closed_heading: str) -> rx.Component:
    """The form once it is there; else its outline, or why there is none under `closed_heading`."""
    return rx.cond(
        _start.form_token != "",
        rx.el.div(_editor(), id=EDITOR, class_name="editor", custom_attrs={"data-editor": ""}),
        rx.cond(
            ScheduleEditor.closed_text != "",
            _instead(closed_heading, ScheduleEditor.closed_text, role="alert"),
            rx.cond(
                ScheduleEditor.is_loaded & ~ScheduleEditor.may_edit,
                _instead(
                    "Schedules are not yours to edit",
                    "You need “Edit billing” to set up or edit a schedule. "
                    "Ask an owner or admin of your firm.",
                ),
                _outline(),
            ),
        ),
    )


def _outline() -> rx.Component:
    return rx.el.div(
        rx.el.p("Loading…", class_name="visually-hidden"),
        class_name="card editor-outline",
        aria_busy="true",
    )


def _instead(heading: str, sentence: rx.Var[str] | str, **more: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h2(heading),
        rx.el.p(sentence, **more),
        rx.el.a("Back to the schedules", href="/recurring", class_name="btn"),
        class_name="card empty",
    )


def _editor() -> rx.Component:
    return rx.el.form(
        rx.cond(_is_there, _only_to_come()),
        rx.cond(_start.like_note != "", rx.el.p(_start.like_note, class_name="notice")),
        rx.el.div(_whom(), class_name="card editor-part"),
        rx.el.div(rx.el.h2("When"), *_when(), class_name="card editor-part"),
        rx.el.div(rx.el.h2("Line items"), *line_fields(_SCHEDULE), class_name="card editor-part"),
        rx.el.div(rx.el.h2("Each invoice"), *_each_invoice(), class_name="card editor-part"),
        fields.problem_text(f"{EDITOR}-form", ScheduleEditor.problems["form"]),
        _buttons(),
        rx.el.button(
            type="button",
            hidden=True,
            on_click=ScheduleEditor.discard,
            custom_attrs={"data-discard": ""},
        ),
        key=_start.form_token,
        no_validate=True,
        on_submit=ScheduleEditor.save(fields.typed_in(EDITOR)),
        aria_label="Schedule",
    )


def _only_to_come() -> rx.Component:
    return rx.el.p(
        "Changes hold for future invoices only. ",
        rx.cond(_start.generated != "", _start.generated + " and stay as they are.", ""),
        class_name="notice",
    )


def _whom() -> rx.Component:
    return rx.fragment(
        client_fields(
            _SCHEDULE,
            why_kept="A schedule keeps its client.",
            engagement_help=_preview.autopay,
        ),
        text_field(
            "Title",
            "title",
            _form.title,
            of=_SCHEDULE,
            help_text="Printed on each invoice, for example “Monthly bookkeeping”.",
        ),
    )


def _when() -> tuple[rx.Component, ...]:
    frequencies = tuple((each.value, each.value) for each in Frequency)
    repeats = rx.fragment(
        _tick(
            "month_end",
            "Always on the last day of the month",
            _form.month_end,
            ScheduleEditor.problems["month_end"],
        ),
        _segments("Ends", "end", _ENDS, _form.end, class_name="segments three"),
        rx.match(
            _form.end,
            ("date", text_field("Last day", "ends_on", _form.ends_on, type="date", of=_SCHEDULE)),
            (
                "count",
                text_field(
                    "Number of invoices",
                    "most",
                    _form.most,
                    input_mode="numeric",
                    help_text="All together, those made already included.",
                    of=_SCHEDULE,
                ),
            ),
            rx.fragment(),
        ),
    )
    return (
        _segments(
            "Frequency", "frequency", frequencies, _form.frequency, class_name="segments four"
        ),
        text_field(
            rx.cond(_is_there, "Next date", "First date"),
            "date",
            _form.date,
            type="date",
            of=_SCHEDULE,
        ),
        rx.cond(_form.frequency == Frequency.ONE_TIME.value, rx.fragment(), repeats),
        _told(),
    )


def _told() -> rx.Component:
    """The next dates in words."""
    return rx.el.div(
        rx.cond(
            _preview.days.length() > 0,
            rx.fragment(
                rx.el.p(rx.el.b(_preview.rhythm)),
                rx.el.ol(
                    rx.foreach(_preview.days, lambda day: rx.el.li(day, key=day)),
                    class_name="days",
                    aria_label="Next dates",
                ),
                rx.cond(_preview.ends != "", rx.el.p(_preview.ends, ".", class_name="light")),
            ),
            rx.el.p("The next dates show here.", class_name="light"),
        ),
        class_name="outcome",
        role="status",
    )


def _each_invoice() -> tuple[rx.Component, ...]:
    return (
        text_field(
            "Due",
            "due_days",
            _form.due_days,
            light="days after its date",
            input_mode="numeric",
            class_name="short",
            of=_SCHEDULE,
        ),
        _tick(
            "sends",
            "Send each invoice to the client automatically",
            _form.sends,
            ScheduleEditor.problems["sends"],
            help_text=_preview.sends + ".",
        ),
    )


def _segments(
    legend: str,
    name: str,
    choices: tuple[tuple[str, str], ...],
    chosen: rx.Var[str],
    *,
    class_name: str,
) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(legend),
        rx.el.div(
            *(
                rx.el.label(
                    rx.el.input(
                        type="radio",
                        name=name,
                        value=value,
                        default_checked=chosen == value,
                        on_change=typed(_SCHEDULE),
                    ),
                    label,
                )
                for value, label in choices
            ),
            class_name=class_name,
        ),
        fields.problem_text(f"{EDITOR}-{name}", ScheduleEditor.problems[name]),
        class_name="field",
    )


def _tick(
    name: str,
    label: str,
    chosen: rx.Var[str],
    problem: rx.Var[str],
    *,
    help_text: rx.Var[str] | str = "",
) -> rx.Component:
    field_id = f"{EDITOR}-{name}"
    return rx.el.div(
        rx.el.div(
            rx.el.input(
                id=field_id,
                type="checkbox",
                name=name,
                value="on",
                default_checked=chosen == "on",
                on_change=typed(_SCHEDULE),
                aria_describedby=f"{field_id}-help {field_id}-problem",
            ),
            rx.el.label(label, html_for=field_id),
            class_name="tickbox",
        ),
        rx.el.p(help_text, class_name="help", id=f"{field_id}-help"),
        fields.problem_text(field_id, problem),
        class_name="field",
    )


def _buttons() -> rx.Component:
    return rx.el.div(
        rx.cond(
            ScheduleEditor.is_stale,
            rx.el.button(
                "Open it again",
                type="button",
                class_name="btn lite",
                on_click=ScheduleEditor.open_anew,
            ),
        ),
        rx.el.a("Cancel", href=_start.href, class_name="btn"),
        rx.el.button(
            rx.el.span(rx.cond(_is_there, "Save", "Set up schedule"), class_name="idle"),
            rx.el.span("Saving…", class_name="busy"),
            type="submit",
            class_name="btn pri",
        ),
        class_name="buttons",
    )
