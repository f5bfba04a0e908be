"""The engagements with their auto-pay, each to be switched (R116, R128)."""

import reflex as rx

from assure_app.billing.reading.engagement_list import EngagementRow
from assure_app.components.schedule_badges import autopay_chip
from assure_app.states.engagement_list import EngagementList
from assure_app.states.schedule_change import ScheduleChange
from assure_app.states.shell import Shell

_SEARCH_PAUSE_MILLISECONDS = 150


def engagement_list() -> rx.Component:
    """Search, the table, and what stands there without rows."""
    page = EngagementList.page
    return rx.fragment(
        rx.el.p(
            "Where auto-pay is on, what is left to pay of each invoice is charged on its due date "
            "to the client’s default payment method. It makes no difference whether a schedule "
            "made the invoice or you did.",
            class_name="quiet",
        ),
        rx.el.div(
            _search(),
            rx.el.span(page.count, class_name="count", role="status"),
            class_name="toolbar",
        ),
        rx.el.div(
            rx.cond(
                EngagementList.failure != "",
                rx.el.p(EngagementList.failure, role="alert", class_name="notice bad"),
                rx.cond(EngagementList.is_loaded & (page.rows.length() == 0), _none(), _table()),
            ),
            class_name="card",
        ),
        rx.el.nav(
            _page_button("Previous page", page.previous_page),
            _page_button("Next page", page.next_page),
            class_name="pager",
            aria_label="Pages",
        ),
    )


def _search() -> rx.Component:
    return rx.el.div(
        rx.icon("search", size=16, aria_hidden="true"),
        rx.el.input(
            id="search",
            type="search",
            aria_label="Search",
            placeholder="Search client or engagement",
            on_change=lambda text: EngagementList.search_for(text).debounce(
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
        rx.el.caption("Engagements", class_name="visually-hidden"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th("Engagement", scope="col"),
                rx.el.th("Auto-pay", scope="col"),
                rx.el.th(rx.el.span("Change", class_name="visually-hidden"), scope="col"),
            )
        ),
        rx.el.tbody(rx.foreach(EngagementList.page.rows, _row)),
        class_name="people engagements",
        aria_busy=rx.cond(EngagementList.is_loaded, "false", "true"),
    )


def _row(row: rx.Var[EngagementRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(row.name), rx.el.span(row.client, class_name="dim"), class_name="who"),
        rx.el.td(
            autopay_chip(row.autopay, row.method),
            rx.cond(row.autopay != "On", rx.el.span(row.sentence, class_name="sub")),
        ),
        rx.el.td(
            rx.cond(
                Shell.desk.edits_billing,
                rx.el.button(
                    rx.cond(row.is_on, "Turn off", "Turn on"),
                    rx.el.span(" auto-pay for " + row.name.to(str), class_name="visually-hidden"),
                    type="button",
                    class_name="btn sm",
                    on_click=ScheduleChange.ask_autopay(row.id),
                ),
            ),
            class_name="acts",
        ),
        key=row.id.to(str),
    )


def _none() -> rx.Component:
    return rx.el.div(
        rx.el.span(rx.icon("zap", size=24, aria_hidden="true"), class_name="emblem"),
        rx.el.h2(rx.cond(EngagementList.page.total == 0, "No engagements yet", "Nothing matches")),
        rx.el.p(
            rx.cond(
                EngagementList.page.total == 0,
                "Auto-pay belongs to an engagement, and no client has one.",
                "No engagement fits the search.",
            )
        ),
        class_name="empty",
    )


def _page_button(label: str, page: rx.Var[str]) -> rx.Component:
    return rx.cond(
        page != "",
        rx.el.button(
            label, type="button", class_name="btn sm", on_click=EngagementList.go_to(page)
        ),
    )
