"""A saved card or bank account as a row, in the portal and at the firm's desk (R127)."""

from typing import Any

import reflex as rx

from assure_app.billing.reading.portal_rows import SavedRow
from assure_app.states.portal.methods import AskedRemoval

_WORDS = {"Expires soon": "clock", "Expired": "circle_alert", "Disabled": "ban"}


def method_row(method: rx.Var[SavedRow], acts: rx.Component) -> rx.Component:
    """What it is called, what there is to say of it, and what can be done to it."""
    return rx.el.li(
        rx.el.span(
            rx.cond(
                method.kind == "card",
                rx.icon("credit_card", size=18, aria_hidden="true"),
                rx.icon("landmark", size=18, aria_hidden="true"),
            ),
            class_name="emblem",
        ),
        rx.el.div(
            rx.el.p(
                rx.el.b(method.name, class_name="num"),
                rx.cond(method.is_default, rx.el.span("Default", class_name="badge Default")),
                _word(method),
                class_name="row wrap",
            ),
            rx.el.p(method.detail, class_name="meta"),
            rx.cond(method.why != "", rx.el.p(method.why, class_name="meta")),
            class_name="what",
        ),
        rx.el.div(acts, class_name="row acts"),
        key=method.id.to(str),
    )


def removal_effect(asked: rx.Var[AskedRemoval] | Any) -> rx.Component:
    """What depends on the method that is about to be removed, and what takes its place (R128)."""
    return rx.fragment(
        rx.cond(asked.warning != "", rx.el.p(asked.warning, class_name="warning")),
        rx.cond(asked.note != "", rx.el.p(asked.note)),
    )


def _word(method: rx.Var[SavedRow]) -> rx.Component:
    """A shape and a word: nothing is told by colour alone (R145)."""
    shapes = [(word, rx.icon(icon, size=12, aria_hidden="true")) for word, icon in _WORDS.items()]
    return rx.cond(
        method.state != "",
        rx.el.span(
            rx.match(method.state, *shapes, rx.fragment()),
            method.state,
            class_name=rx.cond(method.state == "Expires soon", "badge Soon", "badge Failed"),
        ),
    )
