"""What one is told: a line for each kind, a box for each way."""

import reflex as rx

from assure_app.billing.notification_settings import ChoiceRow
from assure_app.components import fields
from assure_app.components.settings.frame import page_form, save_button
from assure_app.states.settings.notifications import (
    BY_EMAIL,
    FORM,
    IN_APP,
    NotificationSettings,
)
from assure_app.states.shell import Shell


def notifications_form() -> rx.Component:
    """The boxes, or a word for who hears of nothing."""
    return rx.cond(
        (Shell.desk.firm != "") & ~Shell.desk.views_billing,
        _no_billing(),
        page_form(
            FORM,
            rx.el.div(_table(), class_name="card"),
            fields.problem_text(FORM, NotificationSettings.problems["form"]),
            save_button(),
            key=NotificationSettings.form_key,
            on_submit=NotificationSettings.submit,
        ),
    )


def _table() -> rx.Component:
    return rx.el.table(
        rx.el.caption("What you are told, and how", class_name="visually-hidden"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th("What happened", scope="col"),
                rx.el.th("In the app", scope="col", class_name="way"),
                rx.el.th("By email", scope="col", class_name="way"),
            )
        ),
        rx.el.tbody(rx.foreach(NotificationSettings.rows, _row)),
        class_name="ways",
    )


def _row(row: rx.Var[ChoiceRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.span(row.label),
            rx.el.p(row.help_text, class_name="help", id="help-" + row.kind),
            scope="row",
        ),
        _way(row, IN_APP, " in the app", checked=row.in_app),
        rx.cond(
            row.is_mailable,
            _way(row, BY_EMAIL, " by email", checked=row.by_email),
            rx.el.td(
                rx.el.span("—", aria_hidden="true"),
                rx.el.span("Never by email", class_name="visually-hidden"),
                class_name="way",
            ),
        ),
        key=row.kind,
    )


def _way(row: rx.Var[ChoiceRow], prefix: str, said: str, *, checked: rx.Var[bool]) -> rx.Component:
    return rx.el.td(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                name=prefix + row.kind,
                default_checked=checked,
                aria_label=row.label + said,
                aria_describedby="help-" + row.kind,
            )
        ),
        class_name="way",
    )


def _no_billing() -> rx.Component:
    return rx.el.div(
        rx.el.h3("Billing is not open to you"),
        rx.el.p("What is told here is about money. Ask an owner or admin of your firm."),
        class_name="card empty",
    )
