"""What one person wants to be told, in one tab."""

import secrets
from functools import partial
from typing import Any

import reflex as rx

from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing import notification_settings
from assure_app.billing.notification_settings import Choice, ChoiceRow
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import is_ticked, saved

FORM = "notification-settings"
IN_APP, BY_EMAIL = "app-", "mail-"


class NotificationSettings(rx.State):
    """What holds now; the form keeps what is ticked, and a new `form_key` fills it anew."""

    rows: tuple[ChoiceRow, ...] = ()
    form_key: str = ""
    problems: dict[str, str] = problems_by_field({}, ())

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Fill the form for who may hear of anything."""
        self.rows, self.problems = (), problems_by_field({}, ())
        await self._read_again()

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Keep what is ticked."""
        wanted = {
            row.kind: Choice(
                in_app=is_ticked(form, IN_APP + row.kind),
                by_email=is_ticked(form, BY_EMAIL + row.kind),
            )
            for row in self.rows
        }
        act = partial(notification_settings.save, acting(), wanted)
        yield await saved(self, FORM, (), act) or browser.refused(FORM)
        # The form stays as it stands, and the focus in it.
        self.rows = await in_thread(notification_settings.start, acting())

    async def _read_again(self) -> None:
        """Show what holds, as another tab of the same person may have changed it."""
        rows = await in_thread(notification_settings.start, acting())
        if rows != self.rows:
            self.rows, self.form_key = rows, secrets.token_urlsafe(8)
