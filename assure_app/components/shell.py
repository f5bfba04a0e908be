"""The frame around every firm page."""

from typing import Any

import reflex as rx
from reflex.style import color_mode, set_color_mode

from assure_app.components.bell import bell
from assure_app.components.fonts import Fonts
from assure_app.components.jobs_notice import jobs_count
from assure_app.components.plain import PlainForm, PlainLink
from assure_app.components.stripe_notice import stripe_count
from assure_app.states.shell import Shell

_ENTRIES = (
    ("Invoices", "/invoices"),
    ("Recurring", "/recurring"),
    ("Reconciliation", "/reconciliation"),
    ("Payouts", "/payouts"),
    ("Reports", "/reports"),
    ("Settings", "/settings"),
)


def shell(*content: rx.Component, current: str) -> rx.Component:
    """The page in its frame: firm, navigation, person, and the mark that no money is real.

    `current` is the label of the navigation entry that the page belongs to.
    """
    return rx.fragment(
        PlainLink.create("Skip to content", href="#content", class_name="btn skip"),
        rx.el.div(
            _side(current),
            rx.el.main(*content, class_name="main", id="content", tab_index=-1),
            class_name="app",
        ),
        Fonts.create(),
    )


def _side(current: str) -> rx.Component:
    return rx.el.header(
        rx.el.div(
            rx.el.i(Shell.desk.initial, aria_hidden="true"),
            rx.el.span(Shell.desk.firm),
            class_name="firm",
        ),
        rx.el.div(bell(), class_name="bell-place"),
        rx.el.nav(
            *(_entry(label, href, current) for label, href in _ENTRIES),
            aria_label="Main",
        ),
        rx.el.div(
            rx.cond(
                Shell.is_sandbox,
                rx.el.p(
                    "TEST MODE",
                    rx.el.span(
                        " — no real money moves.",
                        class_name="more",
                    ),
                    rx.cond(
                        Shell.mailbox_url != "",
                        rx.el.a("Mailbox", href=Shell.mailbox_url, target="_blank", rel="noopener"),
                    ),
                    class_name="test",
                ),
            ),
            rx.el.p(Shell.desk.person, class_name="person"),
            rx.el.div(theme_choice(), _sign_out(), class_name="row"),
            class_name="foot",
        ),
        class_name="side",
    )


def _entry(label: str, href: str, current: str) -> rx.Component:
    marked = {"aria_current": "page"} if label == current else {}
    counts = (stripe_count(), jobs_count()) if label == "Settings" else ()
    return rx.el.a(label, *counts, href=href, **marked)


def theme_choice() -> rx.Component:
    """Light, dark, or as the system has it."""
    themes = (("light", "sun"), ("dark", "moon"), ("system", "monitor"))
    return rx.el.div(
        *(_theme_button(theme, icon) for theme, icon in themes),
        class_name="themes",
        role="group",
        aria_label="Theme",
    )


def _theme_button(theme: Any, icon: str) -> rx.Component:
    return rx.el.button(
        rx.icon(icon, size=14, aria_hidden="true"),
        type="button",
        aria_label=theme.capitalize(),
        title=theme.capitalize(),
        aria_pressed=rx.cond(color_mode == theme, "true", "false"),
        on_click=set_color_mode(theme),
    )


def _sign_out() -> rx.Component:
    form: rx.Component = PlainForm.create(
        rx.el.button("Sign out", type="submit", class_name="btn lite sm"),
        method="post",
        action="/auth/sign-out",
    )
    return form
