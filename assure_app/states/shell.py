"""The frame around every firm page: the firm, the person, and whether money is real here."""

from typing import Any

import reflex as rx

from assure_app import live
from assure_app.auth.guard import acting, signed_in
from assure_app.billing.reading.desk import Desk, desk
from assure_app.settings import get_settings
from assure_app.states.autopay_dialog import AutopayDialog
from assure_app.states.bell import Bell, NotificationList
from assure_app.states.bulk_send import BulkSend
from assure_app.states.cancel_dialog import CancelDialog
from assure_app.states.engagement_list import EngagementList
from assure_app.states.hop import in_thread
from assure_app.states.import_page import ImportPage
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.invoice_editor import InvoiceEditor
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.mark_paid_dialog import MarkPaidDialog
from assure_app.states.payment_dialog import PaymentDialog
from assure_app.states.payouts import Payouts
from assure_app.states.reconciliation import AsideDialog, Reconciliation
from assure_app.states.refund_dialog import RefundDialog
from assure_app.states.remind_dialog import RemindDialog
from assure_app.states.reports import AgingReport, PeriodReport
from assure_app.states.schedule_change import ScheduleChange
from assure_app.states.schedule_editor import ScheduleEditor
from assure_app.states.schedule_list import ScheduleList
from assure_app.states.send_dialog import SendDialog
from assure_app.states.settings.client_methods import ClientMethodsDialog
from assure_app.states.settings.contact_dialog import ContactDialog
from assure_app.states.settings.contacts import Contacts, ContactSwitch
from assure_app.states.settings.jobs import JobsPage
from assure_app.states.settings.reminders import RemindersPage
from assure_app.states.why_dialog import WhyDialog

_WITH_MONEY = (
    InvoiceList,
    InvoiceDrawer,
    PaymentDialog,
    MarkPaidDialog,
    RemindDialog,
    AutopayDialog,
    RefundDialog,
    CancelDialog,
    InvoiceEditor,
    BulkSend,
    WhyDialog,
    SendDialog,
    ImportPage,
    Bell,
    NotificationList,
    Contacts,
    ContactDialog,
    ContactSwitch,
    JobsPage,
    RemindersPage,
    AgingReport,
    PeriodReport,
    Reconciliation,
    AsideDialog,
    Payouts,
    ClientMethodsDialog,
    ScheduleList,
    EngagementList,
    ScheduleChange,
    ScheduleEditor,
)


class Shell(rx.State):
    """Whose desk this tab shows."""

    desk: Desk = Desk()
    is_sandbox: bool = False
    mailbox_url: str = ""

    @rx.event
    @signed_in
    async def load(self) -> Any:
        """Read the frame, then the list for who may see it."""
        await self._read_frame()
        return [InvoiceDrawer.load, SendDialog.open_if_asked] if self.desk.views_billing else None

    @rx.event
    @signed_in
    async def load_frame(self) -> None:
        """Read the frame of a page that has no list."""
        await self._read_frame()

    async def _read_frame(self) -> None:
        """Read whose desk this is, and listen for changes of the firm."""
        principal = acting()
        self.desk = await in_thread(desk, principal)
        settings = get_settings()
        self.is_sandbox, self.mailbox_url = settings.is_sandbox, settings.mailbox_url
        if not self.desk.views_billing:
            await self._forget_billing()
        await (await self.get_state(Bell))._look()
        live.watch(self.router.session.client_token, principal.firm_id, self.desk.timezone)

    async def _forget_billing(self) -> None:
        """Keep no amount in a tab whose person may not see any, or not any more (R137)."""
        for state in _WITH_MONEY:
            (await self.get_state(state)).reset()
