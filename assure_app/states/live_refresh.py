"""What a tab does when something of its firm changed elsewhere (R144)."""

from typing import Any

import reflex as rx

from assure_app.auth.guard import acting, signed_in
from assure_app.domain.permissions import Permission
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.payment_dialog import PaymentDialog
from assure_app.states.refund_dialog import RefundDialog
from assure_app.states.shell import Shell


class LiveRefresh(rx.State):
    """Fired by the relay, never by a page; it passes the same guard as any click."""

    @rx.event
    @signed_in
    async def refresh(self) -> Any:
        """Read again what this tab shows; what is being typed in a dialog stays as it is."""
        if not acting().has(Permission.VIEW_BILLING):
            return Shell.load
        drawer = await self.get_state(InvoiceDrawer)
        await drawer._read_all()
        payment = await self.get_state(PaymentDialog)
        if payment.start.form_token:
            await payment._preview()
        refund = await self.get_state(RefundDialog)
        if refund.start.form_token:
            await refund._preview()
        return None
