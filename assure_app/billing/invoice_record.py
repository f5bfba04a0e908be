"""One invoice as the services decide on it: found inside what a person may see, locked, updated."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    bindparam,
    select,
    update,
)

from assure_app.domain import invoice_status, ledger
from assure_app.domain.calendar import day_of
from assure_app.domain.errors import Busy, NotFound
from assure_app.domain.invoice_status import InvoiceFacts, Stage, Status
from assure_app.domain.ledger import LedgerRow
from assure_app.domain.permissions import Principal
from assure_app.models.tables import client, client_assignment, firm, invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRecord:
    """An invoice's stored facts, with its firm's name and time zone and its client's name."""

    id: int
    firm_id: int
    client_id: int
    engagement_id: int | None
    number: str
    title: str
    client: str
    firm: str
    timezone: str
    issued_on: date
    due_on: date
    total_cents: int
    settled_cents: int
    pending_cents: int
    balance_cents: int
    overpaid_cents: int
    written_off_cents: int
    is_autopay_failed: bool
    sent_at: datetime | None
    opened_at: datetime | None
    viewed_at: datetime | None
    cancelled_at: datetime | None
    pay_token: str
    version: int

    @property
    def facts(self) -> InvoiceFacts:
        """What status and tiles are decided from."""
        return facts_of(self, is_autopay_failed=self.is_autopay_failed)

    @property
    def stage(self) -> Stage:
        """Where it is, whatever the day."""
        return invoice_status.stage(self.facts)

    def today(self, now: datetime) -> date:
        """The firm's calendar day at this moment (R074)."""
        return day_of(now, self.timezone)

    def status(self, now: datetime) -> Status:
        """The badge at this moment, by the firm's calendar."""
        return invoice_status.status(self.facts, self.today(now))

    def with_rows(self, rows: Sequence[LedgerRow], *, now: datetime) -> "InvoiceRecord":
        """The invoice as these rows make it; left with nothing settled it is open anew (A3)."""
        figures = ledger.figures(self.total_cents, rows)
        is_reopened = self.settled_cents > 0 and figures.settled_cents <= 0
        return replace(
            self,
            settled_cents=figures.settled_cents,
            pending_cents=figures.pending_cents,
            balance_cents=figures.balance_cents,
            overpaid_cents=figures.overpaid_cents,
            is_autopay_failed=self.is_autopay_failed and figures.balance_cents > 0,
            opened_at=now if is_reopened and self.opened_at else self.opened_at,
        )


def facts_of(kept: Any, *, is_autopay_failed: bool = False) -> InvoiceFacts:
    """What status and tiles are decided from: of a record, or of a row with its columns."""
    return InvoiceFacts(
        total_cents=kept.total_cents,
        settled_cents=kept.settled_cents,
        balance_cents=kept.balance_cents,
        due_date=kept.due_on,
        opened_at=kept.opened_at,
        viewed_at=kept.viewed_at,
        cancelled_at=kept.cancelled_at,
        is_autopay_failed=is_autopay_failed,
    )


_OTHER_TABLES = {
    "client": client.c.name.label("client"),
    "firm": firm.c.name.label("firm"),
    "timezone": firm.c.timezone,
}
_SELECT = select(
    *(
        _OTHER_TABLES[field.name] if field.name in _OTHER_TABLES else invoice.c[field.name]
        for field in fields(InvoiceRecord)
    )
).select_from(
    invoice.join(client, client.c.id == invoice.c.client_id).join(
        firm, firm.c.id == invoice.c.firm_id
    )
)


_DESCRIPTION = {
    "client_id": "client_id",
    "client_name": "client",
    "engagement_id": "engagement_id",
    "number": "number",
    "title": "title",
    "issued_on": "issued_on",
    "due_on": "due_on",
    "total_cents": "total_cents",
}

# Built once: building a statement takes longer than running it.
_BY_ID = _SELECT.where(invoice.c.id == bindparam("known"))
_OF_FIRM = _SELECT.where(
    invoice.c.id == bindparam("known"), invoice.c.firm_id == bindparam("firm_id")
).with_for_update(of=invoice)
_OF_CLIENT = _SELECT.where(
    invoice.c.pay_token == bindparam("pay_token"),
    invoice.c.firm_id == bindparam("firm_id"),
    invoice.c.client_id == bindparam("client_id"),
    invoice.c.sent_at.is_not(None),
).with_for_update(of=invoice)
_UPDATE = update(invoice).where(
    invoice.c.id == bindparam("known_id"), invoice.c.version == bindparam("known_version")
)


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """The condition that keeps a query to the invoices a person may see (R136, R139)."""
    return _visible(
        principal.firm_id, principal.user_id, sees_all_clients=principal.sees_all_clients
    )


def visible(*, sees_all_clients: bool) -> ColumnElement[bool]:
    """The same for a statement that is built once, over the parameters firm_id and user_id."""
    return _visible(bindparam("firm_id"), bindparam("user_id"), sees_all_clients=sees_all_clients)


def is_assigned() -> ColumnElement[bool]:
    """That it is of a client assigned to the parameter user_id, whichever firm it is of."""
    return _is_assigned(bindparam("user_id"))


