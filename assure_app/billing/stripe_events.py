"""The inbox of what Stripe tells: kept as it came, before anything is made of it (R058, R060)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import BillingError
from assure_app.models.online import EventState
from assure_app.models.tables import stripe_account, stripe_event
from assure_app.stripe_gateway.records import Event


class ForeignAccount(BillingError):
    """An event of an account that no firm here has: nothing of it is kept."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        super().__init__("No firm here has this Stripe account.")


class Receipt(StrEnum):
    """What became of an event at the door."""

    NEW = "new"
    REPEATED = "repeated"


def receive(event: Event, *, now: datetime) -> Receipt:
    """Take a verified event into the inbox, once however often it comes (R058).

    Once this returns, it is there for good. Raises ForeignAccount for the account of no firm here,
    and then writes nothing; Busy, Unavailable or OutcomeUnknown for the database's silence.
    """
    account_id = event.account_id or ""
    values = {
        "event_id": event.id,
        "account_id": account_id,
        "type": event.type,
        "object_id": event.object_id,
        "object_kind": event.object_kind,
        "created_at": event.created_at,
        "received_at": now,
        "state": EventState.WAITING.value,
        "attempts": 0,
        "due_at": now,
        "error": "",
    }
    owner = select(stripe_account.c.firm_id).where(stripe_account.c.account_id == account_id)
    with unit_of_work() as connection:
        if connection.scalar(owner) is None:
            raise ForeignAccount(account_id)
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(stripe_event).values(values).on_conflict_do_nothing()
        # PostgreSQL's driver counts no rows here, but tells which were written.
        written = connection.execute(insert.returning(stripe_event.c.id)).first()
    return Receipt.REPEATED if written is None else Receipt.NEW
