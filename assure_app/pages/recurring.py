"""The pages of recurring schedules: `/recurring`, with one open at `?schedule=…`, and their form at
`/recurring/new` and `/recurring/edit?schedule=…`."""

import reflex as rx

from assure_app.components.keys import schedule_keys_dialog
from assure_app.components.schedule_change import schedule_change_dialog
from assure_app.components.schedule_drawer import schedule_drawer
from assure_app.components.schedule_editor import schedule_editor
from assure_app.components.schedule_list import page_head, schedule_list
from assure_app.components.shell import shell
from assure_app.states.schedule_editor import ScheduleEditor
from assure_app.states.schedule_list import ScheduleList
from assure_app.states.shell import Shell

_CURRENT = "Recurring"


def add_to(app: rx.App) -> None:
    """Give the application its three pages of schedules."""
    app.add_page(
        recurring,
        route="/recurring",
        title="Recurring · Assure Pro",
        on_load=[Shell.load_frame, ScheduleList.load],
    )
    on_load = [Shell.load_frame, ScheduleEditor.load]
    for route, page, title in (
        ("/recurring/new", new_schedule, "New schedule"),
        ("/recurring/edit", edit_schedule, "Edit schedule"),
    ):
        app.add_page(page, route=route, title=f"{title} · Assure Pro", on_load=on_load)


def recurring() -> rx.Component:
    """The list and the drawer, or one sentence for who may not see billing (R137)."""
    is_barred = (Shell.desk.firm != "") & ~Shell.desk.views_billing
    return shell(
        page_head(),
        rx.cond(is_barred, _no_billing(), schedule_list()),
        schedule_drawer(),
        schedule_change_dialog(),
        schedule_keys_dialog(),
        rx.el.button(
            type="button",
            hidden=True,
            on_click=ScheduleList.load,
            custom_attrs={"data-revisit": "recurring"},
        ),
        current=_CURRENT,
    )


def new_schedule() -> rx.Component:
    """The form of a new schedule."""
    return _form_page("New schedule")


def edit_schedule() -> rx.Component:
    """The form of the schedule that the address names."""
    title = ScheduleEditor.start.title
    return _form_page(rx.cond(title != "", "Edit " + title, "Edit schedule"))


def _form_page(heading: rx.Var[str] | str) -> rx.Component:
    return shell(
        rx.el.div(rx.el.h1(heading), class_name="page-head editor-head"),
        schedule_editor(),
        current=_CURRENT,
    )


def _no_billing() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Billing is not open to you"),
        rx.el.p("You need “View billing” to see schedules. Ask an owner or admin of your firm."),
        class_name="card empty",
    )