def find(connection: Connection, principal: Principal, number: object) -> InvoiceRecord:
    """The invoice with this number, as it stands; NotFound unless the person may see it."""
    return _by_number(connection, principal, number, is_locking=False)


def find_and_lock(connection: Connection, principal: Principal, number: object) -> InvoiceRecord:
    """The same, and nobody else changes it before this transaction ends.

    SQLite has no row locks: there the unit of work already holds the one write lock.
    """
    return _by_number(connection, principal, number, is_locking=True)


def find_by_id(connection: Connection, principal: Principal, invoice_id: int) -> InvoiceRecord:
    """The invoice with this id, for a caller that came to it through one of its rows."""
    return _one(connection, principal, "id", invoice_id, is_locking=False)


def lock_by_id(connection: Connection, principal: Principal, invoice_id: int) -> InvoiceRecord:
    """The same, locked."""
    return _one(connection, principal, "id", invoice_id, is_locking=True)


def by_id(connection: Connection, invoice_id: int) -> InvoiceRecord:
    """The invoice with this id, as it stands, for whoever was let in before."""
    return _record(connection.execute(_BY_ID, {"known": invoice_id}).mappings().first())


def lock_of_firm(connection: Connection, *, firm_id: int, invoice_id: int) -> InvoiceRecord:
    """An invoice of the firm, locked, for what no person asked for: Stripe's own news."""
    known = {"known": invoice_id, "firm_id": firm_id}
    return _record(connection.execute(_OF_FIRM, known).mappings().first())


def lock_of_client(
    connection: Connection, *, firm_id: int, client_id: int, pay_token: str
) -> InvoiceRecord:
    """The client's invoice with this link, locked, for a person in the portal; no draft (R054)."""
    known = {"pay_token": pay_token, "firm_id": firm_id, "client_id": client_id}
    return _record(connection.execute(_OF_CLIENT, known).mappings().first())


def save(connection: Connection, before: InvoiceRecord, after: InvoiceRecord) -> None:
    """Write what changed; Busy when somebody else wrote in between.

    The figures always; what an edit alone changes only where it differs, so that a payment never
    writes a client's name back that was changed beside it. Once it is not overdue any more, being
    overdue will be news again (R076).
    """
    stage = after.stage
    is_due_anew = stage is not Stage.OPEN or after.due_on != before.due_on
    described = {
        column: getattr(after, field)
        for column, field in _DESCRIPTION.items()
        if getattr(after, field) != getattr(before, field)
    }
    written = connection.execute(
        _UPDATE,
        {
            "known_id": before.id,
            "known_version": before.version,
            "settled_cents": after.settled_cents,
            "pending_cents": after.pending_cents,
            "balance_cents": after.balance_cents,
            "overpaid_cents": after.overpaid_cents,
            "written_off_cents": after.written_off_cents,
            "is_autopay_failed": after.is_autopay_failed,
            "sent_at": after.sent_at,
            "opened_at": after.opened_at,
            "viewed_at": after.viewed_at,
            "cancelled_at": after.cancelled_at,
            "stage": stage.value,
            "version": before.version + 1,
        }
        | described
        | ({"overdue_noted_at": None} if is_due_anew else {}),
    )
    if written.rowcount != 1:
        raise Busy


def _by_number(
    connection: Connection, principal: Principal, number: object, *, is_locking: bool
) -> InvoiceRecord:
    if not _is_storable(number):
        raise NotFound("invoice")
    return _one(connection, principal, "number", number, is_locking=is_locking)


def _is_storable(number: object) -> bool:
    # PostgreSQL refuses a NUL in text, and a browser may send anything at all.
    return isinstance(number, str) and len(number) <= 32 and number.isprintable()


def _one(
    connection: Connection, principal: Principal, column: str, value: object, *, is_locking: bool
) -> InvoiceRecord:
    query = _query(column, sees_all_clients=principal.sees_all_clients, is_locking=is_locking)
    known = {"known": value, "firm_id": principal.firm_id, "user_id": principal.user_id}
    return _record(connection.execute(query, known).mappings().first())


def _record(row: RowMapping | None) -> InvoiceRecord:
    if row is None:
        raise NotFound("invoice")
    return InvoiceRecord(**row)


@cache
def _query(column: str, *, sees_all_clients: bool, is_locking: bool) -> Select[tuple[object, ...]]:
    query = _SELECT.where(
        invoice.c[column] == bindparam("known"), visible(sees_all_clients=sees_all_clients)
    )
    return query.with_for_update(of=invoice) if is_locking else query


def _visible(
    firm_id: int | BindParameter[int],
    user_id: int | BindParameter[int],
    *,
    sees_all_clients: bool,
) -> ColumnElement[bool]:
    own_firm = invoice.c.firm_id == firm_id
    return own_firm if sees_all_clients else own_firm & _is_assigned(user_id)


def _is_assigned(user_id: int | BindParameter[int]) -> ColumnElement[bool]:
    assigned = select(client_assignment.c.client_id).where(client_assignment.c.user_id == user_id)
    return invoice.c.client_id.in_(assigned)
