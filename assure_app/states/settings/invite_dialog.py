"""The Invite member dialog of one tab."""

import secrets
from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock
from assure_app.auth.guard import acting, requires
from assure_app.billing import members
from assure_app.billing.reading.members import team_choices
from assure_app.billing.reading.settings_rows import Choice, InviteForm
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import saved, ticked_ids
from assure_app.states.settings.members import Members

DIALOG = "invite-member"
FIELDS = ("name", "email", "role")
TICK = "team-"


class InviteDialog(rx.State):
    """What the dialog shows; without a form token there is no form to send."""

    teams: tuple[Choice, ...] = ()
    form_token: str = ""
    problems: dict[str, str] = problems_by_field({}, FIELDS)

    @rx.event
    @requires(Permission.MANAGE_FIRM, act="invite people")
    async def open(self) -> EventSpec:
        """Open an empty form with the firm's teams to tick."""
        self.teams = await in_thread(team_choices, acting())
        self.problems = problems_by_field({}, FIELDS)
        self.form_token = secrets.token_urlsafe(12)
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.MANAGE_FIRM, act="invite people")
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Invite, once for each opening of the dialog, or say what is wrong beside its field."""
        if not self.form_token:
            return
        typed = InviteForm(**fields_of(form, FIELDS), team_ids=ticked_ids(form, TICK))
        act = partial(members.invite, acting(), typed, now=clock.now())
        done = await saved(self, DIALOG, FIELDS, act)
        yield done or browser.refused(DIALOG)
        if done:
            self.form_token = ""
            await (await self.get_state(Members))._read_again()

    @rx.event
    @requires(Permission.MANAGE_FIRM)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.form_token = ""
