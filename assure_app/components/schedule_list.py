"""The list of schedules: its figures, search and filter, the table, and what stands there without
rows."""

import reflex as rx

from assure_app.billing.reading.schedule_list import FILTERS
from assure_app.billing.reading.schedule_rows import Figure, ScheduleRow
from assure_app.components.schedule_badges import autopay_chip, problem_mark, schedule_badge
from assure_app.states.schedule_list import ScheduleList
from assure_app.states.shell import Shell

_SEARCH_PAUSE_MILLISECONDS = 150
_SKELETON_ROWS = 6
_FIGURES = ("Active", "Paused", "No method")
_COLUMNS = (
    ("Client", "client"),
    ("Schedule", "what"),
    ("Amount", "num total"),
    ("Auto-pay", "autopay"),
    ("Next", "next"),
    ("Last", "last"),
    ("Status", "status"),
)


def page_head() -> rx.Component:
    """The heading, and the way to a new schedule for who may."""
    return rx.el.div(
        rx.el.h1("Recurring"),
        rx.cond(
            Shell.desk.edits_billing,
            rx.el.a(
                rx.icon("plus", size=16, aria_hidden="true"),
                rx.el.span("New schedule", class_name="label"),
                href="/recurring/new",
                class_name="btn pri push",
            ),
        ),
        class_name="page-head",
    )


def schedule_list() -> rx.Component:
    """Everything below the heading."""
    is_empty = ScheduleList.is_loaded & (ScheduleList.page.rows.length() == 0)
    nothing = rx.cond(ScheduleList.page.total == 0, _none_yet(), _nothing_matches())
    return rx.fragment(
        _figures(),
        _toolbar(),
        rx.el.div(
            rx.cond(ScheduleList.failure != "", _unread(), rx.cond(is_empty, nothing, _table())),
            class_name="card",
        ),
        rx.el.nav(
            _page_button("Previous page", ScheduleList.page.previous_page),
            _page_button("Next page", ScheduleList.page.next_page),
            class_name="pager",
            aria_label="Pages",
        ),
    )


def _figures() -> rx.Component:
    waiting = rx.fragment(
        *(rx.el.div(rx.el.span(name, class_name="name"), class_name="tile") for name in _FIGURES)
    )
    return rx.el.div(
        rx.cond(
            ScheduleList.page.figures.length() > 0,
            rx.foreach(ScheduleList.page.figures, _figure),
            waiting,
        ),
        class_name="tiles three",
        role="group",
        aria_label="Filter by state",
    )


def _figure(figure: rx.Var[Figure]) -> rx.Component:
    return rx.el.button(
        rx.el.span(
            rx.el.i(class_name="dot schedule " + figure.name, aria_hidden="true"),
            figure.name,
            class_name="name",
        ),
        rx.el.b(figure.figure),
        rx.el.em(figure.hint),
        type="button",
        class_name="tile",
        aria_pressed=rx.cond(ScheduleList.show == figure.name, "true", "false"),
        on_click=ScheduleList.narrow(figure.name),
        key=figure.name,
    )


def _toolbar() -> rx.Component:
    return rx.el.div(
        _search(),
        rx.el.div(
            rx.el.select(
                rx.el.option("All statuses", value=""),
                *(rx.el.option(name, value=name) for name in FILTERS),
                id="filter-status",
                aria_label="Status",
                class_name="in",
                default_value=ScheduleList.show,
                key=ScheduleList.fills.to(str),
                on_change=ScheduleList.narrow,
            ),
            class_name="filter",
        ),
        rx.cond(
            ScheduleList.is_filtered & (ScheduleList.page.rows.length() > 0),
            rx.el.button(
                "Clear filters",
                type="button",
                class_name="btn lite sm",
                on_click=ScheduleList.clear,
            ),
        ),
        rx.el.span(ScheduleList.page.count, class_name="count", role="status"),
        class_name="toolbar",
    )


