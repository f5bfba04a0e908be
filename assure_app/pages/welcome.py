"""The welcome page, where the link of an invitation leads. Its form is sent by assets/sign_in.js,
since only a plain request can set the cookie that scripts cannot read."""

from typing import Any

import reflex as rx

from assure_app.auth.guard import SIGN_IN_PATH
from assure_app.components.fonts import Fonts
from assure_app.components.plain import PlainLink
from assure_app.states.welcome import WelcomeState

TITLE = "Welcome · Assure Pro"


def add_to(app: rx.App) -> None:
    """Give the application its welcome page."""
    app.add_page(welcome, route="/welcome", title=TITLE, on_load=WelcomeState.load)


def welcome() -> rx.Component:
    """Who is welcomed where, and two fields for a password; or why the link does not work."""
    return rx.el.main(
        rx.el.script(src="/sign_in.js", custom_attrs={"async": True}),
        Fonts.create(),
        rx.el.div(
            rx.el.div(
                rx.el.i("A", aria_hidden="true"), rx.el.span("Assure Pro"), class_name="firm"
            ),
            rx.cond(
                WelcomeState.problem != "",
                _refused(),
                rx.cond(WelcomeState.name != "", _form()),
            ),
            class_name="narrow",
        ),
        class_name="alone",
    )


def _refused() -> rx.Component:
    return rx.el.section(
        rx.el.h1("This link does not work"),
        rx.el.p(WelcomeState.problem, role="alert"),
        PlainLink.create("Sign in", href=SIGN_IN_PATH, class_name="btn pri wide"),
        class_name="card dialog-body",
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.h1("Welcome, ", WelcomeState.name),
        rx.el.p("Choose a password to begin at ", rx.el.b(WelcomeState.firm), "."),
        # A password manager keeps the password under the name that comes with it.
        rx.el.input(
            type="text",
            value=WelcomeState.email,
            read_only=True,
            hidden=True,
            auto_complete="username",
        ),
        _password("password", "Password", auto_focus=True, help_text="At least 12 characters."),
        _password("repeated", "Once more"),
        _problem(""),
        rx.el.button("Start", type="submit", class_name="btn pri wide"),
        id="welcome",
        method="post",
        action="/auth/welcome",
        no_validate=True,
        class_name="card dialog-body",
        custom_attrs={"data-opens-session": ""},
    )


def _password(name: str, label: str, *, help_text: str = "", **more: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.input(
            id=name,
            name=name,
            type="password",
            auto_complete="new-password",
            class_name="in",
            aria_describedby=f"{name}-help {name}-problem",
            **more,
        ),
        rx.el.p(help_text, class_name="help", id=f"{name}-help") if help_text else "",
        _problem(name),
        class_name="field",
    )


def _problem(field: str) -> rx.Component:
    return rx.el.p(
        id=f"{field or 'form'}-problem",
        role="alert",
        class_name="field-error",
        custom_attrs={"data-problem": field},
    )
