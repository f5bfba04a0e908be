"""What every report stands in, and the tables and bars that show figures."""

from typing import Any

import reflex as rx

from assure_app.billing.reading.report_rows import Bar, Figure, ReportLine, ReportTable
from assure_app.components import fields, figure_table
from assure_app.components.plain import PlainLink
from assure_app.components.shell import shell
from assure_app.states.shell import Shell

_REPORTS = (
    ("A/R aging", "/reports"),
    ("Payments received", "/reports/payments"),
    ("Stripe fees", "/reports/fees"),
)


def report_page(title: str, *content: rx.Component, load: Any) -> rx.Component:
    """A page of the reports, or one sentence for who may not see billing (R137)."""
    return shell(
        rx.el.div(rx.el.h1("Reports"), class_name="page-head"),
        rx.el.nav(
            *(_link(*each, title) for each in _REPORTS), aria_label="Reports", class_name="tabs"
        ),
        rx.cond(
            (Shell.desk.firm != "") & ~Shell.desk.views_billing,
            _no_billing(),
            rx.fragment(rx.el.h2(title, class_name="visually-hidden"), *content),
        ),
        rx.el.button(
            type="button", hidden=True, on_click=load, custom_attrs={"data-revisit": "reports"}
        ),
        current="Reports",
    )


def day_field(
    label: str,
    name: str,
    *,
    value: rx.Var[str],
    problem: rx.Var[str],
    is_loaded: rx.Var[bool],
    on_change: Any,
    **more: Any,
) -> rx.Component:
    """A day that the report is asked for again with when it changes.

    Until the report is there nobody hears of what is typed, and its own day would replace it.
    """
    field_id = f"report-{name}"
    return rx.el.div(
        rx.el.label(label, html_for=field_id),
        rx.el.input(
            id=field_id,
            key=value,
            type="date",
            name=name,
            class_name="in",
            default_value=value,
            disabled=~is_loaded,
            on_change=on_change.debounce(400),
            aria_invalid=rx.cond(problem != "", "true", "false"),
            aria_describedby=f"{field_id}-problem",
            **more,
        ),
        fields.problem_text(field_id, problem),
        class_name="report-day",
    )


def download(href: rx.Var[str]) -> rx.Component:
    """The link to the file that holds every line behind the figures."""
    link: rx.Component = PlainLink.create(
        rx.icon("download", size=16, aria_hidden="true"),
        "Download CSV",
        href=href,
        class_name="btn push",
        custom_attrs={"download": True},
    )
    return link


def figures(shown: rx.Var[Any]) -> rx.Component:
    """The figures that a report comes to."""
    return rx.el.dl(
        rx.foreach(shown, _figure), class_name="tiles report-figures", aria_label="Summary"
    )


def bars(title: rx.Var[str], shown: rx.Var[Any]) -> rx.Component:
    """A column for each month; a screen reader reads the table of the same figures instead."""
    return rx.el.figure(
        rx.el.figcaption(title),
        rx.el.div(rx.foreach(shown, _bar), class_name="bars"),
        class_name="card chart",
        aria_hidden="true",
    )


def number_column(name: rx.Var[str]) -> rx.Component:
    """The head of a column of figures."""
    return figure_table.column(name, is_number=True)


def table(shown: rx.Var[ReportTable]) -> rx.Component:
    """One table of figures with the line of their sum."""
    return rx.el.section(
        rx.el.h3(shown.title),
        rx.el.div(
            figure_table.table(
                figure_table.line(
                    figure_table.column(shown.first),
                    rx.foreach(shown.columns, number_column),
                ),
                rx.foreach(shown.lines, lambda each: _line(each, shown)),
                _line(shown.total, shown),
            ),
            class_name="card scroll",
            tab_index=0,
            role="region",
            aria_label=shown.title,
        ),
        class_name="report-part",
    )


def _link(label: str, href: str, title: str) -> rx.Component:
    return rx.el.a(label, href=href, **({"aria_current": "page"} if label == title else {}))


def _figure(each: rx.Var[Figure]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(each.name, class_name="name"),
        rx.el.dd(rx.el.b(each.amount), rx.el.em(each.note)),
        class_name="tile",
        key=each.name,
    )


def _bar(each: rx.Var[Bar]) -> rx.Component:
    return rx.el.div(
        rx.el.i(rx.el.span(each.amount, class_name="top"), style={"height": each.height}),
        rx.el.span(each.label, class_name="foot"),
        title=each.label + ": " + each.amount,
        key=each.label,
    )


def _line(each: rx.Var[ReportLine], shown: rx.Var[ReportTable]) -> rx.Component:
    def cell(figure: rx.Var[str], index: rx.Var[int]) -> rx.Component:
        label = shown.columns[index]
        return figure_table.cell(label, figure, is_number=True, is_chief=label == shown.main)

    return figure_table.line(
        figure_table.name(each.name), rx.foreach(each.cells, cell), key=each.name
    )


def _no_billing() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Reports are not open to you"),
        rx.el.p("You need “View billing” to see them. Ask an owner or admin of your firm."),
        class_name="card empty",
    )
