"""The aging report: its buckets as one bar and as tiles, the clients, and the invoices behind."""

import reflex as rx

from assure_app.billing.reading.report_rows import BucketTile, ClientAges, DebtRow
from assure_app.components import reports
from assure_app.states.reports import AgingReport


def aging_report() -> rx.Component:
    """The whole report of one day."""
    page = AgingReport.page
    return rx.el.div(
        rx.el.div(
            reports.day_field(
                "As of the end of",
                "day",
                value=page.day,
                problem=AgingReport.problems["day"],
                on_change=AgingReport.show_day,
                max=page.latest,
            ),
            reports.download(page.file_href),
            class_name="report-bar",
        ),
        rx.cond(AgingReport.is_loaded, _loaded(), rx.el.div(class_name="card report-outline")),
        class_name="report",
        aria_busy=rx.cond(AgingReport.is_loaded, "false", "true"),
    )


def _loaded() -> rx.Component:
    page = AgingReport.page
    return rx.fragment(
        rx.el.div(
            rx.el.p(page.day_text, class_name="quiet"),
            rx.el.p(page.total, class_name="report-total"),
            rx.el.p(page.total_note, class_name="quiet"),
            class_name="report-head",
            role="status",
        ),
        rx.el.div(rx.foreach(page.buckets, _part), class_name="age-bar", aria_hidden="true"),
        rx.el.div(rx.foreach(page.buckets, _tile), class_name="tiles ages"),
        rx.cond(page.clients.length() > 0, rx.fragment(_clients(), _behind()), _nothing()),
    )


def _part(each: rx.Var[BucketTile]) -> rx.Component:
    return rx.el.i(
        class_name="age age-" + each.slug,
        style={"width": each.share},
        title=each.name + ": " + each.amount,
        key=each.slug,
    )


def _tile(each: rx.Var[BucketTile]) -> rx.Component:
    return rx.el.button(
        rx.el.span(
            rx.el.i(class_name="dot age-" + each.slug, aria_hidden="true"),
            each.name,
            class_name="name",
        ),
        rx.el.b(each.amount),
        rx.el.em(each.note, " · ", each.share),
        type="button",
        class_name="tile",
        aria_pressed=rx.cond(each.is_chosen, "true", "false"),
        on_click=AgingReport.choose_bucket(each.slug),
        key=each.slug,
    )


def _clients() -> rx.Component:
    page = AgingReport.page
    return rx.el.section(
        rx.el.h3("By client"),
        rx.el.div(
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th("Client", scope="col"),
                        rx.foreach(page.columns, _column),
                        rx.el.th("Total", scope="col", class_name="num"),
                    )
                ),
                rx.el.tbody(rx.foreach(page.clients, _client)),
                rx.el.tfoot(
                    rx.el.tr(
                        rx.el.th("Total", scope="row"),
                        rx.foreach(page.sums, lambda sum_: rx.el.td(sum_, class_name="num")),
                    )
                ),
                class_name="report-table",
            ),
            class_name="card scroll",
        ),
        rx.cond(page.others != "", rx.el.p(page.others, class_name="quiet")),
        class_name="report-part",
        aria_label="By client",
    )


def _client(each: rx.Var[ClientAges]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.button(
                each.client,
                type="button",
                class_name="link",
                aria_pressed=rx.cond(each.is_chosen, "true", "false"),
                on_click=AgingReport.choose_client(each.client_id),
            ),
            scope="row",
        ),
        rx.foreach(each.amounts, lambda amount: rx.el.td(amount, class_name="num")),
        rx.el.td(each.total, class_name="num strong"),
        key=each.client_id.to_string(),
    )


def _behind() -> rx.Component:
    page = AgingReport.page
    return rx.el.section(
        rx.el.div(
            rx.el.h3("Invoices"),
            rx.cond(
                page.chosen != "",
                rx.el.button(
                    rx.el.span(page.chosen),
                    rx.icon("x", size=14, aria_hidden="true"),
                    rx.el.span(", show all", class_name="visually-hidden"),
                    type="button",
                    class_name="chip",
                    on_click=AgingReport.choose_all,
                ),
            ),
            class_name="row with-chip",
        ),
        rx.el.div(
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th("Invoice", scope="col"),
                        rx.el.th("Client", scope="col"),
                        rx.el.th("Due", scope="col"),
                        rx.el.th("Balance", scope="col", class_name="num"),
                    )
                ),
                rx.el.tbody(
                    rx.foreach(page.behind, _invoice),
                    rx.cond(page.behind.length() == 0, _none()),
                ),
                rx.el.tfoot(
                    rx.el.tr(
                        rx.el.th("Total", scope="row", col_span=3),
                        rx.el.td(page.behind_total, class_name="num"),
                    )
                ),
                class_name="report-table texts",
            ),
            class_name="card scroll",
        ),
        rx.cond(page.more != "", rx.el.p(page.more, class_name="quiet")),
        class_name="report-part",
        aria_label="Invoices",
    )


def _invoice(each: rx.Var[DebtRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(rx.el.a(each.number, href=each.href), scope="row"),
        rx.el.td(each.client),
        rx.el.td(
            each.due, rx.cond(each.late != "", rx.el.span(" · ", each.late, class_name="late"))
        ),
        rx.el.td(each.balance, class_name="num"),
        key=each.number,
    )


def _none() -> rx.Component:
    return rx.el.tr(rx.el.td("No invoice is behind this.", col_span=4, class_name="quiet"))


def _column(name: rx.Var[str]) -> rx.Component:
    return rx.el.th(name, scope="col", class_name="num", key=name)


def _nothing() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Nobody owed anything"),
        rx.el.p("No invoice asked for money at the end of this day."),
        class_name="card empty",
    )
