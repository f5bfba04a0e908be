"""The pages of recurring schedules: `/recurring`, with one open at `?schedule=…`, and their form at
`/recurring/new` and `/recurring/edit?schedule=…`."""

import reflex as rx

from assure_app.components.engagement_list import engagement_list
from assure_app.components.keys import schedule_keys_dialog
from assure_app.components.schedule_change import schedule_change_dialog
from assure_app.components.schedule_drawer import schedule_drawer
from assure_app.components.schedule_editor import schedule_editor
from assure_app.components.schedule_list import page_head, schedule_list
from assure_app.components.shell import shell
from assure_app.states.engagement_list import EngagementList
from assure_app.states.schedule_editor import ScheduleEditor
from assure_app.states.schedule_list import ScheduleList
from assure_app.states.shell import Shell

_CURRENT = "Recurring"


def add_to(app: rx.App) -> None:
    """Give the application its pages of schedules, and that of auto-pay beside them."""
    app.add_page(
        recurring,
        route="/recurring",
        title="Recurring · Assure Pro",
        on_load=[Shell.load_frame, ScheduleList.load],
    )
    app.add_page(
        auto_pay,
        route="/recurring/auto-pay",
        title="Auto-pay · Assure Pro",
        on_load=[Shell.load_frame, EngagementList.load],
    )
    on_load = [Shell.load_frame, ScheduleEditor.load]
    for route, page, title in (
        ("/recurring/new", new_schedule, "New schedule"),
        ("/recurring/edit", edit_schedule, "Edit schedule"),
    ):
        app.add_page(page, route=route, title=f"{title} · Assure Pro", on_load=on_load)


def recurring() -> rx.Component:
    """The list and the drawer, or one sentence for who may not see billing (R137)."""
    return shell(
        page_head(),
        _tabs("Schedules"),
        _for_viewers(schedule_list()),
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


def auto_pay() -> rx.Component:
    """The engagements, and for which of them due invoices are charged by themselves."""
    return shell(
        page_head(),
        _tabs("Auto-pay"),
        _for_viewers(engagement_list()),
        schedule_change_dialog(),
        current=_CURRENT,
    )


def new_schedule() -> rx.Component:
    """The form of a new schedule."""
    return _form_page("New schedule", closed_heading="This invoice cannot be made recurring")


def edit_schedule() -> rx.Component:
    """The form of the schedule that the address names."""
    title = ScheduleEditor.start.title
    heading = rx.cond(title != "", "Edit " + title, "Edit schedule")
    return _form_page(heading, closed_heading="This schedule cannot be edited")


def _form_page(heading: rx.Var[str] | str, *, closed_heading: str) -> rx.Component:
    return shell(
        rx.el.div(rx.el.h1(heading), class_name="page-head editor-head"),
        schedule_editor(closed_heading),
        current=_CURRENT,
    )


def _tabs(current: str) -> rx.Component:
    links = (("Schedules", "/recurring"), ("Auto-pay", "/recurring/auto-pay"))
    return rx.el.nav(
        *(
            rx.el.a(label, href=href, **({"aria_current": "page"} if label == current else {}))
            for label, href in links
        ),
        class_name="tabs",
        aria_label="Recurring",
    )


def _for_viewers(content: rx.Component) -> rx.Component:
    is_barred = (Shell.desk.firm != "") & ~Shell.desk.views_billing
    return rx.cond(is_barred, _no_billing(), content)


def _no_billing() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Billing is not open to you"),
        rx.el.p("You need “View billing” to see schedules. Ask an owner or admin of your firm."),
        class_name="card empty",
    )
