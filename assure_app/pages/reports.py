"""The reports: `/reports` is aging, `/reports/payments` and `/reports/fees` are about a period."""

import reflex as rx

from assure_app.components.aging import aging_report
from assure_app.components.period_report import period_report
from assure_app.components.reports import report_page
from assure_app.states.reports import AgingReport, PeriodReport
from assure_app.states.shell import Shell


def add_to(app: rx.App) -> None:
    """Give the application its reports."""
    pages = (
        (aging, "/reports", "A/R aging", AgingReport),
        (payments, "/reports/payments", "Payments received", PeriodReport),
        (fees, "/reports/fees", "Stripe fees", PeriodReport),
    )
    for page, route, title, state in pages:
        on_load = [Shell.load_frame, state.load]
        app.add_page(page, route=route, title=f"{title} · Assure Pro", on_load=on_load)


def aging() -> rx.Component:
    """Who owes how much for how long."""
    return report_page("A/R aging", aging_report(), load=AgingReport.load)


def payments() -> rx.Component:
    """What came in."""
    return report_page("Payments received", period_report(), load=PeriodReport.load)


def fees() -> rx.Component:
    """What Stripe kept."""
    return report_page("Stripe fees", period_report(), load=PeriodReport.load)
