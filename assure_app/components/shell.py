"""The frame around every firm page."""

import reflex as rx

from assure_app.components.fonts import Fonts
from assure_app.states.shell import Shell


def shell(*content: rx.Component) -> rx.Component:
    """The page in its frame: firm, navigation, person, and the mark that no money is real."""
    return rx.fragment(
        rx.el.a("Skip to content", href="#content", class_name="btn skip"),
        rx.el.div(
            _side(),
            rx.el.main(*content, class_name="main", id="content", tab_index=-1),
            class_name="app",
        ),
        rx.el.script(src="/assure.js"),
        Fonts.create(),
    )


def _side() -> rx.Component:
    return rx.el.header(
        rx.el.div(
            rx.el.i(Shell.desk.initial, aria_hidden="true"),
            rx.el.span(Shell.desk.firm),
            class_name="firm",
        ),
        rx.el.nav(
            rx.el.a("Invoices", href="/invoices", aria_current="page"),
            aria_label="Main",
        ),
        rx.el.div(
            rx.cond(
                Shell.is_sandbox,
                rx.el.p("TEST MODE — no real money moves.", class_name="test"),
            ),
            rx.el.p(Shell.desk.person, class_name="person"),
            rx.el.div(_theme_button(), _sign_out(), class_name="row"),
            class_name="foot",
        ),
        class_name="side",
    )


def _theme_button() -> rx.Component:
    return rx.el.button(
        rx.color_mode_cond(
            rx.icon("moon", size=16, aria_hidden="true"),
            rx.icon("sun", size=16, aria_hidden="true"),
        ),
        type="button",
        class_name="btn lite icon",
        aria_label=rx.color_mode_cond("Use the dark theme", "Use the light theme"),
        on_click=rx.toggle_color_mode,
    )


def _sign_out() -> rx.Component:
    return rx.el.form(
        rx.el.button("Sign out", type="submit", class_name="btn lite sm"),
        method="post",
        action="/auth/sign-out",
    )
