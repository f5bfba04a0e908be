"""The aging report: its buckets as one bar and as tiles, the clients, and the invoices behind."""

import reflex as rx

from assure_app.billing.reading.report_rows import BucketTile, ClientAges, DebtRow
from assure_app.components import figure_table, reports
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
                is_loaded=AgingReport.is_loaded,
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
            figure_table.table(
                figure_table.line(
                    figure_table.column("Client"),
                    rx.foreach(page.columns, reports.number_column),
                    figure_table.column("Total", is_number=True),
                ),
                rx.foreach(page.clients, _client),
                figure_table.line(figure_table.name("Total"), rx.foreach(page.sums, _sum)),
            ),
            class_name="card scroll",
        ),
        rx.cond(page.others != "", rx.el.p(page.others, class_name="quiet")),
        class_name="report-part",
        aria_label="By client",
    )


def _client(each: rx.Var[ClientAges]) -> rx.Component:
    return figure_table.line(
        figure_table.name(
            rx.el.button(
                each.client,
                type="button",
                class_name="link",
                aria_pressed=rx.cond(each.is_chosen, "true", "false"),
                on_click=AgingReport.choose_client(each.client_id),
            ),
        ),
        rx.foreach(each.amounts, _amount),
        _total(each.total),
        key=each.client_id.to_string(),
    )


def _amount(amount: rx.Var[str], index: rx.Var[int]) -> rx.Component:
    return figure_table.cell(AgingReport.page.columns[index], amount, is_number=True)


def _sum(amount: rx.Var[str], index: rx.Var[int]) -> rx.Component:
    columns = AgingReport.page.columns
    is_total = index == columns.length()
    label = rx.cond(is_total, "Total", columns[index])
    return figure_table.cell(label, amount, is_number=True, is_chief=is_total)


def _total(amount: rx.Var[str]) -> rx.Component:
    return figure_table.cell("Total", amount, is_number=True, is_chief=True)


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
            figure_table.table(
                figure_table.line(
                    *(figure_table.column(name) for name in ("Invoice", "Client", "Due")),
                    figure_table.column("Balance", is_number=True),
                ),
                rx.fragment(
                    rx.foreach(page.behind, _invoice),
                    rx.cond(page.behind.length() == 0, _none()),
                ),
                figure_table.line(
                    figure_table.name("Total", col_span=3), _balance(page.behind_total)
                ),
                class_name="texts",
            ),
            class_name="card scroll",
        ),
        rx.cond(page.more != "", rx.el.p(page.more, class_name="quiet")),
        class_name="report-part",
        aria_label="Invoices",
    )


def _invoice(each: rx.Var[DebtRow]) -> rx.Component:
    return figure_table.line(
        figure_table.name(rx.el.a(each.number, href=each.href)),
        figure_table.cell("Client", each.client),
        figure_table.cell(
            "Due",
            rx.el.span(
                each.due, rx.cond(each.late != "", rx.el.span(" · ", each.late, class_name="late"))
            ),
        ),
        _balance(each.balance),
        key=each.number,
    )


def _balance(amount: rx.Var[str]) -> rx.Component:
    return figure_table.cell("Balance", amount, is_number=True, is_chief=True)


def _none() -> rx.Component:
    none = rx.el.td("No invoice is behind this.", role="cell", col_span=4, class_name="quiet")
    return figure_table.line(none)


def _nothing() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Nobody owed anything"),
        rx.el.p("No invoice asked for money at the end of this day."),
        class_name="card empty",
    )
