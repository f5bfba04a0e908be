"""The teams page in one tab, and the dialogs that change and delete a team."""

from functools import partial
from typing import Any, ClassVar

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing import teams
from assure_app.billing.reading import teams as reading
from assure_app.billing.reading.settings_rows import (
    Picked,
    TeamForm,
    TeamLoss,
    TeamRow,
    TeamStart,
)
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import id_of, is_ticked, manages, saved
from assure_app.states.settings.picking import Picker

ACT = "change teams"
DIALOG, DELETE = "team", "delete-team"
FIELDS = ("name", "members")
SEARCH = "team-member-search"


class Teams(rx.State):
    """The list of teams."""

    rows: tuple[TeamRow, ...] = ()
    is_loaded: bool = False

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Read the list for whoever manages the firm."""
        await self._read_again()

    async def _read_again(self) -> None:
        if manages():
            self.rows = await in_thread(reading.page, acting())
            self.is_loaded = True


class TeamDialog(Picker, rx.State):
    """What the dialog for one team shows; `edits` says whether Edit billing is ticked."""

    _SEARCH: ClassVar[str] = SEARCH

    start: TeamStart = TeamStart()
    edits: bool = False
    members: Picked = Picked()
    problems: dict[str, str] = problems_by_field({}, FIELDS)

    @rx.event
    @requires(Permission.MANAGE_FIRM, act=ACT)
    async def open(self, team_id: int) -> EventSpec:
        """Open with the team as it is now; 0 is a new one."""
        try:
            self.start = await in_thread(reading.start, acting(), id_of(team_id))
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.edits = self.start.form.edit_billing
        self.problems = problems_by_field({}, FIELDS)
        await self._start_picking()
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.MANAGE_FIRM)
    async def typed(self, form: dict[str, Any]) -> None:
        """Show that Edit billing implies View billing (R137)."""
        self.edits = is_ticked(form, "edit_billing")

    @rx.event
    @requires(Permission.MANAGE_FIRM, act=ACT)
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Save the team, or say beside its field what is wrong."""
        if not self.start.form_token:
            return
        done = await saved(self, DIALOG, FIELDS, self._change(form))
        yield done or browser.refused(DIALOG)
        if done:
            self.start = TeamStart()
            await (await self.get_state(Teams))._read_again()

    @rx.event
    @requires(Permission.MANAGE_FIRM)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = TeamStart()

    def _change(self, form: object) -> Any:
        edits = is_ticked(form, "edit_billing")
        after = TeamForm(
            **fields_of(form, ("name",)),
            view_billing=edits or is_ticked(form, "view_billing"),
            edit_billing=edits,
            all_clients=is_ticked(form, "all_clients"),
        )
        moved = teams.MemberChange(joining=tuple(self._added), leaving=tuple(self._removed))
        more: dict[str, Any] = {"members": moved, "now": clock.now()}
        if not self.start.team_id:
            return partial(teams.create, acting(), after, **more)
        team_id, before = self.start.team_id, self.start.form
        return partial(teams.change, acting(), team_id, before=before, after=after, **more)

    async def _read(self) -> None:
        picked = {"added": self._added, "removed": self._removed}
        team_id = self.start.team_id
        self.members = await in_thread(reading.members, acting(), team_id, **picked)
        self.matches = await in_thread(
            reading.matching_people, acting(), team_id, self._search, **picked
        )


class TeamRemoval(rx.State):
    """The question before a team is deleted: who loses what."""

    loss: TeamLoss = TeamLoss()
    problems: dict[str, str] = problems_by_field({}, ())

    @rx.event
    @requires(Permission.MANAGE_FIRM, act=ACT)
    async def open(self, team_id: int) -> EventSpec:
        """Ask, with everything that would be lost."""
        try:
            self.loss = await in_thread(reading.loss, acting(), id_of(team_id))
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.problems = problems_by_field({}, ())
        return browser.open_dialog(DELETE)

    @rx.event
    @requires(Permission.MANAGE_FIRM, act=ACT)
    async def submit(self) -> Shown:
        """Delete the team."""
        act = partial(teams.remove, acting(), self.loss.team_id, now=clock.now())
        done = await saved(self, DELETE, (), act)
        yield done or browser.refused(DELETE)
        await (await self.get_state(Teams))._read_again()
