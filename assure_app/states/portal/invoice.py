"""The portal's page of one invoice: what it says, and paying it (R039–R056)."""

from typing import Any

import reflex as rx

from assure_app import clock, live
from assure_app.auth.portal_guard import PAY_PATH, portal, portal_acting
from assure_app.billing import client_invoices
from assure_app.billing.reading import portal_invoice as readings
from assure_app.billing.reading.portal_rows import Charge, PortalInvoice
from assure_app.domain.errors import BillingError
from assure_app.states.dialog import fields_of
from assure_app.states.hop import in_thread
from assure_app.states.portal.frame import Frame

FIELDS = ("choice", "amount")
PART = "part"


class InvoicePage(rx.State):
    """The invoice behind the address of this tab, as this person sees it."""

    invoice: PortalInvoice = PortalInvoice()
    charge: Charge = Charge()
    choice: str = "full"
    problem: str = ""
    _typed: dict[str, str] = fields_of({}, FIELDS)

    @rx.event
    @portal()
    async def load(self) -> None:
        """Show the invoice, and note once that the client saw it (R056)."""
        self._typed, self.choice = fields_of({}, FIELDS), "full"
        await self._read_again()
        if not self.problem:
            firm_id = await in_thread(
                client_invoices.view, portal_acting(), self._token(), now=clock.now()
            )
            if firm_id:
                await live.changed(firm_id)

    @rx.event
    @portal()
    async def typed(self, form: dict[str, Any]) -> None:
        """Let the button say what would be charged now."""
        self._typed = fields_of(form, FIELDS)
        self.choice = PART if self._typed["choice"] == PART else "full"
        await self._price()

    async def _read_again(self) -> None:
        frame = await self.get_state(Frame)
        try:
            viewer, self.invoice = await in_thread(
                readings.portal_invoice, portal_acting(), self._token(), now=clock.now()
            )
        except BillingError as refusal:
            self.invoice, self.charge = PortalInvoice(), Charge()
            self.problem = refusal.sentence
            await frame._read_missing()
            return
        self.problem = ""
        await frame._read(viewer)
        await self._price()

    async def _price(self) -> None:
        try:
            self.charge = await in_thread(
                readings.charge,
                *(portal_acting(), self._token(), self._typed["amount"]),
                is_part=self.choice == PART,
                now=clock.now(),
            )
        except BillingError as refusal:
            self.charge = Charge(problem=refusal.sentence)

    def _token(self) -> str:
        path = self.router.url.path.rstrip("/")
        return path.removeprefix(f"{PAY_PATH}/") if path.startswith(f"{PAY_PATH}/") else ""
