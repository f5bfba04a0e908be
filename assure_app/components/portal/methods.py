"""The card of what a client saved to pay with (R127, R142)."""

from typing import Any

import reflex as rx

from assure_app.billing.reading.portal_rows import SavedRow
from assure_app.components import fields
from assure_app.components.methods import method_row, removal_effect
from assure_app.states.portal.home import Home
from assure_app.states.portal.methods import ADD, DIALOG, SavedMethods


def saved_methods() -> rx.Component:
    """The card, for who may pay: each method with what can be done to it, or that there is none."""
    return rx.cond(
        Home.home.shows_methods,
        rx.el.section(
            rx.el.h2("Payment methods", id="methods-title", tab_index=-1),
            _news(),
            rx.cond(
                Home.home.methods.length() > 0,
                rx.el.ul(rx.foreach(Home.home.methods, _row), class_name="card methods"),
                _none(),
            ),
            rx.cond(Home.home.can_add, _add()),
            _question(),
            aria_labelledby="methods-title",
        ),
    )


def _row(method: rx.Var[SavedRow]) -> rx.Component:
    acts = rx.fragment(
        rx.cond(
            method.can_be_default,
            _act("Make default", method, SavedMethods.make_default(method.id)),
        ),
        _act("Remove", method, SavedMethods.ask(method.id)),
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


def _news() -> rx.Component:
    """What became of the page that the person comes back from; read aloud as it changes."""
    return rx.el.div(
        rx.cond(Home.news != "", rx.el.p(Home.news, class_name="news")),
        role="status",
        class_name="news-place",
    )


def _add() -> rx.Component:
    button = rx.el.button(
        rx.icon("plus", size=16, aria_hidden="true"),
        rx.el.span("Add a payment method", class_name="idle"),
        rx.el.span("Opening Stripe’s page…", class_name="busy"),
        type="submit",
        class_name="btn add-method",
    )
    form = rx.el.form(button, no_validate=True, on_submit=SavedMethods.add)
    return rx.el.div(form, id=ADD, custom_attrs={"data-form": ""})


def _none() -> rx.Component:
    return rx.el.div(
        rx.el.p(rx.el.b("No saved payment methods")),
        rx.el.p(
            "Tick “Save this card or bank account for next time” when you pay, and it appears"
            " here.",
            class_name="meta",
        ),
        class_name="card no-methods",
    )


def _question() -> rx.Component:
    asked = SavedMethods.asked
    form = rx.el.form(
        fields.dialog_head(DIALOG, "Remove payment method", asked.name),
        rx.el.p(
            rx.el.b(asked.name),
            " will not be offered any more when you pay. Payments that were made with it stay as"
            " they are. You can save it again the next time that you pay.",
        ),
        removal_effect(asked),
        fields.problem_text("remove-method-form", SavedMethods.problem),
        fields.dialog_buttons("Remove", class_name="danger", busy="Removing…", back="Keep it"),
        class_name="dialog-body",
        no_validate=True,
        on_submit=SavedMethods.remove,
    )
    # What was asked stays when the dialog is closed: a browser may tell of the closing only after
    # the next question was asked.
    return fields.modal(DIALOG, rx.cond(asked.id != 0, form))
