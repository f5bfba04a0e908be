"""The dialog of one tab for one person: role, Stripe admin, teams, and assigned clients."""

from functools import partial
from typing import Any, ClassVar

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import members
from assure_app.billing.members import ClientChange
from assure_app.billing.reading.members import assigned_clients, matching_clients
from assure_app.billing.reading.members import start as read_start
from assure_app.billing.reading.settings_rows import MemberForm, MemberStart, Picked
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import id_of, is_ticked, saved, ticked_ids
from assure_app.states.settings.members import ACT, Members
from assure_app.states.settings.picking import Picker

DIALOG = "member"
FIELDS = ("name", "role", "stripe_admin", "clients")
SEARCH = "member-client-search"
TICK = "team-"


class MemberDialog(Picker, rx.State):
    """What the dialog shows; clients are picked here and saved with the rest of the form."""

    _SEARCH: ClassVar[str] = SEARCH

    start: MemberStart = MemberStart()
    clients: Picked = Picked()
    problems: dict[str, str] = problems_by_field({}, FIELDS)

    @rx.event
    @requires(Permission.MANAGE_FIRM, act=ACT)
    async def open(self, user_id: int) -> EventSpec:
        """Open with the person as they are now."""
        try:
            self.start = await in_thread(read_start, acting(), id_of(user_id))
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.problems = problems_by_field({}, FIELDS)
        await self._start_picking()
        return browser.open_dialog(DIALOG)

    @rx.event
    @requires(Permission.MANAGE_FIRM, act=ACT)
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Save what was changed, or say beside its field what is wrong."""
        if not self.start.form_token:
            return
        done = await saved(self, DIALOG, FIELDS, self._change(form))
        yield done or browser.refused(DIALOG)
        if done:
            self.start = MemberStart()
            await (await self.get_state(Members))._read_again()

    @rx.event
    @requires(Permission.MANAGE_FIRM)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = MemberStart()

    def _change(self, form: object) -> Any:
        typed = fields_of(form, ("name", "role"))
        after = MemberForm(
            name=typed["name"],
            role=typed["role"] or self.start.form.role,
            is_stripe_admin=is_ticked(form, "stripe_admin")
            if self.start.by_owner
            else self.start.form.is_stripe_admin,
            team_ids=ticked_ids(form, TICK),
        )
        return partial(
            members.change,
            *(acting(), self.start.user_id),
            before=self.start.form,
            after=after,
            clients=ClientChange(assigned=tuple(self._added), removed=tuple(self._removed)),
            now=clock.now(),
        )

    async def _read(self) -> None:
        picked = {"added": self._added, "removed": self._removed}
        user_id = self.start.user_id
        self.clients = await in_thread(assigned_clients, acting(), user_id, **picked)
        self.matches = await in_thread(matching_clients, acting(), user_id, self._search, **picked)
