"""The reports over a period: figures, a column for each month, and the same in tables."""

import reflex as rx

from assure_app.billing.reading.report_rows import PresetLink
from assure_app.components import reports
from assure_app.states.reports import PeriodReport


def period_report() -> rx.Component:
    """Payments received, or Stripe's fees: the state reads which from the address."""
    page = PeriodReport.page
    problems = PeriodReport.problems
    return rx.el.div(
        rx.el.div(
            reports.day_field(
                "From",
                "first",
                value=page.first,
                problem=problems["first"],
                is_loaded=PeriodReport.is_loaded,
                on_change=PeriodReport.begin_on,
            ),
            reports.day_field(
                "To",
                "last",
                value=page.last,
                problem=problems["last"],
                is_loaded=PeriodReport.is_loaded,
                on_change=PeriodReport.end_on,
            ),
            reports.download(page.file_href),
            class_name="report-bar",
        ),
        rx.el.div(
            rx.foreach(page.presets, _preset),
            class_name="presets",
            role="group",
            aria_label="Period",
        ),
        rx.cond(page.first != "", _loaded(), rx.el.div(class_name="card report-outline")),
        class_name="report",
        aria_busy=rx.cond(page.first != "", "false", "true"),
    )


def _loaded() -> rx.Component:
    page = PeriodReport.page
    return rx.fragment(
        reports.figures(page.figures),
        rx.cond(
            page.is_empty,
            rx.el.div(
                rx.el.h2("No money moved"),
                rx.el.p("Nothing was received, refunded or returned in this period."),
                class_name="card empty",
            ),
            rx.fragment(
                reports.bars(page.chart_title, page.bars), rx.foreach(page.tables, reports.table)
            ),
        ),
    )


def _preset(each: rx.Var[PresetLink]) -> rx.Component:
    return rx.el.button(
        each.name,
        type="button",
        class_name="chip",
        aria_pressed=rx.cond(each.is_chosen, "true", "false"),
        on_click=PeriodReport.show(each.first, each.last),
        key=each.name,
    )