def _search() -> rx.Component:
    return rx.el.div(
        rx.icon("search", size=16, aria_hidden="true"),
        rx.el.input(
            id="search",
            type="search",
            aria_label="Search",
            placeholder="Search client or title",
            default_value=ScheduleList.search,
            key=ScheduleList.fills.to(str),
            on_change=lambda text: ScheduleList.search_for(text).debounce(
                _SEARCH_PAUSE_MILLISECONDS
            ),
            auto_complete="off",
            spell_check=False,
        ),
        rx.el.kbd("/", aria_hidden="true"),
        class_name="search",
        role="search",
    )


def _table() -> rx.Component:
    return rx.el.table(
        rx.el.caption("Recurring schedules", class_name="visually-hidden"),
        rx.el.thead(
            rx.el.tr(
                *(
                    rx.el.th(
                        label,
                        scope="col",
                        class_name=" ".join(
                            each if each == "num" else f"h-{each}" for each in names.split()
                        ),
                    )
                    for label, names in _COLUMNS
                )
            )
        ),
        rx.el.tbody(
            rx.cond(
                ScheduleList.is_loaded,
                rx.foreach(ScheduleList.page.rows, _row),
                rx.fragment(*(_skeleton_row() for _ in range(_SKELETON_ROWS))),
            )
        ),
        class_name="list schedules",
        aria_busy=rx.cond(ScheduleList.is_loaded, "false", "true"),
    )


def _row(row: rx.Var[ScheduleRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.client, class_name="client"),
        rx.el.td(
            rx.el.a(row.title, href=row.href, on_click=rx.prevent_default),
            rx.el.span(row.rhythm, class_name="sub"),
            class_name="what",
        ),
        rx.el.td(row.amount, class_name="num total"),
        rx.el.td(autopay_chip(row.autopay, row.method), class_name="autopay"),
        rx.el.td(
            rx.cond(row.next_on != "", row.next_on, "—"),
            class_name=rx.cond(row.next_on != "", "next", "next none"),
        ),
        rx.el.td(
            rx.cond(row.last_on != "", row.last_on, "—"),
            rx.el.span(row.generated, class_name="sub"),
            class_name="last",
        ),
        rx.el.td(
            rx.el.span(schedule_badge(row.status), problem_mark(row.problem), class_name="row"),
            class_name="status",
        ),
        key=row.id,
        on_click=ScheduleList.open(row.id),
        aria_selected=rx.cond(ScheduleList.opened == row.id, "true", "false"),
        custom_attrs={"data-number": row.id},
    )


def _skeleton_row() -> rx.Component:
    return rx.el.tr(*(rx.el.td(class_name=names) for _, names in _COLUMNS), class_name="skeleton")


def _none_yet() -> rx.Component:
    return _instead(
        "repeat",
        rx.cond(Shell.desk.edits_billing, "Set up your first schedule", "No schedules yet"),
        rx.el.p("What you bill every month, quarter or year is invoiced and sent by itself."),
        rx.cond(
            Shell.desk.edits_billing,
            rx.el.a("New schedule", href="/recurring/new", class_name="btn pri"),
        ),
    )


def _nothing_matches() -> rx.Component:
    return _instead(
        "search_x",
        "Nothing matches",
        rx.el.p("No schedule fits the filter and the search."),
        rx.el.button("Clear filters", type="button", class_name="btn", on_click=ScheduleList.clear),
    )


def _unread() -> rx.Component:
    return rx.el.div(
        _instead("cloud_off", "The list could not be read", rx.el.p(ScheduleList.failure)),
        role="alert",
    )


def _instead(icon: str, heading: rx.Var[str] | str, *content: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.span(rx.icon(icon, size=24, aria_hidden="true"), class_name="emblem"),
        rx.el.h2(heading),
        *content,
        class_name="empty",
    )


def _page_button(label: str, page: rx.Var[str]) -> rx.Component:
    return rx.cond(
        page != "",
        rx.el.button(label, type="button", class_name="btn sm", on_click=ScheduleList.go_to(page)),
    )
