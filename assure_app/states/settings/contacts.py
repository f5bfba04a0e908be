"""The clients' contacts in one tab, and the question before one is switched off or on."""

from functools import partial

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing import contacts
from assure_app.billing.contacts import ACT
from assure_app.billing.reading.contact_rows import ContactsPage, ContactStart
from assure_app.billing.reading.contacts import page as read_page
from assure_app.billing.reading.contacts import start as read_start
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.settings.forms import id_of, saved
from assure_app.states.untrusted import text_of

SWITCH = "switch-contact"


class Contacts(rx.State):
    """The list, and what it is searched for."""

    page: ContactsPage = ContactsPage()
    is_loaded: bool = False
    _search: str = ""

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Read the list for whoever may see billing."""
        self._search = ""
        await self._read_again()

    @rx.event(supersedes=True)
    @requires(Permission.VIEW_BILLING)
    async def search_for(self, text: str) -> None:
        """Show who matches; only the latest text typed is searched."""
        self._search = text_of(text)[:200]
        await self._read_again()

    async def _read_again(self) -> None:
        if acting().has(Permission.VIEW_BILLING):
            self.page = await in_thread(read_page, acting(), self._search)
            self.is_loaded = True


class ContactSwitch(rx.State):
    """Whom somebody is about to keep out of the portal, or to let back in."""

    start: ContactStart = ContactStart()
    problems: dict[str, str] = problems_by_field({}, ())

    @rx.event
    @requires(Permission.EDIT_BILLING, act=ACT)
    async def open(self, contact_id: int) -> EventSpec:
        """Ask, with the contact as they are now."""
        try:
            self.start = await in_thread(read_start, acting(), id_of(contact_id))
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.problems = problems_by_field({}, ())
        return browser.open_dialog(SWITCH)

    @rx.event
    @requires(Permission.EDIT_BILLING, act=ACT)
    async def submit(self) -> Shown:
        """Switch the contact that was asked about."""
        if not self.start.contact_id:
            return
        done = await saved(self, SWITCH, (), self._switch(), asks_stripe=True)
        yield done or browser.refused(SWITCH)
        if done:
            self.start = ContactStart()
        await (await self.get_state(Contacts))._read_again()

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = ContactStart()

    def _switch(self) -> partial[str]:
        return partial(
            contacts.set_active,
            *(acting(), self.start.contact_id),
            seen=self.start.form,
            is_active=not self.start.is_active,
            now=clock.now(),
        )
