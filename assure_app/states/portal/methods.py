"""What a client saved to pay with: choosing the default, and the question before one is removed."""

import secrets
from dataclasses import dataclass, replace
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live, toasts
from assure_app.auth.portal_guard import portal
from assure_app.billing import method_pages, saved_methods
from assure_app.billing.method_acts import Removal
from assure_app.billing.method_needs import WarningChanged
from assure_app.domain.errors import BillingError
from assure_app.states import browser
from assure_app.states.dialog import Shown
from assure_app.states.hop import in_stripe_thread_until_known, in_thread, in_thread_until_known
from assure_app.states.portal.home import Home

DIALOG, ADD = "remove-method", "add-method"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRemoval:
    """The method that somebody is about to remove, and what that changes; without an id there is
    no question."""

    id: int = 0
    name: str = ""
    warning: str = ""
    note: str = ""


def asked_of(found: Removal) -> AskedRemoval:
    """The question about a method, with what depends on it."""
    effect = found.effect
    return AskedRemoval(
        id=found.method.id, name=found.method.name, warning=effect.warning, note=effect.note
    )


def told_anew(asked: AskedRemoval, refusal: BillingError) -> AskedRemoval:
    """The question with what depends on the method by now."""
    if not isinstance(refusal, WarningChanged):
        return asked
    return replace(asked, warning=refusal.effect.warning, note=refusal.effect.note)


class SavedMethods(rx.State):
    """The acts on the card of saved methods; what it shows is the page's."""

    asked: AskedRemoval = AskedRemoval()
    problem: str = ""

    @rx.event
    @portal(pays=True)
    async def add(self) -> Any:
        """Go to Stripe's page on which a method is saved with nothing charged."""
        home = await self.get_state(Home)
        home._form_token = home._form_token or secrets.token_urlsafe(24)
        try:
            url = await in_stripe_thread_until_known(
                method_pages.start, home._chosen(), form_token=home._form_token, now=clock.now()
            )
        except BillingError as refusal:
            home._form_token = home._form_token if refusal.retryable else ""
            return [toasts.refused(refusal.sentence), browser.refused(ADD)]
        return rx.redirect(url)

    @rx.event
    @portal(pays=True)
    async def make_default(self, row_id: int) -> Any:
        """Make it the client's one default, in every tab."""
        home = await self.get_state(Home)
        try:
            said = await in_thread_until_known(
                saved_methods.make_default, home._chosen(), row_id, now=clock.now()
            )
        except BillingError as refusal:
            await home._read_again()
            return toasts.refused(refusal.sentence)
        return await self._done(home, said)

    @rx.event
    @portal(pays=True)
    async def ask(self, row_id: int) -> EventSpec:
        """Ask whether it shall really be removed."""
        home = await self.get_state(Home)
        try:
            found = await in_thread(saved_methods.find, home._chosen(), row_id)
        except BillingError as refusal:
            await home._read_again()
            return toasts.refused(refusal.sentence)
        self.asked, self.problem = asked_of(found), ""
        return browser.open_dialog(DIALOG)

    @rx.event
    @portal(pays=True)
    async def remove(self) -> Shown:
        """Remove the one that was asked about, at Stripe too, or say why not."""
        home = await self.get_state(Home)
        try:
            said = await in_stripe_thread_until_known(
                saved_methods.remove,
                home._chosen(),
                self.asked.id,
                told=self.asked.warning,
                now=clock.now(),
            )
        except BillingError as refusal:
            self.asked, self.problem = told_anew(self.asked, refusal), refusal.sentence
            yield browser.refused(DIALOG)
            return
        yield [browser.close_dialog(DIALOG), await self._done(home, said)]
        self.asked = AskedRemoval()

    async def _done(self, home: Home, said: str) -> EventSpec:
        await home._read_again()
        await live.changed(home._chosen().firm_id)
        toast: EventSpec = rx.toast.success(said)
        return toast
