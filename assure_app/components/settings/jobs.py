"""What goes on by itself: what was given up and waits for a person, and how the rest goes."""

import reflex as rx

from assure_app.billing.reading.background_work import StoppedRow, WorkRow
from assure_app.components.plain import PlainLink
from assure_app.states.settings.jobs import HEADING, JobsPage
from assure_app.states.shell import Shell


def jobs_page() -> rx.Component:
    """The page for who may see billing; for everybody else why there is none."""
    nothing = rx.el.div(
        rx.el.h3("Background work is not open to you"),
        rx.el.p("You need “View billing” to see it. Ask an owner or admin of your firm."),
        class_name="card empty",
    )
    return rx.cond(
        (Shell.desk.firm != "") & ~Shell.desk.views_billing,
        nothing,
        rx.fragment(_stopped(), _works(), _revisit()),
    )


def _stopped() -> rx.Component:
    view = JobsPage.view
    return rx.el.section(
        rx.el.h3("Stopped", id=HEADING, tab_index=-1),
        rx.cond(
            JobsPage.is_loaded & (view.stopped.length() == 0),
            rx.el.p(
                rx.icon("circle_check", size=16, aria_hidden="true"),
                "Nothing waits for you: all work is done or under way.",
                class_name="all-well",
            ),
            rx.el.ol(rx.foreach(view.stopped, _stopped_row), class_name="exceptions"),
        ),
        rx.cond(view.more != "", rx.el.p(view.more, class_name="quiet")),
        aria_label="Stopped",
        aria_busy=rx.cond(JobsPage.is_loaded, "false", "true"),
        class_name="card exceptions-card",
    )


def _stopped_row(row: rx.Var[StoppedRow]) -> rx.Component:
    retry = rx.el.button(
        "Retry",
        type="button",
        class_name="btn sm",
        aria_label="Retry: " + row.what,
        on_click=JobsPage.retry(row.id),
    )
    link = PlainLink.create("Open " + row.number, href=row.href, class_name="link")
    return rx.el.li(
        rx.el.div(
            rx.el.b(row.what),
            rx.el.span("since " + row.since, class_name="quiet"),
            class_name="head",
        ),
        rx.el.p(row.why),
        rx.el.p(row.tries, class_name="quiet"),
        rx.el.div(
            rx.cond(JobsPage.view.may_retry, retry),
            rx.cond(row.number != "", link),
            class_name="acts",
        ),
        key=row.id.to_string(),
    )


def _works() -> rx.Component:
    heads = ("Work", "Last run", "State")
    return rx.el.section(
        rx.el.h3("Automatic work"),
        rx.el.table(
            rx.el.thead(rx.el.tr(*(rx.el.th(head, scope="col") for head in heads))),
            rx.el.tbody(rx.foreach(JobsPage.view.works, _work_row)),
            class_name="people works",
        ),
        aria_label="Automatic work",
        class_name="card works-card",
    )


def _work_row(row: rx.Var[WorkRow]) -> rx.Component:
    icons = (
        ("Running well", rx.icon("check", size=14, aria_hidden="true")),
        rx.icon("circle_alert", size=14, aria_hidden="true"),
    )
    return rx.el.tr(
        rx.el.td(row.title),
        rx.el.td(row.last, class_name="dim when"),
        rx.el.td(
            rx.el.span(rx.match(row.state, *icons), row.state, class_name="how " + row.state),
            rx.cond(row.explained != "", rx.el.p(row.explained, class_name="quiet")),
        ),
        key=row.name,
    )


def _revisit() -> rx.Component:
    return rx.el.button(
        type="button", hidden=True, on_click=JobsPage.load, custom_attrs={"data-revisit": ""}
    )
