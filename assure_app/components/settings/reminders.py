"""The page on which a firm says when its clients are reminded, and sees what they would read."""

from typing import Any

import reflex as rx

from assure_app.billing.reading.reminder_rows import ExampleDay, StepChip
from assure_app.components import fields
from assure_app.components.settings.frame import card, page_form, save_button, tick
from assure_app.states.settings.reminders import DAY, FORM, OTHER, RemindersPage
from assure_app.states.shell import Shell

_PAUSE_MILLISECONDS = 150
_start = RemindersPage.start
_letter = RemindersPage.letter


def reminders_page() -> rx.Component:
    """The plan, and its letters; for whoever may see billing."""
    nothing = rx.el.div(
        rx.el.h3("Reminders are not open to you"),
        rx.el.p("You need “View billing” to see them. Ask an owner or admin of your firm."),
        class_name="card empty",
    )
    is_closed = (Shell.desk.firm != "") & ~Shell.desk.views_billing
    return rx.cond(is_closed, nothing, rx.fragment(_form(), _preview()))


def _form() -> rx.Component:
    return page_form(
        FORM,
        rx.el.fieldset(
            _switch(),
            _days(),
            fields.problem_text("reminder-form", RemindersPage.problems["form"]),
            rx.cond(_start.may_change, save_button()),
            class_name="settings-form bare",
            disabled=~_start.may_change,
        ),
        key=RemindersPage.form_key,
        on_submit=RemindersPage.submit,
    )


def _switch() -> rx.Component:
    return card(
        "Reminders",
        rx.cond(
            ~_start.may_change,
            rx.el.p("You need “Edit billing” to change reminders.", class_name="warning"),
        ),
        tick(
            "on",
            "Remind clients of open invoices",
            checked=_start.is_on,
            help_text="Once on each chosen day, to everybody at the client who may pay.",
            on_change=_typed(),
        ),
        _hour(),
        rx.cond(_start.caution != "", rx.el.p(_start.caution, class_name="warning")),
        help_text="Each letter says what is owed when it leaves, and how to pay. Nothing goes out"
        " for what is paid, cancelled or wholly on its way, and what auto-pay will charge is"
        " announced instead.",
    )


def _hour() -> rx.Component:
    field_id, problem = "reminder-hour", RemindersPage.problems["hour"]
    return fields.field(
        "Time of day",
        rx.el.select(
            rx.foreach(_start.hours, lambda each: rx.el.option(each[1], value=each[0])),
            id=field_id,
            name="hour",
            class_name="in short",
            default_value=_start.hour,
            on_change=_typed(),
            aria_invalid=rx.cond(problem != "", "true", "false"),
            aria_describedby=f"{field_id}-help {field_id}-problem",
        ),
        field_id=field_id,
        problem=problem,
        help_text="By your firm’s clock.",
    )


def _days() -> rx.Component:
    problem = RemindersPage.problems["days"]
    return card(
        "Days",
        rx.el.fieldset(
            rx.el.legend("Remind", class_name="visually-hidden"),
            rx.el.div(rx.foreach(RemindersPage.chips, _chip), class_name="day-chips"),
            fields.problem_text("reminder-days", problem),
            class_name="field",
            aria_describedby="reminder-days-problem",
        ),
        rx.cond(_start.may_change, _another()),
        help_text="At most eight. If days were missed, as while your server was off, only the"
        " latest is sent.",
    )


def _chip(chip: rx.Var[StepChip]) -> rx.Component:
    name = DAY + chip.days.to_string()
    return rx.el.label(
        rx.el.input(
            id=name,
            type="checkbox",
            name=name,
            default_checked=chip.is_chosen,
            on_change=_typed(),
        ),
        chip.text,
        class_name="chip day",
        key=chip.days.to_string(),
    )


def _another() -> rx.Component:
    problem = RemindersPage.problems["other"]
    return rx.el.div(
        rx.el.label("Another day", html_for=OTHER),
        rx.el.div(
            fields.text_input(
                "other",
                field_id=OTHER,
                problem=problem,
                class_name="num",
                input_mode="numeric",
                max_length=3,
                placeholder="21",
            ),
            rx.el.select(
                rx.el.option("days after", value="after"),
                rx.el.option("days before", value="before"),
                name="side",
                class_name="in",
                aria_label="Before or after the due date",
            ),
            rx.el.button(
                "Add day",
                type="button",
                class_name="btn",
                on_click=RemindersPage.add_day(fields.typed_in(FORM)),
            ),
            class_name="another-day",
        ),
        fields.problem_text(OTHER, problem),
        class_name="field",
    )


def _preview() -> rx.Component:
    return rx.cond(
        RemindersPage.preview.days.length() > 0,
        rx.el.section(
            rx.el.div(
                rx.el.h3("Preview"),
                rx.el.p(RemindersPage.preview.sentence, class_name="quiet", role="status"),
                rx.el.div(rx.foreach(RemindersPage.preview.days, _day), class_name="example-days"),
                class_name="about",
            ),
            _shown_letter(),
            class_name="card setting example",
            aria_label="Preview",
        ),
    )


def _day(day: rx.Var[ExampleDay]) -> rx.Component:
    is_shown = day.days == RemindersPage.shown
    return rx.el.button(
        rx.el.b(day.day),
        rx.el.span(day.text),
        type="button",
        aria_pressed=rx.cond(is_shown, "true", "false"),
        on_click=RemindersPage.show(day.days),
        key=day.days.to_string(),
    )


def _shown_letter() -> rx.Component:
    return rx.el.article(
        rx.el.p(rx.el.span("Subject ", class_name="light"), _letter.subject, class_name="subject"),
        rx.el.h4(_letter.headline),
        rx.el.p(_letter.said, class_name="said"),
        rx.el.dl(
            rx.foreach(_letter.facts, lambda fact: rx.el.div(rx.el.dt(fact[0]), rx.el.dd(fact[1])))
        ),
        rx.el.span(_letter.label, class_name="paper-button", aria_hidden="true"),
        rx.el.p(_letter.closing, class_name="light"),
        rx.el.p(
            _letter.footer,
            " ",
            rx.el.u("Stop reminders"),
            class_name="light foot",
        ),
        class_name="paper",
        aria_label="The letter",
    )


def _typed() -> Any:
    return RemindersPage.typed(fields.typed_in(FORM)).debounce(_PAUSE_MILLISECONDS)
