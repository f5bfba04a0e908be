"""The engagements of one tab, where auto-pay is switched (R116)."""

import reflex as rx

from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing.reading.engagement_list import EngagementPage
from assure_app.billing.reading.engagement_list import page as read_page
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states.hop import in_thread
from assure_app.states.schedule_list import page_of
from assure_app.states.untrusted import text_of


class EngagementList(rx.State):
    """What the page shows."""

    page: EngagementPage = EngagementPage()
    is_loaded: bool = False
    failure: str = ""
    _search: str = ""
    _at: int = 1

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Show the first page, to who may see billing."""
        self._search, self._at = "", 1
        await self._read_again()

    @rx.event(supersedes=True)
    @requires(Permission.VIEW_BILLING)
    async def search_for(self, text: str) -> None:
        """Show what matches; only the latest text typed is searched."""
        self._search, self._at = text_of(text), 1
        await self._read_again()

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def go_to(self, page: str) -> None:
        """Show another page."""
        self._at = page_of(page)
        await self._read_again()

    async def _read_again(self) -> None:
        if not acting().has(Permission.VIEW_BILLING):
            return
        try:
            self.page = await in_thread(read_page, acting(), self._search, self._at)
            self.failure = ""
        except BillingError as refusal:
            self.page, self.failure = EngagementPage(), refusal.sentence
        self.is_loaded = True
