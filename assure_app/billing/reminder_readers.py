"""Who of a client's people gets reminders, and the link by which one of them stops theirs.

It stops reminders alone: invoices, receipts and news of a payment that failed come in any case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    Select,
    and_,
    bindparam,
    insert,
    select,
    update,
)

from assure_app.billing import audit
from assure_app.billing.send_form import MOST_ADDRESSES
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.email_address import is_address
from assure_app.domain.errors import NotFound
from assure_app.domain.portal_access import PortalRole
from assure_app.models.reminder import new_reminder_token
from assure_app.models.tables import client, contact, firm, reminder_reader
from assure_app.settings import get_settings

PATH = "/reminders"
_PAYERS = [role.value for role in PortalRole if role.may_pay]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A contact to whom reminders may go; `token` is "" before the first one."""

    contact_id: int
    name: str
    email: str
    reader_id: int = 0
    token: str = ""

    @property
    def stop_link(self) -> str:
        """The address of the page, and of the one click, that ends reminders."""
        return f"{get_settings().public_url}{PATH}/{self.token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody chose by their link, as its page tells it."""

    firm_id: int
    firm: str
    client: str
    email: str
    is_stopped: bool


def of_client(connection: Connection, client_id: int) -> tuple[Reader, ...]:
    """The client's contacts who may pay and take reminders, the oldest first, at most ten."""
    rows = connection.execute(_TAKERS, {"client_id": client_id})
    return tuple(_reader(row) for row in rows if is_address(row.email))


def has_stopped(connection: Connection, client_id: int) -> bool:
    """Whether somebody of the client who may pay stopped reminders."""
    wanted = _contacts().where(
        contact.c.client_id == client_id,
        _may_be_reminded(),
        reminder_reader.c.stopped_at.is_not(None),
    )
    return connection.execute(wanted.limit(1)).first() is not None


def with_links(
    connection: Connection, readers: Sequence[Reader], *, now: datetime
) -> tuple[Reader, ...]:
    """The same, each with the link of their own, in the caller's transaction.

    The caller holds the client's invoice, or the client: two first letters make one link.
    """
    if all(reader.reader_id for reader in readers):
        return tuple(readers)
    ids = [reader.contact_id for reader in readers]
    _hold(connection, ids)
    for reader in _by_id(connection, ids):
        if not reader.reader_id:
            values = {
                "contact_id": reader.contact_id,
                "email": reader.email,
                "token": new_reminder_token(),
                "created_at": now,
            }
            connection.execute(insert(reminder_reader).values(values))
    return _by_id(connection, ids)


def still(connection: Connection, reader_id: int) -> Reader | None:
    """The reader as of now; None when they may not pay any more, left, or stopped reminders."""
    wanted = _contacts().where(
        reminder_reader.c.id == reader_id,
        _may_be_reminded(),
        reminder_reader.c.stopped_at.is_(None),
    )
    row = connection.execute(wanted).first()
    return None if row is None else _reader(row)


def choice(token: object) -> Choice:
    """What was chosen by this link. Raises NotFound for a link that was never sent."""
    with reading() as connection:
        return _choice(_found(connection, _known(token)))


def choose(token: object, *, is_stopped: bool, now: datetime) -> Choice:
    """Stop reminders by this link, or have them again; asked twice, it changes nothing more.

    The firm reads it in its audit log. Raises NotFound.
    """
    known = _known(token)
    with unit_of_work() as connection:
        _found(connection, known)
        stopped_at = reminder_reader.c.stopped_at
        is_other = stopped_at.is_(None) if is_stopped else stopped_at.is_not(None)
        written = connection.execute(
            update(reminder_reader)
            .where(reminder_reader.c.token == known, is_other)
            .values(stopped_at=now if is_stopped else None)
        )
        after = _found(connection, known)
        if written.rowcount:
            _note(connection, after, now)
    return _choice(after)


def _contacts() -> Select[Any]:
    """Contacts with what is known of them as readers, by the address that they have now."""
    return select(
        contact.c.id.label("contact_id"),
        contact.c.name,
        contact.c.email,
        reminder_reader.c.id.label("reader_id"),
        reminder_reader.c.token,
    ).select_from(contact.outerjoin(reminder_reader, is_of_address()))


def is_of_address() -> ColumnElement[bool]:
    """That a reader's row is of the contact with the address that they have now."""
    return and_(
        reminder_reader.c.contact_id == contact.c.id, reminder_reader.c.email == contact.c.email
    )


def _by_id(connection: Connection, contact_ids: Sequence[int]) -> tuple[Reader, ...]:
    wanted = _contacts().where(contact.c.id.in_(contact_ids)).order_by(contact.c.id)
    return tuple(_reader(row) for row in connection.execute(wanted))


def _may_be_reminded() -> ColumnElement[bool]:
    return and_(contact.c.is_active, contact.c.role.in_(_PAYERS))


def _hold(connection: Connection, contact_ids: Sequence[int]) -> None:
    held = select(contact.c.id).where(contact.c.id.in_(contact_ids)).order_by(contact.c.id)
    connection.execute(held.with_for_update(key_share=True))


def _known(token: object) -> str:
    # A browser may send anything at all, and PostgreSQL refuses a NUL in text.
    if isinstance(token, str) and 0 < len(token) <= 64 and token.isascii() and token.isprintable():
        return token
    raise NotFound("link")


def _found(connection: Connection, token: str) -> RowMapping:
    row = connection.execute(
        select(
            client.c.firm_id,
            firm.c.name.label("firm"),
            client.c.name.label("client"),
            contact.c.name,
            reminder_reader.c.email,
            reminder_reader.c.stopped_at,
        )
        .join(contact, contact.c.id == reminder_reader.c.contact_id)
        .join(client, client.c.id == contact.c.client_id)
        .join(firm, firm.c.id == client.c.firm_id)
        .where(reminder_reader.c.token == token)
    )
    found = row.mappings().first()
    if found is None:
        raise NotFound("link")
    return found


def _choice(row: RowMapping) -> Choice:
    return Choice(
        firm_id=row["firm_id"],
        firm=row["firm"],
        client=row["client"],
        email=row["email"],
        is_stopped=row["stopped_at"] is not None,
    )


def _reader(row: Row[Any]) -> Reader:
    return Reader(
        contact_id=row.contact_id,
        name=row.name,
        email=row.email,
        reader_id=row.reader_id or 0,
        token=row.token or "",
    )


def _note(connection: Connection, row: RowMapping, now: datetime) -> None:
    did = "stopped reminders" if row["stopped_at"] else "takes reminders again"
    audit.note(
        connection,
        firm_id=row["firm_id"],
        user_id=None,
        text=f"{row['name']} ({row['email']}), contact of {row['client']}, {did}",
        at=now,
    )


# Built once: building a statement takes longer than running it.
_TAKERS = (
    _contacts()
    .where(
        contact.c.client_id == bindparam("client_id"),
        _may_be_reminded(),
        reminder_reader.c.stopped_at.is_(None),
    )
    .order_by(contact.c.id)
    .limit(MOST_ADDRESSES)
)
