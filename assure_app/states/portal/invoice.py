"""The portal's page of one invoice: what it says, and paying it (R039–R056)."""

import secrets
from typing import Any

import reflex as rx

from assure_app import clock, live
from assure_app.auth.portal_guard import PAY_PATH, portal, portal_acting
from assure_app.billing import checkout_results, client_invoices, online_payments
from assure_app.billing.checkout_results import CheckoutResult, PageOutcome
from assure_app.billing.online_payments import StartedCheckout
from assure_app.billing.reading import portal_invoice as readings
from assure_app.billing.reading.backfill import backfill_card
from assure_app.billing.reading.portal_rows import Charge, PortalInvoice
from assure_app.domain.errors import BillingError
from assure_app.states import browser
from assure_app.states.dialog import Shown, fields_of
from assure_app.states.hop import in_stripe_thread, in_stripe_thread_until_known, in_thread
from assure_app.states.portal.frame import Frame
from assure_app.states.untrusted import text_of

FORM = "pay"
FIELDS = ("choice", "amount", "shown", "save")
PART = "part"
_CHANGED = "The amount was changed. Look at the button, then press it again."
_ASKING = "One moment: Stripe is being asked about your payment."
_UNSETTLED = frozenset(
    outcome.value for outcome in (PageOutcome.OPEN, PageOutcome.PENDING, PageOutcome.UNKNOWN)
)


class InvoicePage(rx.State):
    """The invoice behind the address of this tab, as this person sees it.

    `news` is what became of the payment they come back from, `outcome` its kind. `backfill` is the
    question about past invoices that waits on the first page, "" for none.
    """

    invoice: PortalInvoice = PortalInvoice()
    charge: Charge = Charge()
    choice: str = "full"
    problem: str = ""
    pay_problem: str = ""
    news: str = ""
    outcome: str = ""
    backfill: str = ""
    _typed: dict[str, str] = fields_of({}, FIELDS)
    _form: tuple[str, str] = ("", "")

    @rx.event
    @portal()
    async def load(self) -> Shown:
        """Show the invoice, note once that the client saw it, and say what they come back from."""
        self._start_anew()
        await self._read_page()
        yield
        if not self.problem:
            await self._note_view()
            await self._ask_what_came()

    @rx.event
    @portal()
    async def typed(self, form: dict[str, Any]) -> None:
        """Let the button say what would be charged now."""
        self._take(form)
        await self._price()

    @rx.event
    @portal(pays=True)
    async def pay(self, form: dict[str, Any]) -> Any:
        """Go to Stripe's page for the amount on the button, or say why not (R051)."""
        self._take(form)
        await self._price()
        if self._typed["shown"] != self.charge.amount or not self.charge.amount:
            self.pay_problem = self.charge.problem or _CHANGED
            return browser.refused(FORM)
        try:
            started = await self._checkout()
        except BillingError as refusal:
            self._form = self._form if refusal.retryable else ("", "")
            self.pay_problem = refusal.sentence
            return browser.refused(FORM)
        return await self._leave(started)

    async def _checkout(self) -> StartedCheckout:
        payer = await in_thread(client_invoices.payer_of, portal_acting(), self._token())
        amount = self._typed["amount"] if self.choice == PART else self.invoice.first
        saves = self._typed["save"] == "yes"
        # Another amount is another form: under one token only one thing can ever be asked.
        if self._form[1] != (asked := f"{amount} {saves}"):
            self._form = secrets.token_urlsafe(24), asked
        return await in_stripe_thread_until_known(
            online_payments.start_checkout,
            *(payer, self._token(), amount),
            form_token=self._form[0],
            saves_method=saves,
            now=clock.now(),
        )

    async def _leave(self, started: StartedCheckout) -> Any:
        await live.changed(started.firm_id)
        return rx.redirect(started.url)

    async def _note_view(self) -> None:
        firm_id = await in_thread(
            client_invoices.view, portal_acting(), self._token(), now=clock.now()
        )
        if firm_id:
            await live.changed(firm_id)

    async def _ask_what_came(self) -> None:
        """What became of the payment that the address names, if it names one."""
        page = text_of(self.router.url.query_parameters.get("checkout"))
        if not page:
            return
        try:
            payer = await in_thread(client_invoices.payer_of, portal_acting(), self._token())
            result: CheckoutResult = await in_stripe_thread(
                checkout_results.return_from_checkout,
                *(payer, self._token(), page),
                now=clock.now(),
            )
        except BillingError:
            self.news = self.outcome = ""
            return
        is_news = result.outcome.value != self.outcome
        self.news, self.outcome = result.sentence, result.outcome.value
        await self._read_page()
        if is_news:
            await live.changed(result.firm_id)

    async def _read_again(self) -> None:
        """The page once more; a payment that was under way may have arrived meanwhile."""
        await self._read_page()
        if self.outcome in _UNSETTLED:
            await self._ask_what_came()

    async def _read_page(self) -> None:
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
        card, _agreed = await in_thread(backfill_card, viewer, now=clock.now())
        self.backfill = card.question
        await self._price()

    async def _price(self) -> None:
        self.pay_problem = ""
        try:
            self.charge = await in_thread(
                readings.charge,
                *(portal_acting(), self._token(), self._typed["amount"]),
                is_part=self.choice == PART,
                now=clock.now(),
            )
        except BillingError as refusal:
            self.charge = Charge(problem=refusal.sentence)

    def _start_anew(self) -> None:
        self._typed, self.choice, self._form = fields_of({}, FIELDS), "full", ("", "")
        is_back = bool(self.router.url.query_parameters.get("checkout"))
        self.news, self.outcome = (_ASKING, "asking") if is_back else ("", "")

    def _take(self, form: object) -> None:
        self._typed = fields_of(form, FIELDS)
        self.choice = PART if self._typed["choice"] == PART else "full"

    def _token(self) -> str:
        path = self.router.url.path.rstrip("/")
        return path.removeprefix(f"{PAY_PATH}/") if path.startswith(f"{PAY_PATH}/") else ""
