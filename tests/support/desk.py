"""A firm at work: someone who may record, an invoice to record on, and the rows to look at."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.permissions import Principal, TeamRights
from assure_app.models.tables import activity, audit_entry, firm_user, invoice, payment
from tests.factories import MOMENT, make_client, make_firm, make_invoice, make_user


@dataclass(frozen=True, slots=True)
class Desk:
    """The firm's desk at 11:00 on 22 May 2026 in New York."""

    jane: Principal
    client_id: int
    now: datetime

    def invoice(self, **overrides: Any) -> str:
        """A sent invoice over $1,000.00, due 31 May; returns its number."""
        with unit_of_work() as connection:
            invoice_id = make_invoice(connection, self.client_id, **overrides)
            return str(
                connection.scalar(select(invoice.c.number).where(invoice.c.id == invoice_id))
            )

    def stored(self, number: str) -> dict[str, Any]:
        """The invoice's columns."""
        with reading() as connection:
            row = connection.execute(select(invoice).where(invoice.c.number == number))
            return dict(row.mappings().one())

    def rows(self) -> list[dict[str, Any]]:
        """Every ledger row, oldest first."""
        with reading() as connection:
            return [
                dict(row)
                for row in connection.execute(select(payment).order_by(payment.c.id)).mappings()
            ]

    def timeline(self) -> list[tuple[str, str]]:
        """What happened and by whom, oldest first."""
        with reading() as connection:
            entries = select(activity.c.text, activity.c.actor).order_by(activity.c.id)
            return [(row.text, row.actor) for row in connection.execute(entries)]

    def audit(self) -> list[str]:
        """The firm's audit log, oldest first."""
        with reading() as connection:
            return list(connection.scalars(select(audit_entry.c.text).order_by(audit_entry.c.id)))

    def email_of_jane(self) -> str:
        """Where the owner's letters go."""
        wanted = select(firm_user.c.email).where(firm_user.c.id == self.jane.user_id)
        with reading() as connection:
            return str(connection.scalar(wanted))

    def someone(self, **rights: bool) -> Principal:
        """Another user of the same firm, neither owner nor admin, with these team rights."""
        with unit_of_work() as connection:
            user_id = make_user(connection, self.jane.firm_id, name="Sarah Kim")
        return replace(
            self.jane,
            user_id=user_id,
            name="Sarah Kim",
            is_owner=False,
            rights=TeamRights(**rights),
        )

    def stranger(self) -> Principal:
        """The owner of another firm."""
        with unit_of_work() as connection:
            firm_id = make_firm(connection, name="Northside CPA")
            user_id = make_user(connection, firm_id, name="Olga Petrova", is_owner=True)
        return replace(self.jane, firm_id=firm_id, user_id=user_id, name="Olga Petrova")


def open_desk() -> Desk:
    """A firm with an owner and a client, in the database behind the engine."""
    with unit_of_work() as connection:
        firm_id = make_firm(connection)
        user_id = make_user(connection, firm_id, name="Jane Chen", is_owner=True)
        client_id = make_client(connection, firm_id, name="Patel Family")
    jane = Principal(
        session_id=0,
        user_id=user_id,
        firm_id=firm_id,
        name="Jane Chen",
        email="jane@chenadvisory.example",
        is_owner=True,
        is_admin=False,
        is_stripe_admin=True,
        rights=TeamRights(),
    )
    return Desk(jane, client_id, MOMENT)
