"""Why a figure is what it is: the quiet button beside it, and the dialog that answers."""

from typing import Any

import reflex as rx

from assure_app.billing.reading.why import WhyRow
from assure_app.components import fields
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.why_dialog import DIALOG, WhyDialog


def why_button(figure: str, name: rx.Var[str] | str) -> rx.Component:
    """Asks for a figure of the open invoice; `name` is what a screen reader calls the button."""
    return _button(name, on_click=WhyDialog.ask(InvoiceDrawer.invoice.number, figure))


def with_why(tile: rx.Component, name: rx.Var[str]) -> rx.Component:
    """A tile with its question in the corner: beside its button, since none may be within another.

    The question's own name leaves the tile's out, so that only the tile is called by it.
    """
    button = _button("Why this count?", on_click=WhyDialog.ask_tile(name), aria_description=name)
    return rx.el.div(tile, button, class_name="tile-place")


def why_dialog() -> rx.Component:
    """The rule, the rows, and what they come to."""
    return fields.modal(
        DIALOG, rx.cond(WhyDialog.why.title != "", _answer()), on_close=WhyDialog.closed
    )


def _button(name: rx.Var[str] | str, **attributes: Any) -> rx.Component:
    return rx.el.button(
        "Why?", type="button", class_name="why", aria_label=name, title=name, **attributes
    )


def _answer() -> rx.Component:
    why = WhyDialog.why
    return rx.el.div(
        rx.el.div(
            rx.el.h2(why.title, id=f"{DIALOG}-title"),
            rx.el.span(why.subject, class_name="sub"),
            class_name="dialog-head",
        ),
        rx.el.p(why.rule, class_name="callout"),
        rx.el.table(
            rx.el.tbody(rx.foreach(why.rows, _row)),
            rx.el.tfoot(
                rx.el.tr(
                    rx.el.th(why.result_label, scope="row"),
                    rx.el.td(why.result, class_name="num"),
                )
            ),
            class_name="sum",
        ),
        rx.el.div(
            rx.cond(
                why.tile != "",
                rx.el.button(
                    "Show them", type="button", class_name="btn", on_click=WhyDialog.show_tile
                ),
            ),
            rx.el.button(
                "Close",
                type="button",
                class_name="btn",
                custom_attrs={"data-close-dialog": "", "data-first": ""},
            ),
            class_name="buttons",
        ),
        class_name="dialog-body",
    )


def _row(row: rx.Var[WhyRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.cond(row.counts, row.label, rx.el.s(row.label)),
            rx.cond(row.note != "", rx.el.span(row.note, class_name="note")),
            scope="row",
        ),
        rx.el.td(rx.cond(row.counts, row.amount, rx.el.s(row.amount)), class_name="num"),
        class_name=rx.cond(row.counts, "", "out"),
    )
