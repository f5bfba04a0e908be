"""One's own profile in one tab: name, email, password, and where one is signed in."""

import secrets
from functools import partial
from typing import Any

import reflex as rx

from assure_app import clock, toasts
from assure_app.auth import account
from assure_app.auth.guard import acting, signed_in
from assure_app.billing.reading.settings_rows import Profile
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import saved

NAME, EMAIL, PASSWORD = "profile-name", "profile-email", "profile-password"
FIELDS = ("name", "email", "email_password", "current_password", "new_password")


class ProfilePage(rx.State):
    """What the page shows; passwords are never kept, so they never come back from here."""

    profile: Profile = Profile()
    form_key: str = ""
    email_key: str = ""
    password_key: str = ""
    problems: dict[str, str] = problems_by_field({}, FIELDS)

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Fill the forms."""
        await self._read_again()
        self.problems = problems_by_field({}, FIELDS)
        self.form_key = self.email_key = self.password_key = secrets.token_urlsafe(8)

    @rx.event
    @signed_in
    async def save_name(self, form: dict[str, Any]) -> Shown:
        """Change the name."""
        name = fields_of(form, FIELDS)["name"]
        act = partial(account.rename, acting(), name, now=clock.now())
        done = await saved(self, NAME, FIELDS, act)
        yield done or browser.refused(NAME)
        await self._read_again()

    @rx.event
    @signed_in
    async def save_email(self, form: dict[str, Any]) -> Shown:
        """Change the email, with the current password."""
        typed = fields_of(form, FIELDS)
        act = partial(
            account.change_email,
            *(acting(), typed["email"], typed["email_password"]),
            now=clock.now(),
        )
        done = await saved(self, EMAIL, FIELDS, act)
        self._at("current_password", "email_password")
        yield done or browser.refused(EMAIL)
        if done:
            await self._read_again()
            self.email_key = secrets.token_urlsafe(8)

    @rx.event
    @signed_in
    async def save_password(self, form: dict[str, Any]) -> Shown:
        """Change the password; every other browser of this person is signed out."""
        typed = fields_of(form, FIELDS)
        act = partial(
            account.change_password,
            acting(),
            current_password=typed["current_password"],
            new_password=typed["new_password"],
            now=clock.now(),
        )
        done = await saved(self, PASSWORD, FIELDS, act)
        yield done or browser.refused(PASSWORD)
        if done:
            await self._read_again()
            self.password_key = secrets.token_urlsafe(8)

    @rx.event
    @signed_in
    async def sign_out_others(self) -> Shown:
        """End every session but this one."""
        act = partial(account.sign_out_others, acting(), now=clock.now())
        yield await saved(self, NAME, FIELDS, act) or toasts.refused(self.problems["form"])
        await self._read_again()

    def _at(self, field: str, shown_at: str) -> None:
        """Show a sentence at the field of another form that asks for the same."""
        told = self.problems[field]
        self.problems = self.problems | {field: "", shown_at: told}

    async def _read_again(self) -> None:
        self.profile = await in_thread(account.profile, acting(), now=clock.now())
