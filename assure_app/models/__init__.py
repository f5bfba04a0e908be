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
from assure_app.models.client import Client, ClientAssignment, Contact, Engagement  # noqa: E402
from assure_app.models.firm import Firm, FirmUser, Team, TeamMember  # noqa: E402
from assure_app.models.invoice import Invoice, InvoiceLine  # noqa: E402
from assure_app.models.payment import Payment  # noqa: E402
from assure_app.models.session import SignInAttempt, UserSession  # noqa: E402

__all__ = [
    "Activity",
    "AuditEntry",
    "Client",
    "ClientAssignment",
    "Contact",
    "Engagement",
    "Firm",
    "FirmUser",
    "Invoice",
    "InvoiceLine",
    "Payment",
    "SignInAttempt",
    "Team",
    "TeamMember",
    "UserSession",
]
