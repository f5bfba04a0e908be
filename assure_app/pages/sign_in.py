"""The sign-in page. Its form is sent by assets/sign_in.js, since only a plain request can set the
cookie that scripts cannot read."""

from dataclasses import dataclass

import reflex as rx

from assure_app.auth.guard import SIGN_IN_PATH
from assure_app.auth.passwords import DEMO_PASSWORD
from assure_app.components.fonts import Fonts
from assure_app.states.sign_in import SignInState

TITLE = "Sign in · Assure Pro"


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Someone to try the sandbox as."""

    email: str
    who: str


DEMO_USERS = (
    DemoUser("jane@chenadvisory.com", "owner"),
    DemoUser("marcus@chenadvisory.com", "admin"),
    DemoUser("lena@chenadvisory.com", "views billing"),
    DemoUser("sarah@chenadvisory.com", "no billing"),
    DemoUser("olga@northsidecpa.example", "another firm"),
)


def add_to(app: rx.App) -> None:
    """Give the application its sign-in page."""
    app.add_page(sign_in, route=SIGN_IN_PATH, title=TITLE, on_load=SignInState.load)


def sign_in() -> rx.Component:
    """A card with two fields and a button; below it, in a sandbox, whom to sign in as."""
    return rx.el.main(
        rx.el.script(src="/sign_in.js", custom_attrs={"async": True}),
        Fonts.create(),
        rx.el.div(
            _product_name(),
            _form(),
            rx.cond(SignInState.offers_demo, _test_mode_note()),
            style={"width": "100%", "max_width": "376px"},
        ),
        style={
            "min_height": "100dvh",
            "max_width": "none",
            "display": "flex",
            "justify_content": "center",
            "padding": "clamp(24px, 14vh, 160px) 16px 32px",
        },
    )


def _product_name() -> rx.Component:
    mark = rx.el.span(
        "A",
        aria_hidden="true",
        style={
            "width": "24px",
            "height": "24px",
            "border_radius": "6px",
            "background": "var(--ink)",
            "color": "var(--bg)",
            "display": "grid",
            "place_items": "center",
            "font_size": "12px",
        },
    )
    return rx.el.div(
        mark,
        "Assure Pro",
        style={
            "display": "flex",
            "align_items": "center",
            "gap": "10px",
            "font_weight": "600",
            "margin_bottom": "16px",
        },
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.h1("Sign in"),
        _field("email", "Email", kind="email", auto_complete="username", auto_focus=True),
        _field("password", "Password", kind="password", auto_complete="current-password"),
        _problem(""),
        rx.el.button("Sign in", type="submit", class_name="btn pri", style=_WIDE_BUTTON),
        id="sign-in",
        method="post",
        action="/auth/sign-in",
        no_validate=True,
        custom_attrs={"data-opens-session": ""},
        style={
            "background": "var(--surface)",
            "border": "1px solid var(--line)",
            "border_radius": "var(--r-lg)",
            "padding": "24px",
            "display": "flex",
            "flex_direction": "column",
            "gap": "16px",
        },
    )


def _field(name: str, label: str, *, kind: str, auto_complete: str, **more: bool) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.input(
            id=name,
            name=name,
            type=kind,
            auto_complete=auto_complete,
            class_name="in",
            aria_describedby=f"{name}-problem",
            **more,
        ),
        _problem(name),
    )


def _problem(field: str) -> rx.Component:
    """Where a refusal is said; empty, it takes no room. Field "" is the form as a whole."""
    return rx.el.p(
        id=f"{field or 'form'}-problem",
        role="alert",
        class_name="field-error",
        custom_attrs={"data-problem": field},
    )


def _test_mode_note() -> rx.Component:
    return rx.el.section(
        rx.el.p(
            rx.el.strong("TEST MODE"),
            " — no real money moves. Sign in as any of these; the password is ",
            rx.el.code(DEMO_PASSWORD),
            ".",
            style={"margin": "0 0 8px"},
        ),
        rx.el.ul(
            *(_demo_user(user) for user in DEMO_USERS),
            style={"list_style": "none", "margin": "0", "padding": "0"},
        ),
        aria_label="Demo sign-ins",
        class_name="help",
        style={
            "margin_top": "16px",
            "padding": "12px",
            "border": "1px dashed var(--line-strong)",
            "border_radius": "var(--r)",
        },
    )


def _demo_user(user: DemoUser) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            user.email,
            type="button",
            custom_attrs={
                "data-demo-email": user.email,
                "data-demo-password": DEMO_PASSWORD,
            },
            style=_LINK_BUTTON,
        ),
        rx.el.span(user.who),
        style={
            "display": "flex",
            "justify_content": "space-between",
            "align_items": "center",
            "gap": "8px",
        },
    )


_WIDE_BUTTON = {"width": "100%", "justify_content": "center"}
_LINK_BUTTON = {
    "background": "none",
    "border": "0",
    "padding": "4px 0",
    "color": "var(--accent)",
    "cursor": "pointer",
    "font": "inherit",
    "text_align": "left",
    "&:hover": {"text_decoration": "underline"},
}
