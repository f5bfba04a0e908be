"""The tables, one family a file. Importing this package registers all of them."""

from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

from assure_app.models.activity import Activity, AuditEntry  # noqa: E402  names before tables
from assure_app.models.autopay import Autopay  # noqa: E402
from assure_app.models.backfill import BackfillItem, BackfillOffer  # noqa: E402
from assure_app.models.client import Client, ClientAssignment, Contact, Engagement  # noqa: E402
from assure_app.models.dispute import Dispute, DisputeRow  # noqa: E402
from assure_app.models.firm import (  # noqa: E402
    Firm,
    FirmUser,
    Invitation,
    Team,
    TeamMember,
)
from assure_app.models.import_file import ImportFile  # noqa: E402
from assure_app.models.invoice import (  # noqa: E402
    Invoice,
    InvoiceLine,
    InvoiceTally,
    SearchKey,
)
from assure_app.models.job import Job, PeriodicWork  # noqa: E402
from assure_app.models.notification import Notification, NotificationSetting  # noqa: E402
from assure_app.models.online import (  # noqa: E402
    AccountRequest,
    Checkout,
    StripeAccount,
    StripeEvent,
    StripeException,
)
from assure_app.models.outbox import MailMessage  # noqa: E402
from assure_app.models.payment import Payment  # noqa: E402
from assure_app.models.payment_method import (  # noqa: E402
    MethodPage,
    PaymentMethod,
    StripeCustomer,
)
from assure_app.models.portal import LoginCode, PortalSession  # noqa: E402
from assure_app.models.reconciliation import (  # noqa: E402
    PayoutPart,
    ReconciliationDifference,
    ReconciliationRun,
    StripePayout,
)
from assure_app.models.refund_request import RefundRequest  # noqa: E402
from assure_app.models.reminder import Reminder, ReminderPlan, ReminderReader  # noqa: E402
from assure_app.models.schedule import Schedule, ScheduleEntry, ScheduleLine  # noqa: E402
from assure_app.models.session import SignInAttempt, UserSession  # noqa: E402
from assure_app.models.stripe_refund import StripeRefund  # noqa: E402

__all__ = [
    "AccountRequest",
    "Activity",
    "AuditEntry",
    "Autopay",
    "BackfillItem",
    "BackfillOffer",
    "Checkout",
    "Client",
    "ClientAssignment",
    "Contact",
    "Dispute",
    "DisputeRow",
    "Engagement",
    "Firm",
    "FirmUser",
    "ImportFile",
    "Invitation",
    "Invoice",
    "InvoiceLine",
    "InvoiceTally",
    "Job",
    "LoginCode",
    "MailMessage",
    "MethodPage",
    "Notification",
    "NotificationSetting",
    "Payment",
    "PaymentMethod",
    "PayoutPart",
    "PeriodicWork",
    "PortalSession",
    "ReconciliationDifference",
    "ReconciliationRun",
    "RefundRequest",
    "Reminder",
    "ReminderPlan",
    "ReminderReader",
    "Schedule",
    "ScheduleEntry",
    "ScheduleLine",
    "SearchKey",
    "SignInAttempt",
    "StripeAccount",
    "StripeCustomer",
    "StripeEvent",
    "StripeException",
    "StripePayout",
    "StripeRefund",
    "Team",
    "TeamMember",
    "UserSession",
]
