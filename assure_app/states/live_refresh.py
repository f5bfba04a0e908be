"""What a tab does when something of its firm changed elsewhere (R144)."""

from typing import Any

import reflex as rx

from assure_app.auth.guard import acting, signed_in
from assure_app.domain.permissions import Permission
from assure_app.states.bell import NotificationList
from assure_app.states.bulk_send import BulkSend
from assure_app.states.cancel_dialog import CancelDialog
from assure_app.states.engagement_list import EngagementList
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.invoice_editor import InvoiceEditor
from assure_app.states.mark_paid_dialog import MarkPaidDialog
from assure_app.states.payment_dialog import PaymentDialog
from assure_app.states.payouts import Payouts
from assure_app.states.reconciliation import Reconciliation
from assure_app.states.refund_dialog import RefundDialog
from assure_app.states.reports import AgingReport, PeriodReport
from assure_app.states.schedule_editor import ScheduleEditor
from assure_app.states.schedule_list import ScheduleList
from assure_app.states.settings.audit import AuditLog
from assure_app.states.settings.client_methods import ClientMethodsDialog
from assure_app.states.settings.contacts import Contacts
from assure_app.states.settings.firm import FirmPage
from assure_app.states.settings.jobs import JobsPage
from assure_app.states.settings.members import Members
from assure_app.states.settings.notifications import NotificationSettings
from assure_app.states.settings.profile import ProfilePage
from assure_app.states.settings.reminders import RemindersPage
from assure_app.states.settings.stripe import StripePage
from assure_app.states.settings.teams import Teams
from assure_app.states.shell import Shell

_DIALOGS: tuple[Any, ...] = (PaymentDialog, MarkPaidDialog, RefundDialog, CancelDialog)

# A page that shows something else than invoices reads itself again by `_read_again`.
_PAGES: dict[str, Any] = {
    "/recurring": ScheduleList,
    "/recurring/auto-pay": EngagementList,
    "/reconciliation": Reconciliation,
    "/payouts": Payouts,
    "/reports": AgingReport,
    "/reports/payments": PeriodReport,
    "/reports/fees": PeriodReport,
    "/notifications": NotificationList,
    "/settings/firm": FirmPage,
    "/settings/members": Members,
    "/settings/teams": Teams,
    "/settings/contacts": Contacts,
    "/settings/reminders": RemindersPage,
    "/settings/profile": ProfilePage,
    "/settings/notifications": NotificationSettings,
    "/settings/audit": AuditLog,
    "/settings/jobs": JobsPage,
    "/settings/stripe": StripePage,
}
# What stands beside it in a dialog.
_BESIDE: dict[str, tuple[Any, ...]] = {"/settings/contacts": (ClientMethodsDialog,)}
# What is being typed there stays, unless the guard had to forget it.
_EDITORS: dict[str, Any] = {
    "/invoices/new": InvoiceEditor,
    "/invoices/edit": InvoiceEditor,
    "/recurring/new": ScheduleEditor,
    "/recurring/edit": ScheduleEditor,
}


class LiveRefresh(rx.State):
    """Fired by the relay, never by a page; it passes the same guard as any click."""

    @rx.event
    @signed_in
    async def refresh(self) -> Any:
        """Read again what this tab shows; what is being typed stays as it is.

        The guard has looked the person up already: with a right lost, the tab holds nothing of what
        it gave when this begins.
        """
        await (await self.get_state(Shell))._read_frame()
        path = self.router.url.path.rstrip("/")
        if path in _PAGES:
            for each in (_PAGES[path], *_BESIDE.get(path, ())):
                await (await self.get_state(each))._read_again()
        elif path in _EDITORS:
            editor = _EDITORS[path]
            is_forgotten = not (await self.get_state(editor)).is_loaded
            return editor.load if is_forgotten else None
        elif acting().has(Permission.VIEW_BILLING):
            await self._read_invoices()
        return None

    async def _read_invoices(self) -> None:
        drawer = await self.get_state(InvoiceDrawer)
        await drawer._read_all()
        for each in _DIALOGS:
            dialog = await self.get_state(each)
            if dialog.start.form_token:
                await dialog._preview()
        await (await self.get_state(BulkSend))._follow()
