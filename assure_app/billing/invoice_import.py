"""Bringing a firm's clients and invoices over from a CSV file.

Either every line is good and all are written, or nothing is and every problem is told. A file read
twice adds nothing the second time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from assure_app.billing import invoices
from assure_app.billing.invoice_csv import ImportedInvoice, ImportRefused, read_invoices, text_of
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Principal, TeamRights
from assure_app.models.tables import client, contact, firm, firm_user, invoice

_LONGEST_SERIAL = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """How many invoices were added, and how many were there already."""

    added: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What must be the same when a file names an invoice that is there already."""

    client: str
    issued_on: date
    due_on: date
    amount_cents: int


def import_csv(path: Path, *, firm_name: str, now: datetime) -> ImportResult:
    """Import the file into the firm, whole or not at all.

    Raises ImportRefused with a sentence for every problem, NotFound for an unknown firm.
    """
    wanted = read_invoices(text_of(path))
    with unit_of_work() as connection:
        owner = _owner(connection, _lock_firm(connection, firm_name))
        known = _known_invoices(connection, owner.firm_id)
        _check_same(wanted, known)
        new = [each for each in wanted if each.number not in known]
        client_ids = _client_ids(connection, owner.firm_id, wanted, now)
        _add_contacts(connection, owner.firm_id, wanted, client_ids)
        for each in new:
            _create(connection, owner, each, client_ids[each.client], now)
        _raise_next_number(connection, owner.firm_id, new)
    return ImportResult(added=len(new), known=len(wanted) - len(new))


def _lock_firm(connection: Connection, firm_name: str) -> int:
    """The firm's id; a second import waits here and then sees what the first one added.

    The lock leaves room for rows that only refer to the firm, so that payments go on meanwhile.
    """
    ids = connection.execute(
        select(firm.c.id).where(firm.c.name == firm_name).with_for_update(key_share=True)
    ).scalars()
    match list(ids):
        case []:
            raise NotFound("firm")
        case [firm_id]:
            return int(firm_id)
    raise ImportRefused([f"Several firms are called “{firm_name}”. Give each its own name first."])


def _owner(connection: Connection, firm_id: int) -> Principal:
    row = connection.execute(
        select(firm_user)
        .where(firm_user.c.firm_id == firm_id, firm_user.c.is_owner)
        .order_by(firm_user.c.id)
    ).first()
    if row is None:
        raise NotFound("firm")
    return Principal(
        session_id=0,
        user_id=row.id,
        firm_id=row.firm_id,
        name=row.name,
        email=row.email,
        is_owner=True,
        is_admin=row.is_admin,
        is_stripe_admin=row.is_stripe_admin,
        rights=TeamRights(),
    )


def _known_invoices(connection: Connection, firm_id: int) -> dict[str, _Known]:
    rows = connection.execute(
        select(
            invoice.c.number,
            client.c.name,
            invoice.c.issued_on,
            invoice.c.due_on,
            invoice.c.total_cents,
        )
        .join(client, client.c.id == invoice.c.client_id)
        .where(invoice.c.firm_id == firm_id)
    )
    return {
        row.number: _Known(
            client=row.name,
            issued_on=row.issued_on,
            due_on=row.due_on,
            amount_cents=row.total_cents,
        )
        for row in rows
    }


def _check_same(wanted: list[ImportedInvoice], known: dict[str, _Known]) -> None:
    """A number that is there already must name the same invoice, or one of the two is wrong."""
    problems = []
    for each in wanted:
        differing = _differences(each, known[each.number]) if each.number in known else []
        if differing:
            what = " and ".join(f"another {name}" for name in differing)
            problems.append(f"Line {each.line}: {each.number} exists already with {what}.")
    if problems:
        raise ImportRefused(problems)


def _differences(wanted: ImportedInvoice, known: _Known) -> list[str]:
    is_same = {
        "client": wanted.client == known.client,
        "issued day": wanted.issued_on == known.issued_on,
        "due day": wanted.due_on == known.due_on,
        "amount": wanted.amount_cents == known.amount_cents,
    }
    return [name for name, same in is_same.items() if not same]


def _client_ids(
    connection: Connection, firm_id: int, wanted: list[ImportedInvoice], now: datetime
) -> dict[str, int]:
    """The id of each client by name, new ones added."""
    rows = connection.execute(select(client.c.name, client.c.id).where(client.c.firm_id == firm_id))
    ids: dict[str, int] = {row.name: row.id for row in rows}
    for each in wanted:
        if each.client not in ids:
            values = {"firm_id": firm_id, "name": each.client, "created_at": now}
            result = connection.execute(insert(client).values(values))
            (ids[each.client],) = result.inserted_primary_key or (0,)
    return ids


def _add_contacts(
    connection: Connection,
    firm_id: int,
    wanted: list[ImportedInvoice],
    client_ids: Mapping[str, int],
) -> None:
    """Add the contacts that their clients do not have yet, told apart by e-mail."""
    rows = connection.execute(
        select(contact.c.client_id, contact.c.email)
        .join(client, client.c.id == contact.c.client_id)
        .where(client.c.firm_id == firm_id)
    )
    known = {(row.client_id, row.email.lower()) for row in rows}
    for each in wanted:
        person = (client_ids[each.client], each.contact_email)
        if not each.contact_email or person in known:
            continue
        known.add(person)
        connection.execute(
            insert(contact).values(
                client_id=person[0],
                name=each.contact_name or each.client,
                email=each.contact_email,
            )
        )


def _create(
    connection: Connection, owner: Principal, each: ImportedInvoice, client_id: int, now: datetime
) -> None:
    line = invoices.Line(description=each.title or "Services", unit_price_cents=each.amount_cents)
    new = invoices.NewInvoice(
        client_id=client_id,
        number=each.number,
        title=each.title,
        issued_on=each.issued_on,
        due_on=each.due_on,
        lines=[line],
    )
    invoices.create_invoice(connection, owner, new, now=now)
    if each.is_sent:
        invoices.mark_sent(connection, owner, each.number, text="Imported as sent", now=now)


def _raise_next_number(connection: Connection, firm_id: int, new: list[ImportedInvoice]) -> None:
    """The firm's own numbers go on above the imported ones of the same form, and never go back."""
    prefix = connection.execute(
        select(firm.c.invoice_prefix).where(firm.c.id == firm_id)
    ).scalar_one()
    tails = [each.number.removeprefix(prefix) for each in new if each.number.startswith(prefix)]
    following = 1 + max((int(tail) for tail in tails if _is_serial(tail)), default=0)
    connection.execute(
        update(firm)
        .where(firm.c.id == firm_id, firm.c.next_invoice_number < following)
        .values(next_invoice_number=following)
    )


def _is_serial(tail: str) -> bool:
    return tail.isascii() and tail.isdigit() and len(tail) <= _LONGEST_SERIAL
