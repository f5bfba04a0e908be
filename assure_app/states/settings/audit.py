"""The audit log in one tab."""

from urllib.parse import urlencode

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing.reading.audit_log import page as read_page
from assure_app.billing.reading.settings_rows import AuditPage
from assure_app.domain.errors import InvalidInput
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import manages
from assure_app.states.untrusted import text_of


class AuditLog(rx.State):
    """A page of the log; the address names it."""

    page: AuditPage = AuditPage()
    is_loaded: bool = False
    problem: str = ""
    _cursor: str = ""

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Show the page that the address names."""
        self._cursor = text_of(self.router.url.query_parameters.get("page"))
        await self._read_again()

    @rx.event
    @requires(Permission.MANAGE_FIRM)
    async def go_to(self, cursor: str) -> EventSpec:
        """Turn to the page that the cursor names; "" is the newest."""
        self._cursor = text_of(cursor)
        await self._read_again()
        query = urlencode({"page": self._cursor}) if self._cursor else ""
        return browser.address(query, page="audit", is_new_page=True)

    async def _read_again(self) -> None:
        if not manages():
            return
        try:
            self.page = await in_thread(read_page, acting(), self._cursor, now=clock.now())
            self.problem = ""
        except InvalidInput as refusal:
            self.page, self.problem = AuditPage(), refusal.sentence
        self.is_loaded = True
