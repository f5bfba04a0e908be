"""What a tab does when something of its firm changed elsewhere (R144)."""

from typing import Any

import reflex as rx

from assure_app.auth.guard import acting, signed_in
from assure_app.domain.permissions import Permission
from assure_app.states.bulk_send import BulkSend
from assure_app.states.cancel_dialog import CancelDialog
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.mark_paid_dialog import MarkPaidDialog
from assure_app.states.payment_dialog import PaymentDialog
from assure_app.states.refund_dialog import RefundDialog
from assure_app.states.shell import Shell

_DIALOGS: tuple[Any, ...] = (PaymentDialog, MarkPaidDialog, RefundDialog, CancelDialog)


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
        for each in _DIALOGS:
            dialog = await self.get_state(each)
            if dialog.start.form_token:
                await dialog._preview()
        await (await self.get_state(BulkSend))._follow()
        return None
