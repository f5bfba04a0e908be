"""The dialog of one tab that shows what a client saved to pay with, and changes it (R127, R128)."""

import secrets
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live, toasts
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing import client_methods
from assure_app.billing.client_methods import ACT
from assure_app.billing.reading.client_methods import ClientMethods, of_client
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import problems_by_field
from assure_app.states.hop import in_stripe_thread_until_known, in_thread, in_thread_until_known
from assure_app.states.portal.methods import AskedRemoval, asked_of, told_anew
from assure_app.states.settings.contacts import Contacts
from assure_app.states.settings.forms import id_of, is_ticked
from assure_app.states.untrusted import text_of

DIALOG = "client-methods"
FIELDS = ("consent",)
LIST, ADD, REMOVE = "list", "add", "remove"


class ClientMethodsDialog(rx.State):
    """The methods of one client, and at which step of changing them this tab is."""

    shown: ClientMethods = ClientMethods()
    step: str = LIST
    asked: AskedRemoval = AskedRemoval()
    news: str = ""
    problems: dict[str, str] = problems_by_field({}, FIELDS)
    _form_token: str = ""

    @rx.event
    @signed_in
    async def load(self) -> Any:
        """Whoever comes back from Stripe's page finds the client's methods, and what came of it."""
        self.reset()
        query = self.router.url.query_parameters
        client_id, token = text_of(query.get("client")), text_of(query.get("saved"))
        is_id = client_id.isascii() and client_id.isdigit() and len(client_id) < 10
        if not is_id or not acting().has(Permission.VIEW_BILLING):
            return None
        came_back = await in_stripe_thread_until_known(
            client_methods.returned, acting(), token, now=clock.now()
        )
        self.news = came_back.sentence
        return await self._opened(int(client_id))

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def open(self, client_id: int) -> Any:
        """Open with what the client saved by now."""
        self.reset()
        return await self._opened(id_of(client_id))

    @rx.event
    @requires(Permission.EDIT_BILLING, act=ACT)
    async def begin(self) -> None:
        """Ask whether the client agreed, before a method is added for it."""
        self.step, self._form_token = ADD, secrets.token_urlsafe(24)
        self.problems = problems_by_field({}, FIELDS)

    @rx.event
    @requires(Permission.EDIT_BILLING, act=ACT)
    async def add(self, form: dict[str, Any]) -> Any:
        """Go to Stripe's page on which a method is saved with nothing charged."""
        try:
            url = await in_stripe_thread_until_known(
                client_methods.start_adding,
                *(acting(), self.shown.client_id),
                has_consent=is_ticked(form, "consent"),
                form_token=self._form_token,
                now=clock.now(),
            )
        except BillingError as refusal:
            self.problems = problems_by_field(refusal.problems, FIELDS)
            self._form_token = self._form_token if refusal.retryable else secrets.token_urlsafe(24)
            return browser.refused(DIALOG)
        return rx.redirect(url)

    @rx.event
    @requires(Permission.EDIT_BILLING, act=ACT)
    async def make_default(self, row_id: int) -> EventSpec:
        """Make it the client's one default, in every tab."""
        try:
            said = await in_thread_until_known(
                client_methods.make_default,
                *(acting(), self.shown.client_id, row_id),
                now=clock.now(),
            )
        except BillingError as refusal:
            await self._read_again()
            return toasts.refused(refusal.sentence)
        return await self._done(said)

    @rx.event
    @requires(Permission.EDIT_BILLING, act=ACT)
    async def ask(self, row_id: int) -> Any:
        """Ask whether it shall really be removed, with what depends on it."""
        try:
            found = await in_thread(client_methods.find, acting(), self.shown.client_id, row_id)
        except BillingError as refusal:
            await self._read_again()
            return toasts.refused(refusal.sentence)
        self.asked, self.step = asked_of(found), REMOVE
        self.problems = problems_by_field({}, FIELDS)
        return None

    @rx.event
    @requires(Permission.EDIT_BILLING, act=ACT)
    async def remove(self) -> Any:
        """Remove the one that was asked about, at Stripe too, or say why not."""
        try:
            said = await in_stripe_thread_until_known(
                client_methods.remove,
                *(acting(), self.shown.client_id, self.asked.id),
                told=self.asked.warning,
                now=clock.now(),
            )
        except BillingError as refusal:
            self.asked = told_anew(self.asked, refusal)
            self.problems = problems_by_field({"form": refusal.sentence}, FIELDS)
            return browser.refused(DIALOG)
        self.step = LIST
        return await self._done(said)

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def back(self) -> None:
        """To the list again."""
        self.step = LIST

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.reset()

    async def _opened(self, client_id: int) -> EventSpec:
        try:
            self.shown = await in_thread(of_client, acting(), client_id, now=clock.now())
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        return browser.open_dialog(DIALOG)

    async def _read_again(self) -> None:
        if not self.shown.client_id:
            return
        try:
            client_id = self.shown.client_id
            self.shown = await in_thread(of_client, acting(), client_id, now=clock.now())
        except BillingError:
            self.reset()

    async def _done(self, said: str) -> EventSpec:
        await self._read_again()
        await (await self.get_state(Contacts))._read_again()
        await live.changed(acting().firm_id)
        toast: EventSpec = rx.toast.success(said)
        return toast
