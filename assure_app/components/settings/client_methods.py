"""The dialog of what a client saved to pay with: the list, the client's leave, the removal."""

from typing import Any

import reflex as rx

from assure_app.billing.client_methods import CONSENT
from assure_app.billing.reading.contact_rows import ContactRow
from assure_app.billing.reading.portal_rows import SavedRow
from assure_app.components import fields
from assure_app.components.methods import method_row, removal_effect
from assure_app.states.settings.client_methods import ADD, DIALOG, REMOVE, ClientMethodsDialog

_FORM = "client-methods-form"


def methods_button(row: rx.Var[ContactRow]) -> rx.Component:
    """What auto-pay would charge, and the way to all of it."""
    return rx.el.button(
        rx.el.span("Payment methods of ", row.client, ": ", class_name="visually-hidden"),
        row.method,
        type="button",
        class_name="link",
        on_click=ClientMethodsDialog.open(row.client_id),
    )


def client_methods_dialog() -> rx.Component:
    """The dialog; it is filled when it is opened."""
    step, is_open = ClientMethodsDialog.step, ClientMethodsDialog.shown.client_id != 0
    content = rx.match(step, (ADD, _adding()), (REMOVE, _removing()), _listing())
    return fields.modal(DIALOG, rx.cond(is_open, content), on_close=ClientMethodsDialog.closed)


def _listing() -> rx.Component:
    shown = ClientMethodsDialog.shown
    return rx.el.div(
        fields.dialog_head(DIALOG, "Payment methods", shown.client),
        rx.el.div(
            rx.cond(
                ClientMethodsDialog.news != "",
                rx.el.p(ClientMethodsDialog.news, class_name="news"),
            ),
            role="status",
            class_name="news-place",
        ),
        rx.cond(shown.autopay != "", rx.el.p(shown.autopay, class_name="quiet")),
        rx.cond(
            shown.rows.length() > 0,
            rx.el.ul(rx.foreach(shown.rows, _row), class_name="card methods"),
            rx.el.div(
                rx.el.p(rx.el.b("No saved payment methods")),
                rx.el.p("Nothing can be charged until one is added.", class_name="meta"),
                class_name="card no-methods",
            ),
        ),
        rx.el.div(
            rx.el.button(
                "Close", type="button", class_name="btn", custom_attrs={"data-close-dialog": ""}
            ),
            rx.cond(
                shown.can_add,
                rx.el.button(
                    "Add a payment method",
                    type="button",
                    class_name="btn pri",
                    on_click=ClientMethodsDialog.begin,
                ),
            ),
            class_name="buttons",
        ),
        class_name="dialog-body",
    )


def _row(method: rx.Var[SavedRow]) -> rx.Component:
    acts = rx.cond(
        ClientMethodsDialog.shown.may_change,
        rx.fragment(
            rx.cond(
                method.can_be_default,
                _act("Set as default", method, ClientMethodsDialog.make_default(method.id)),
            ),
            _act("Remove", method, ClientMethodsDialog.ask(method.id)),
        ),
    )
    return method_row(method, acts)


def _act(label: str, method: rx.Var[SavedRow], act: Any) -> rx.Component:
    return rx.el.button(
        label,
        rx.el.span(" " + method.name, class_name="visually-hidden"),
        type="button",
        on_click=act,
        class_name="btn sm",
    )


def _adding() -> rx.Component:
    problem = ClientMethodsDialog.problems["consent"]
    tick = rx.el.div(
        rx.el.input(
            id="tick-consent",
            type="checkbox",
            name="consent",
            aria_invalid=rx.cond(problem != "", "true", "false"),
            aria_describedby="tick-consent-problem",
        ),
        rx.el.div(rx.el.label(CONSENT, html_for="tick-consent")),
        class_name="tickbox",
    )
    return rx.el.form(
        fields.dialog_head(DIALOG, "Add a payment method", ClientMethodsDialog.shown.client),
        rx.el.p(
            "The next page is Stripe’s: type the card or bank account there. Nothing is charged by"
            " saving it. Whether past invoices are paid with it, the client is asked in the portal."
        ),
        tick,
        fields.problem_text("tick-consent", problem),
        rx.el.p("Your name and the moment are kept with this.", class_name="help"),
        fields.problem_text(_FORM, ClientMethodsDialog.problems["form"]),
        _buttons("Go to Stripe", "Opening Stripe…", "pri", "Back"),
        key="add",
        class_name="dialog-body",
        no_validate=True,
        on_submit=ClientMethodsDialog.add(fields.typed_in(DIALOG)),
    )


def _removing() -> rx.Component:
    asked = ClientMethodsDialog.asked
    return rx.el.form(
        fields.dialog_head(DIALOG, "Remove payment method", ClientMethodsDialog.shown.client),
        rx.el.p(
            rx.el.b(asked.name),
            " is removed at Stripe too, and cannot be charged any more. Payments made with"
            " it stay as they are.",
        ),
        removal_effect(asked),
        fields.problem_text(_FORM, ClientMethodsDialog.problems["form"]),
        _buttons("Remove", "Removing…", "danger", "Keep it"),
        key="remove",
        class_name="dialog-body",
        no_validate=True,
        on_submit=ClientMethodsDialog.remove,
    )


def _buttons(act: str, busy: str, class_name: str, back: str) -> rx.Component:
    """The way back leads to the list, not out of the dialog."""
    return rx.el.div(
        rx.el.button(back, type="button", class_name="btn", on_click=ClientMethodsDialog.back),
        rx.el.button(
            rx.el.span(act, class_name="idle"),
            rx.el.span(busy, class_name="busy"),
            type="submit",
            class_name=f"btn {class_name}",
        ),
        class_name="buttons",
    )
