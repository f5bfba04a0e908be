"""`/reconciliation`: books and Stripe to the cent; `/payouts`: what went to the bank."""

import reflex as rx

from assure_app.components import payouts as payouts_parts
from assure_app.components import reconciliation as parts
from assure_app.components.shell import shell
from assure_app.states.payouts import Payouts
from assure_app.states.reconciliation import Reconciliation
from assure_app.states.shell import Shell


def add_to(app: rx.App) -> None:
    """Give the application both pages."""
    for page, route, title, state in (
        (reconciliation, "/reconciliation", "Reconciliation", Reconciliation),
        (payouts, "/payouts", "Payouts", Payouts),
    ):
        on_load = [Shell.load_frame, state.load]
        app.add_page(page, route=route, title=f"{title} · Assure Pro", on_load=on_load)


def reconciliation() -> rx.Component:
    """Whether everything agrees, and what mends what does not."""
    return _page(
        "Reconciliation",
        parts.check_button(),
        parts.reconciliation_page(),
        parts.aside_dialog(),
        why_not=Reconciliation.view.why_not,
        load=Reconciliation.load,
    )


def payouts() -> rx.Component:
    """What arrived in the bank, from which payments, less which fees."""
    return _page(
        "Payouts",
        payouts_parts.csv_link(),
        payouts_parts.payouts_page(),
        why_not=Payouts.view.why_not,
        load=Payouts.load,
    )


def _page(
    title: str, button: rx.Component, *content: rx.Component, why_not: rx.Var[str], load: object
) -> rx.Component:
    """One of both pages, or one sentence for who may not see it (R136, R137)."""
    return shell(
        rx.el.div(rx.el.h1(title), button, class_name="page-head"),
        rx.cond(
            (Shell.desk.firm != "") & ~Shell.desk.views_billing,
            _closed(title, "You need “View billing” to see this. Ask an owner or admin."),
            rx.cond(why_not != "", _closed(title, why_not), rx.fragment(*content)),
        ),
        rx.el.button(
            type="button",
            hidden=True,
            on_click=load,
            custom_attrs={"data-revisit": title.lower()},
        ),
        current=title,
    )


def _closed(title: str, why: rx.Var[str] | str) -> rx.Component:
    return rx.el.div(rx.el.h2(f"{title} is not open to you"), rx.el.p(why), class_name="card empty")
