"""The quiet word, outside the page of background work, that something there waits for a person."""

import reflex as rx

from assure_app.states.shell import Shell


def jobs_count() -> rx.Component:
    """How many jobs wait, behind the name of a link that leads to them."""
    waiting = Shell.desk.jobs_waiting
    return rx.cond(
        waiting > 0,
        rx.el.span(
            waiting.to_string(),
            rx.el.span(" given up, to look at", class_name="visually-hidden"),
            class_name="waiting-count",
        ),
    )
