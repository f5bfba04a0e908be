"""The members page in one tab: who belongs to the firm, and who may sign in."""

from functools import partial

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing import members
from assure_app.billing.reading.members import page as read_page
from assure_app.billing.reading.members import start as read_start
from assure_app.billing.reading.settings_rows import MembersPage, MemberStart
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import id_of, manages, saved
from assure_app.states.untrusted import text_of

ACT = "change people"
DEACTIVATE = "deactivate-member"


class Members(rx.State):
    """The list, what it is searched for, and whom somebody is about to deactivate."""

    page: MembersPage = MembersPage()
    is_loaded: bool = False
    leaving: MemberStart = MemberStart()
    problems: dict[str, str] = problems_by_field({}, ())
    _search: str = ""

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Read the list for whoever manages the firm."""
        self._search = ""
        await self._read_again()

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_FIRM)
    async def search_for(self, text: str) -> None:
        """Show who matches; only the latest text typed is searched."""
        self._search = text_of(text)[:200]
        await self._read_again()

    @rx.event
    @requires(Permission.MANAGE_FIRM, act=ACT)
    async def ask_to_deactivate(self, user_id: int) -> EventSpec:
        """Ask before a person is signed out everywhere."""
        try:
            self.leaving = await in_thread(read_start, acting(), id_of(user_id))
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.problems = problems_by_field({}, ())
        return browser.open_dialog(DEACTIVATE)

    @rx.event
    @requires(Permission.MANAGE_FIRM, act=ACT)
    async def deactivate(self) -> Shown:
        """End the person's access at once."""
        act = partial(
            members.set_active,
            *(acting(), self.leaving.user_id),
            is_active=False,
            now=clock.now(),
        )
        done = await saved(self, DEACTIVATE, (), act)
        yield done or browser.refused(DEACTIVATE)
        await self._read_again()

    @rx.event
    @requires(Permission.MANAGE_FIRM, act=ACT)
    async def reactivate(self, user_id: int) -> Shown:
        """Let the person sign in again."""
        act = partial(members.set_active, acting(), id_of(user_id), is_active=True, now=clock.now())
        done = await saved(self, DEACTIVATE, (), act)
        yield done or toasts.refused(self.problems["form"])
        await self._read_again()

    @rx.event
    @requires(Permission.MANAGE_FIRM, act="invite people")
    async def invite_again(self, user_id: int) -> Shown:
        """Mail a new link; the older ones stop working."""
        act = partial(members.invite_again, acting(), id_of(user_id), now=clock.now())
        done = await saved(self, DEACTIVATE, (), act)
        yield done or toasts.refused(self.problems["form"])

    async def _read_again(self) -> None:
        if manages():
            self.page = await in_thread(read_page, acting(), self._search)
            self.is_loaded = True
