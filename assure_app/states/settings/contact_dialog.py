"""The dialog of one tab that adds a contact to a client, or changes one."""

from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import contacts
from assure_app.billing.contacts import ACT
from assure_app.billing.reading.contact_rows import ContactForm, ContactStart
from assure_app.billing.reading.contacts import matching_clients, picked_client
from assure_app.billing.reading.contacts import start as read_start
from assure_app.billing.reading.settings_rows import Choice, Picked
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of, problems_by_field
from assure_app.states.hop import in_thread
from assure_app.states.settings.contacts import Contacts
from assure_app.states.settings.forms import id_of, saved
from assure_app.states.untrusted import text_of

DIALOG = "contact"
FIELDS = ("name", "email", "role", "client")
SEARCH = "contact-client-search"


class ContactDialog(rx.State):
    """What the dialog shows; without a form token there is no form to send."""

    start: ContactStart = ContactStart()
    client: Picked = Picked()
    matches: tuple[Choice, ...] = ()
    problems: dict[str, str] = problems_by_field({}, FIELDS)
    _search: str = ""

    @rx.event
    @requires(Permission.EDIT_BILLING, act=ACT)
    async def open(self, contact_id: int) -> EventSpec:
        """Open with the contact as they are now."""
        try:
            self.start = await in_thread(read_start, acting(), id_of(contact_id))
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self._search = ""
        self.problems = problems_by_field({}, FIELDS)
        await self._pick(0)
        return browser.open_dialog(DIALOG)

    @rx.event(supersedes=True)
    @requires(Permission.EDIT_BILLING)
    async def search_for(self, text: str) -> None:
        """Show at most 20 clients whose name holds the text."""
        self._search = text_of(text)[:200]
        self.matches = await in_thread(matching_clients, acting(), self._search)

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def add(self, client_id: int) -> EventSpec:
        """Pick the client, in place of one picked before."""
        await self._pick(id_of(client_id))
        return browser.focus(SEARCH)

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def remove(self, client_id: int) -> EventSpec:
        """Take the client out again; there is one at most."""
        others = [each.id for each in self.client.rows if each.id != id_of(client_id)]
        await self._pick(others[0] if others else 0)
        return browser.focus(SEARCH)

    @rx.event
    @requires(Permission.EDIT_BILLING, act=ACT)
    async def submit(self, form: dict[str, Any]) -> Shown:
        """Save, once for each opening of the dialog, or say beside its field what is wrong."""
        if not self.start.form_token:
            return
        done = await saved(self, DIALOG, FIELDS, self._change(form), asks_stripe=True)
        yield done or browser.refused(DIALOG)
        if done:
            self.start = ContactStart()
            await (await self.get_state(Contacts))._read_again()

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = ContactStart()

    def _change(self, form: object) -> partial[str]:
        after = ContactForm(**fields_of(form, ("name", "email", "role")))
        contact_id, before = self.start.contact_id, self.start.form
        if contact_id:
            change = partial(contacts.change, acting(), contact_id, before=before, after=after)
            return partial(change, now=clock.now())
        client_id = self.client.rows[0].id if self.client.rows else 0
        return partial(contacts.add, acting(), client_id, after, now=clock.now())

    async def _pick(self, client_id: int) -> None:
        self.client = await in_thread(picked_client, acting(), client_id)
        self.matches = ()
