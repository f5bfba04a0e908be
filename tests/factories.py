"""Rows for tests, written with plain Core inserts; every default can be overridden by column name.

Each returns the new row's id. Invoices, payments and activity are left consistent with each other,
as the product itself leaves them, so that `verify` finds nothing.
"""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy import Connection, Select, select, update
from sqlmodel import SQLModel

from assure_app.billing import activity, search_keys
from assure_app.billing.ledger_rows import of_invoice
from assure_app.domain.invoice_status import InvoiceFacts, stage
from assure_app.domain.ledger import figures, status_by_refunds
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models import (
    AuditEntry,
    Client,
    Firm,
    FirmUser,
    Invoice,
    InvoiceLine,
    Payment,
    tables,
)

MOMENT = datetime(2026, 5, 22, 15, 0, tzinfo=UTC)
"""When everything happens that is not told otherwise: 22 May 2026, 11:00 in New York."""

_serial = count(1)


def insert(connection: Connection, model: type[SQLModel], **values: Any) -> int:
    """Insert one row, with the model's defaults for what is not given."""
    fields = model.model_fields
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in fields.items()
        if name != "id" and not field.is_required()
    }
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    for name in [each.name for each in table.c if each.computed is not None]:
        del defaults[name]
    result = connection.execute(table.insert().values(defaults | values))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def make_firm(connection: Connection, **overrides: Any) -> int:
    """A firm in New York."""
    values = {"name": "Chen Advisory", "timezone": "America/New_York", "created_at": MOMENT}
    return insert(connection, Firm, **values | overrides)


def make_user(connection: Connection, firm_id: int, **overrides: Any) -> int:
    """A user of the firm without any right, and without a password anyone knows."""
    values = {
        "firm_id": firm_id,
        "name": "Jane Chen",
        "email": f"user{next(_serial)}@chenadvisory.example",
        "password_hash": "!",
        "created_at": MOMENT,
    }
    return insert(connection, FirmUser, **values | overrides)


def make_client(connection: Connection, firm_id: int, **overrides: Any) -> int:
    """A client of the firm."""
    values = {"firm_id": firm_id, "name": f"Client {next(_serial)}", "created_at": MOMENT}
    return insert(connection, Client, **values | overrides)


def make_invoice(
    connection: Connection, client_id: int, *, draft: bool = False, **overrides: Any
) -> int:
    """An invoice over $1,000.00 with one line, sent unless it is a draft."""
    sent_at = None if draft else MOMENT
    client = connection.execute(select(tables.client).where(tables.client.c.id == client_id)).one()
    values = {
        "firm_id": client.firm_id,
        "client_id": client_id,
        "client_name": client.name,
        "number": f"INV-{9000 + next(_serial)}",
        "issued_on": date(2026, 5, 1),
        "due_on": date(2026, 5, 31),
        "total_cents": 100_000,
        "created_at": MOMENT,
        "sent_at": sent_at,
        "opened_at": sent_at,
    } | overrides
    values = {"balance_cents": values["total_cents"], "stage": _stage(values)} | values
    invoice_id = insert(connection, Invoice, **values)
    search_keys.add(
        connection, firm_id=values["firm_id"], invoice_id=invoice_id, text=values["number"]
    )
    total = values["total_cents"]
    insert(
        connection,
        InvoiceLine,
        invoice_id=invoice_id,
        position=1,
        description="Tax return",
        unit_price_cents=total,
        amount_cents=total,
    )
    return invoice_id


def make_payment(connection: Connection, invoice_id: int, **overrides: Any) -> int:
    """A ledger row with its activity entry: a completed check over $100.00; the invoice follows.

    `reverses_id` makes it a refund of that payment, also over $100.00.
    """
    is_reversal = overrides.get("reverses_id") is not None
    is_settled = overrides.get("status", "Completed") not in {"Pending", "Failed"}
    invoice = connection.execute(_invoice(invoice_id)).one()
    values = {
        "firm_id": invoice.firm_id,
        "client_id": invoice.client_id,
        "invoice_id": invoice_id,
        "kind": "refund" if is_reversal else "payment",
        "source": "manual",
        "method": "Check",
        "amount_cents": -10_000 if is_reversal else 10_000,
        "status": "Completed",
        "reason": "Other" if is_reversal and overrides.get("kind", "refund") == "refund" else "",
        "paid_by": "Jane Chen",
        "created_at": MOMENT,
        "completed_at": MOMENT if is_settled else None,
    } | overrides
    payment_id = insert(connection, Payment, **values)
    search_keys.add(
        connection,
        firm_id=values["firm_id"],
        invoice_id=invoice_id,
        text=values.get("reference", ""),
    )
    activity.append(
        connection,
        firm_id=values["firm_id"],
        invoice_id=invoice_id,
        at=values["created_at"],
        text=f"{values['kind']} of {values['amount_cents']} cents",
        actor=values["paid_by"],
        payment_id=payment_id,
    )
    project(connection, invoice_id)
    return payment_id


def make_audit_entry(connection: Connection, firm_id: int, **overrides: Any) -> int:
    """An entry of the firm's audit log."""
    values = {"firm_id": firm_id, "at": MOMENT, "text": "Signed in"}
    return insert(connection, AuditEntry, **values | overrides)


def project(connection: Connection, invoice_id: int) -> None:
    """Bring the invoice's figures and stage, and its payments' statuses, up to its rows."""
    rows = of_invoice(connection, invoice_id)
    for row in rows:
        if row.kind is Kind.PAYMENT and row.status in {RowStatus.COMPLETED, RowStatus.REFUNDED}:
            status = status_by_refunds(row, rows).value
            connection.execute(
                update(tables.payment).where(tables.payment.c.id == row.id).values(status=status)
            )
    invoice = connection.execute(_invoice(invoice_id)).mappings().one()
    now = figures(invoice["total_cents"], of_invoice(connection, invoice_id))
    columns = {
        "balance_cents": now.balance_cents,
        "settled_cents": now.settled_cents,
        "pending_cents": now.pending_cents,
        "overpaid_cents": now.overpaid_cents,
    }
    stage_now = _stage(dict(invoice) | columns)
    connection.execute(
        update(tables.invoice)
        .where(tables.invoice.c.id == invoice_id)
        .values(columns | {"stage": stage_now})
    )


def _stage(invoice: dict[str, Any]) -> str:
    facts = InvoiceFacts(
        total_cents=invoice["total_cents"],
        settled_cents=invoice.get("settled_cents", 0),
        balance_cents=invoice.get("balance_cents", invoice["total_cents"]),
        due_date=invoice["due_on"],
        opened_at=invoice.get("opened_at"),
        cancelled_at=invoice.get("cancelled_at"),
    )
    return stage(facts).value


def _invoice(invoice_id: int) -> Select[Any]:
    return select(tables.invoice).where(tables.invoice.c.id == invoice_id)
