"""The quiet words, outside the Stripe page, that something there waits for a person (R061)."""

import reflex as rx

from assure_app.states.shell import Shell

_WAITING = Shell.desk.stripe_waiting


def stripe_count() -> rx.Component:
    """How many wait, behind the name of a link that leads to them."""
    return rx.cond(
        _WAITING > 0,
        rx.el.span(
            _WAITING.to_string(),
            rx.el.span(" from Stripe to look at", class_name="visually-hidden"),
            class_name="waiting-count",
        ),
    )


def stripe_notice() -> rx.Component:
    """A line above the invoices for who may do something about it."""
    said = rx.cond(
        _WAITING == 1,
        "Stripe told of something that needs a person.",
        "Stripe told of " + _WAITING.to_string() + " things that need a person.",
    )
    return rx.cond(
        Shell.desk.acts_on_stripe & (_WAITING > 0),
        rx.el.p(
            rx.icon("circle_alert", size=16, aria_hidden="true"),
            rx.el.span(said),
            rx.el.a("Look at it", href="/settings/stripe", class_name="link push"),
            class_name="notice from-stripe",
            role="status",
        ),
    )
