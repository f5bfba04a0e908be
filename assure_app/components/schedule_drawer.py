"""The drawer of one schedule: what it makes and when, what it made, and what can be done (R123)."""

from typing import Any

import reflex as rx

from assure_app.billing.reading.rows import ActivityRow
from assure_app.billing.reading.schedule_rows import GeneratedRow
from assure_app.components.badges import status_badge
from assure_app.components.drawer_parts import line_items, section
from assure_app.components.schedule_badges import autopay_chip, schedule_badge
from assure_app.states.schedule_change import ScheduleChange
from assure_app.states.schedule_list import ScheduleList
from assure_app.states.shell import Shell

_schedule = ScheduleList.schedule


def schedule_drawer() -> rx.Component:
    """The drawer when a schedule is open, else nothing."""
    return rx.cond(
        ScheduleList.opened != "",
        rx.el.div(
            rx.cond(ScheduleList.problem != "", _missing(), _shown()),
            class_name="drawer",
            role="dialog",
            aria_labelledby="drawer-title",
        ),
    )


def _missing() -> rx.Component:
    return rx.fragment(
        rx.el.header(rx.el.div(_title("Not found"), _close_button(), class_name="row")),
        rx.el.div(rx.el.p(ScheduleList.problem, role="alert"), class_name="body"),
    )


def _shown() -> rx.Component:
    return rx.fragment(
        rx.el.header(
            rx.el.div(
                _title(_schedule.title),
                rx.cond(_schedule.status != "", schedule_badge(_schedule.status)),
                rx.el.span(class_name="push"),
                _close_button(),
                class_name="row",
            ),
            rx.el.p(_schedule.client, " · ", _schedule.rhythm, class_name="sub"),
        ),
        rx.el.div(
            rx.cond(
                _schedule.problem != "",
                rx.el.p(
                    "The next invoice could not be made: ",
                    _schedule.problem,
                    " It is tried again every hour.",
                    class_name="notice bad",
                    role="status",
                ),
            ),
            _summary(),
            _upcoming(),
            _autopay(),
            line_items(
                _schedule.lines,
                subtotal=_schedule.subtotal,
                tax=_schedule.tax,
                total=_schedule.amount,
            ),
            _generated(),
            _activity(),
            class_name="body",
            tab_index=0,
            role="region",
            aria_labelledby="drawer-title",
        ),
        _actions(),
    )


def _title(text: rx.Var[str] | str) -> rx.Component:
    return rx.el.h2(text, id="drawer-title", tab_index=-1)


def _close_button() -> rx.Component:
    return rx.el.button(
        rx.icon("x", size=16, aria_hidden="true"),
        type="button",
        class_name="btn lite icon",
        aria_label="Close",
        on_click=ScheduleList.close,
        custom_attrs={"data-close-drawer": ""},
    )


def _summary() -> rx.Component:
    figures = (
        ("Amount", _schedule.amount),
        ("So far", _schedule.generated_count),
        ("End", _schedule.ends),
    )
    return section(
        "Summary",
        rx.el.dl(
            *(rx.el.div(rx.el.dt(label), rx.el.dd(value)) for label, value in figures),
            class_name="figures",
        ),
        rx.el.p(
            "Each invoice is ", _schedule.due, ". ", _schedule.sends, ".", class_name="quiet reason"
        ),
    )


def _upcoming() -> rx.Component:
    return section(
        "Next dates",
        rx.cond(
            _schedule.upcoming.length() > 0,
            rx.el.ol(
                rx.foreach(_schedule.upcoming, lambda day: rx.el.li(day, key=day)),
                class_name="days",
            ),
        ),
        rx.cond(
            _schedule.upcoming_note != "", rx.el.p(_schedule.upcoming_note, class_name="quiet")
        ),
    )


def _autopay() -> rx.Component:
    autopay = _schedule.autopay
    verb = rx.cond(_schedule.is_autopay_on, "Turn off", "Turn on")
    return section(
        "Auto-pay",
        rx.el.div(
            autopay_chip(autopay.label, autopay.method),
            rx.cond(
                Shell.desk.edits_billing & (_schedule.engagement_id > 0),
                rx.el.button(
                    verb,
                    rx.el.span(" auto-pay", class_name="visually-hidden"),
                    type="button",
                    class_name="btn sm push",
                    on_click=ScheduleChange.ask_autopay(_schedule.engagement_id),
                ),
            ),
            class_name="row",
        ),
        rx.el.p(autopay.sentence, class_name="quiet reason"),
    )


def _generated() -> rx.Component:
    return section(
        "Generated invoices",
        rx.cond(
            _schedule.generated.length() > 0,
            rx.el.ul(rx.foreach(_schedule.generated, _invoice), class_name="generated"),
            rx.el.p("None yet.", class_name="quiet"),
        ),
        rx.cond(
            _schedule.more_generated != "", rx.el.p(_schedule.more_generated, class_name="quiet")
        ),
    )


def _invoice(row: rx.Var[GeneratedRow]) -> rx.Component:
    return rx.el.li(
        rx.el.a(row.number, href=row.href),
        rx.el.span(row.day, class_name="dim"),
        status_badge(row.status),
        rx.el.span(row.amount, class_name="num"),
        key=row.number,
    )


def _activity() -> rx.Component:
    return section(
        "Activity", rx.el.ol(rx.foreach(_schedule.activity, _entry), class_name="timeline")
    )


def _entry(entry: rx.Var[ActivityRow]) -> rx.Component:
    return rx.el.li(
        rx.el.time(entry.at, date_time=entry.iso),
        rx.el.span(entry.text, rx.el.span(" by " + entry.actor, class_name="by")),
        key=entry.id.to(str),
    )


def _actions() -> rx.Component:
    return rx.el.footer(
        rx.cond(
            _schedule.can_edit,
            rx.el.a(
                "Edit",
                href="/recurring/edit?schedule=" + _schedule.id.to(str),
                class_name="btn pri",
            ),
        ),
        _act("Pause", "pause", _schedule.can_pause),
        _act("Resume", "resume", _schedule.can_resume),
        _act("Cancel schedule", "cancel", _schedule.can_cancel, class_name="btn lite push"),
    )


def _act(label: str, act: str, is_open: Any, *, class_name: str = "btn") -> rx.Component:
    return rx.cond(
        is_open,
        rx.el.button(
            label,
            type="button",
            class_name=class_name,
            on_click=ScheduleChange.ask(act, _schedule.id),
        ),
    )
