"""The portal's sign-in page: an email, then the code mailed to it. Its forms are sent by
assets/portal_sign_in.js, since only a plain request can set the cookie that scripts cannot read."""

from typing import Any

import reflex as rx

from assure_app.auth.portal_guard import SIGN_IN_PATH
from assure_app.components.fonts import Fonts
from assure_app.states.portal.sign_in import PortalSignIn

TITLE = "Your invoices · Sign in"

DEMO_CONTACTS = (
    ("anita@patelfamily.example", "owner, may pay"),
    ("eva@lindqvist.example", "signer, may pay"),
    ("tom@harborpine.example", "viewer, may look"),
    ("dana@cedarrow.example", "only notified"),
)


def add_to(app: rx.App) -> None:
    """Give the application the portal's sign-in page."""
    app.add_page(portal_sign_in, route=SIGN_IN_PATH, title=TITLE, on_load=PortalSignIn.load)


def portal_sign_in() -> rx.Component:
    """A card with the step at hand; below it, in a sandbox, whom to sign in as."""
    return rx.el.main(
        rx.el.script(src="/portal_sign_in.js", custom_attrs={"async": True}),
        Fonts.create(),
        rx.el.div(
            _email_step(),
            _code_step(),
            rx.cond(PortalSignIn.offers_demo, _test_mode_note()),
            class_name="narrow",
        ),
        class_name="alone",
    )


def _email_step() -> rx.Component:
    return rx.el.form(
        rx.el.h1("Your invoices"),
        rx.el.p(
            "Enter the email your invoices go to. We will send you a code to sign in with.",
            class_name="callout",
        ),
        _field("email", "Email", kind="email", auto_complete="email", auto_focus=True),
        _problem("", "email-form"),
        _submit("Send code", "Sending…"),
        no_validate=True,
        class_name="card dialog-body",
        custom_attrs={"data-step": "email"},
    )


def _code_step() -> rx.Component:
    return rx.el.form(
        rx.el.h1("Enter your code"),
        rx.el.p(
            "If ",
            rx.el.b(custom_attrs={"data-asked": ""}),
            " gets invoices here, a code with 6 digits is on its way there. It works for 10"
            " minutes.",
            class_name="callout",
        ),
        _field(
            "code",
            "Code",
            kind="text",
            auto_complete="one-time-code",
            input_mode="numeric",
            max_length=9,
            class_name="in code",
        ),
        rx.el.div(
            rx.el.input(type="checkbox", id="trust", name="trust", value="yes"),
            rx.el.label("Trust this device for 30 days", html_for="trust"),
            class_name="tickbox",
        ),
        _problem("", "code-form"),
        rx.el.p(role="status", class_name="callout said", custom_attrs={"data-said": ""}),
        _submit("Sign in", "Signing in…"),
        rx.el.div(
            _lite("Send a new code", "data-ask-again"),
            _lite("Use another email", "data-other-email"),
            class_name="row wrap between",
        ),
        no_validate=True,
        hidden=True,
        class_name="card dialog-body",
        custom_attrs={"data-step": "code"},
    )


def _field(name: str, label: str, *, kind: str, **more: Any) -> rx.Component:
    class_name = more.pop("class_name", "in")
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.input(
            id=name,
            name=name,
            type=kind,
            class_name=class_name,
            aria_describedby=f"{name}-problem",
            **more,
        ),
        _problem(name, name),
        class_name="field",
    )


def _problem(field: str, place: str) -> rx.Component:
    return rx.el.p(
        id=f"{place}-problem",
        role="alert",
        class_name="field-error",
        custom_attrs={"data-problem": field},
    )


def _submit(label: str, busy: str) -> rx.Component:
    return rx.el.button(
        rx.el.span(label, class_name="idle"),
        rx.el.span(busy, class_name="busy"),
        type="submit",
        class_name="btn pri wide tall",
    )


def _lite(label: str, attribute: str) -> rx.Component:
    return rx.el.button(
        label, type="button", class_name="btn lite sm", custom_attrs={attribute: ""}
    )


def _test_mode_note() -> rx.Component:
    return rx.el.section(
        rx.el.p(
            rx.el.strong("TEST MODE"),
            " — no real money moves. Sign in as any of these contacts; the code is in the ",
            rx.el.a("mailbox", href=PortalSignIn.mailbox_url, target="_blank", rel="noopener"),
            ".",
        ),
        rx.el.ul(*(_demo_contact(*each) for each in DEMO_CONTACTS)),
        aria_label="Demo contacts",
        class_name="demo-note",
    )


def _demo_contact(email: str, who: str) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            email, type="button", class_name="link", custom_attrs={"data-demo-contact": email}
        ),
        rx.el.span(who),
    )
