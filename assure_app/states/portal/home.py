"""The portal's first page: one client's balance, what is on its way, and what was paid."""

import reflex as rx

from assure_app import clock, live
from assure_app.auth.portal_guard import portal, portal_acting
from assure_app.billing import method_pages
from assure_app.billing.reading.backfill import backfill_card
from assure_app.billing.reading.backfill_rows import BackfillCard
from assure_app.billing.reading.portal_home import portal_home
from assure_app.billing.reading.portal_rows import PortalHome
from assure_app.domain.backfill import Agreed
from assure_app.domain.errors import BillingError
from assure_app.domain.portal_access import PortalPrincipal
from assure_app.states.hop import in_stripe_thread, in_thread
from assure_app.states.portal.frame import Frame
from assure_app.states.untrusted import text_of


class Home(rx.State):
    """What the page shows of the client that its address names."""

    home: PortalHome = PortalHome()
    backfill: BackfillCard = BackfillCard()
    news: str = ""
    _agreed: Agreed = Agreed(method_id=0, cents={})
    _form_token: str = ""

    @rx.event
    @portal()
    async def load(self) -> None:
        """Read the page; whoever comes back from saving something is told what came of it."""
        self.news = self._form_token = ""
        await self._read_again()
        token = text_of(self.router.url.query_parameters.get("saved"))
        if not token:
            return
        chosen = self._chosen()
        try:
            self.news = await in_stripe_thread(
                method_pages.returned, chosen, token, now=clock.now()
            )
        except BillingError as refusal:
            self.news = refusal.sentence
        await self._read_again()
        await live.changed(chosen.firm_id)

    async def _read_again(self) -> None:
        chosen = self._chosen()
        await (await self.get_state(Frame))._read(chosen)
        self.home = await in_thread(portal_home, chosen, now=clock.now())
        self.backfill, self._agreed = await in_thread(backfill_card, chosen, now=clock.now())

    def _chosen(self) -> PortalPrincipal:
        """The client in the address when it is one of the person's, else their first."""
        person = portal_acting()
        wanted = text_of(self.router.url.query_parameters.get("client"))
        known = [each for each in person.contacts if str(each.client_id) == wanted]
        return known[0] if known else person.contacts[0]
