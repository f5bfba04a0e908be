"""Paying: all of the balance or a part of it, with the exact charge on the button (R047, R142)."""

from typing import Any

import reflex as rx

from assure_app.components import fields
from assure_app.states.portal.invoice import FORM, PART, InvoicePage

_PAUSE_MILLISECONDS = 120
_invoice = InvoicePage.invoice
_charge = InvoicePage.charge


def pay_part() -> rx.Component:
    """The form of who may pay; why not, where there is something to say; else nothing."""
    return rx.fragment(
        rx.cond(_invoice.can_pay, _form()),
        rx.cond(_invoice.pay_block != "", rx.el.p(_invoice.pay_block, class_name="pay-block")),
    )


def news() -> rx.Component:
    """What became of the payment that the person comes back from; read aloud as it changes."""
    return rx.el.div(
        rx.cond(
            InvoicePage.news != "",
            rx.el.p(
                rx.match(
                    InvoicePage.outcome,
                    ("paid", rx.icon("circle_check", size=16, aria_hidden="true")),
                    ("failed", rx.icon("circle_alert", size=16, aria_hidden="true")),
                    ("closed", rx.icon("circle_x", size=16, aria_hidden="true")),
                    rx.icon("hourglass", size=16, aria_hidden="true"),
                ),
                InvoicePage.news,
                class_name="news " + InvoicePage.outcome,
            ),
        ),
        role="status",
        class_name="news-place",
    )


def _form() -> rx.Component:
    problem = rx.cond(InvoicePage.pay_problem != "", InvoicePage.pay_problem, _charge.problem)
    return rx.el.div(
        rx.el.form(
            rx.el.fieldset(
                rx.el.legend("How much", class_name="visually-hidden"),
                rx.el.div(
                    _choice("full", "Full balance"),
                    _choice(PART, "Part of it"),
                    class_name="segments two",
                ),
                class_name="field",
            ),
            rx.cond(InvoicePage.choice == PART, _amount(problem)),
            rx.cond(
                InvoicePage.choice != PART,
                fields.problem_text("pay-form", problem),
            ),
            # What the button says goes along: no other amount is ever charged.
            rx.el.input(type="hidden", name="shown", value=_charge.amount),
            _saving(),
            _button(),
            rx.el.p("Card or bank, on Stripe’s secure page. No fee for you.", class_name="help"),
            rx.cond(
                _invoice.saved != "",
                rx.el.p("There you can choose " + _invoice.saved + ".", class_name="help"),
            ),
            no_validate=True,
            class_name="pay-form",
            on_submit=InvoicePage.pay(fields.typed_in(FORM)),
        ),
        id=FORM,
        custom_attrs={"data-form": ""},
    )


def _choice(value: str, label: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="choice",
            value=value,
            default_checked=value == "full",
            on_change=_typed(),
        ),
        label,
    )


def _amount(problem: rx.Var[str]) -> rx.Component:
    return fields.field(
        "Amount",
        fields.text_input(
            "amount",
            field_id="pay-amount",
            problem=problem,
            input_mode="decimal",
            default_value=_invoice.first,
            class_name="num",
            on_change=_typed(),
        ),
        field_id="pay-amount",
        problem=problem,
        help_text=rx.cond(
            _charge.rest != "", _charge.rest + " stays open.", "This pays all that is open."
        ),
    )


def _saving() -> rx.Component:
    """Without this tick nothing is saved."""
    return rx.el.div(
        rx.el.input(type="checkbox", id="save-method", name="save", value="yes"),
        rx.el.label("Save this card or bank account for next time", html_for="save-method"),
        class_name="tickbox",
    )


def _button() -> rx.Component:
    return rx.el.button(
        rx.el.span(
            rx.cond(_charge.amount != "", "Pay " + _charge.amount, "Pay"), class_name="idle"
        ),
        rx.el.span("Opening Stripe’s page…", class_name="busy"),
        type="submit",
        class_name="btn pri wide tall",
    )


def _typed() -> Any:
    return InvoicePage.typed(fields.typed_in(FORM)).debounce(_PAUSE_MILLISECONDS)
