"""One's own name, email, password and sessions."""

from typing import Any

import reflex as rx

from assure_app.billing.reading.settings_rows import SessionRow
from assure_app.components import fields
from assure_app.components.settings.frame import card, page_form, save_button
from assure_app.states.settings.profile import EMAIL, NAME, PASSWORD, ProfilePage


def profile_forms() -> rx.Component:
    """A form for each thing, since each is saved by itself."""
    profile = ProfilePage.profile
    name = _text("name", "Name", default_value=profile.name)
    return rx.fragment(
        page_form(
            NAME,
            card("Name", name, save_button("Save name")),
            key=ProfilePage.form_key,
            on_submit=ProfilePage.save_name,
        ),
        page_form(
            EMAIL,
            card(
                "Email",
                _text("email", "Email", default_value=profile.email, input_mode="email"),
                _password("email_password", "Current password"),
                save_button("Save email"),
                help_text="You sign in with it.",
            ),
            key=ProfilePage.email_key,
            on_submit=ProfilePage.save_email,
        ),
        page_form(
            PASSWORD,
            card(
                "Password",
                _password("current_password", "Current password"),
                _password(
                    "new_password",
                    "New password",
                    auto_complete="new-password",
                    help_text="At least 12 characters. A few words are easy to keep in mind.",
                ),
                save_button("Save password"),
                help_text="Every other browser is signed out when it changes.",
            ),
            key=ProfilePage.password_key,
            on_submit=ProfilePage.save_password,
        ),
        _sessions(),
    )


def _sessions() -> rx.Component:
    profile = ProfilePage.profile
    return card(
        "Signed in",
        rx.el.ul(rx.foreach(profile.sessions, _session), class_name="sessions"),
        rx.cond(
            profile.others > 0,
            rx.el.div(
                rx.el.button(
                    "Sign out other browsers",
                    type="button",
                    class_name="btn",
                    on_click=ProfilePage.sign_out_others,
                ),
                class_name="buttons",
            ),
        ),
        help_text="The browsers where you are signed in.",
    )


def _session(row: rx.Var[SessionRow]) -> rx.Component:
    return rx.el.li(
        rx.icon("monitor", size=16, aria_hidden="true"),
        rx.el.span("Since ", row.since),
        rx.cond(row.is_this, rx.el.span("This browser", class_name="badge Paid")),
        rx.el.span("until ", row.until, class_name="quiet push"),
        key=row.id.to_string(),
    )


def _text(name: str, label: str, *, help_text: str | None = None, **more: Any) -> rx.Component:
    field_id, problem = f"profile-{name}-field", ProfilePage.problems[name]
    control = fields.text_input(name, field_id=field_id, problem=problem, **more)
    return fields.field(label, control, field_id=field_id, problem=problem, help_text=help_text)


def _password(
    name: str,
    label: str,
    *,
    auto_complete: str = "current-password",
    help_text: str | None = None,
) -> rx.Component:
    field_id, problem = f"profile-{name}-field", ProfilePage.problems[name]
    control = rx.el.input(
        id=field_id,
        name=name,
        type="password",
        class_name="in",
        auto_complete=auto_complete,
        aria_invalid=rx.cond(problem != "", "true", "false"),
        aria_describedby=f"{field_id}-help {field_id}-problem",
    )
    return fields.field(label, control, field_id=field_id, problem=problem, help_text=help_text)
