"""What Stripe told that no rule settles: kept until a person has looked at it (R061–R063)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.billing import audit
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import moment_text
from assure_app.domain.entry import NOTES_LIMIT, Entry
from assure_app.domain.errors import NotFound
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.online import ExceptionKind
from assure_app.models.tables import firm, invoice, stripe_exception

MOST_SHOWN = 200
_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that needs a person; `sentence` says what happened and what to do."""

    kind: ExceptionKind
    account_id: str
    object_id: str
    object_kind: str
    sentence: str
    firm_id: int | None = None
    amount_cents: int | None = None
    invoice_id: int | None = None
    payment_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """One open exception as its page shows it; `number` is its invoice's, "" for none, and `href`
    opens that."""

    id: int
    kind: str
    sentence: str
    amount: str
    number: str
    href: str
    object_id: str
    opened: str
    can_replay: bool


def may_look(principal: Principal) -> bool:
    """Owners and Stripe admins look after what Stripe told."""
    return principal.is_owner or principal.has(Permission.STRIPE_ADMIN)


def open_one(
    connection: Connection, problem: Problem, *, now: datetime, event_id: str | None = None
) -> bool:
    """Add the problem to the queue; False when one of its kind about its object is there."""
    values = {
        "firm_id": problem.firm_id,
        "account_id": problem.account_id,
        "object_id": problem.object_id,
        "object_kind": problem.object_kind,
        "kind": problem.kind.value,
        "sentence": problem.sentence[:_LONGEST],
        "amount_cents": problem.amount_cents,
        "invoice_id": problem.invoice_id,
        "payment_id": problem.payment_id,
        "event_id": event_id,
        "opened_at": now,
        "resolved_by": "",
        "resolution": "",
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(stripe_exception).values(values).on_conflict_do_nothing()
    # PostgreSQL's driver counts no rows here, but tells which were written.
    return connection.execute(insert.returning(stripe_exception.c.id)).first() is not None


def settle(
    connection: Connection,
    *,
    account_id: str,
    object_id: str,
    kinds: Collection[ExceptionKind],
    now: datetime,
) -> None:
    """Close what was open about an object and has found its place meanwhile."""
    connection.execute(
        update(stripe_exception)
        .where(
            stripe_exception.c.account_id == account_id,
            stripe_exception.c.object_id == object_id,
            stripe_exception.c.kind.in_([kind.value for kind in kinds]),
            stripe_exception.c.resolved_at.is_(None),
        )
        .values(resolved_at=now, resolved_by="System", resolution="It found its place.")
    )


def require(principal: Principal, *, act: str, now: datetime) -> None:
    """Raise PermissionDenied unless the person may look after exceptions; a denial is logged."""
    if not may_look(principal):
        audit.require(principal, Permission.STRIPE_ADMIN, act=act, now=now)


def count_open(principal: Principal) -> int:
    """How many wait for somebody; 0 for whoever may not look at them."""
    if not may_look(principal):
        return 0
    with reading() as connection:
        waiting = select(func.count()).where(
            stripe_exception.c.firm_id == principal.firm_id,
            stripe_exception.c.resolved_at.is_(None),
        )
        return int(connection.scalar(waiting) or 0)


def list_open(principal: Principal, *, now: datetime) -> tuple[ExceptionRow, ...]:
    """The firm's open exceptions, the newest first. Raises PermissionDenied (R061)."""
    require(principal, act="look at Stripe exceptions", now=now)
    with reading() as connection:
        rows = connection.execute(
            select(stripe_exception, invoice.c.number, firm.c.timezone)
            .join(firm, firm.c.id == stripe_exception.c.firm_id)
            .outerjoin(invoice, invoice.c.id == stripe_exception.c.invoice_id)
            .where(
                stripe_exception.c.firm_id == principal.firm_id,
                stripe_exception.c.resolved_at.is_(None),
            )
            .order_by(stripe_exception.c.id.desc())
            .limit(MOST_SHOWN)
        ).all()
    return tuple(
        ExceptionRow(
            id=row.id,
            kind=row.kind.capitalize().replace("stripe", "Stripe"),
            sentence=row.sentence,
            amount="" if row.amount_cents is None else full_text(row.amount_cents),
            number=row.number or "",
            href=f"/invoices?invoice={quote(row.number or '', safe='')}",
            object_id=row.object_id,
            opened=moment_text(row.opened_at, row.timezone, now=now),
            can_replay=row.kind not in _FOR_PEOPLE_ONLY,
        )
        for row in rows
    )


def resolve(principal: Principal, exception_id: object, note: object, *, now: datetime) -> None:
    """Close an exception with a word on what was done; a second time changes nothing."""
    require(principal, act="resolve a Stripe exception", now=now)
    entry = Entry()
    done = entry.line("note", note, limit=NOTES_LIMIT, name="What was done")
    if not done:
        entry.refuse("note", "Say what was done about it.")
    entry.check()
    with unit_of_work() as connection:
        found = find(connection, principal, exception_id)
        if found.resolved_at is not None:
            return
        close(connection, found.id, by=principal.name, resolution=done, now=now)
        audit.note(
            connection,
            firm_id=principal.firm_id,
            user_id=principal.user_id,
            text=f"{principal.name} resolved: {found.sentence} — {done}",
            at=now,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredException:
    """An exception of the firm as the services decide on it."""

    id: int
    account_id: str
    object_id: str
    object_kind: str
    kind: ExceptionKind
    sentence: str
    resolved_at: datetime | None


def find(connection: Connection, principal: Principal, exception_id: object) -> StoredException:
    """An exception of the person's own firm. Raises NotFound."""
    is_id = isinstance(exception_id, int) and not isinstance(exception_id, bool)
    row = None
    if is_id and 0 < exception_id < 2**31:  # type: ignore[operator]
        row = connection.execute(
            select(stripe_exception).where(
                stripe_exception.c.id == exception_id,
                stripe_exception.c.firm_id == principal.firm_id,
            )
        ).first()
    if row is None:
        raise NotFound("exception")
    return StoredException(
        id=row.id,
        account_id=row.account_id,
        object_id=row.object_id,
        object_kind=row.object_kind,
        kind=ExceptionKind(row.kind),
        sentence=row.sentence,
        resolved_at=row.resolved_at,
    )


def close(
    connection: Connection, exception_id: int, *, by: str, resolution: str, now: datetime
) -> None:
    """Mark it as dealt with, by whom and how."""
    connection.execute(
        update(stripe_exception)
        .where(stripe_exception.c.id == exception_id, stripe_exception.c.resolved_at.is_(None))
        .values(resolved_at=now, resolved_by=by[:200], resolution=resolution[:_LONGEST])
    )


_FOR_PEOPLE_ONLY = {
    ExceptionKind.SURPLUS,
    ExceptionKind.REFUNDED_AT_STRIPE,
    ExceptionKind.DISPUTED,
    ExceptionKind.CONTRADICTION,
}
"""Asking Stripe again would find the same: what is missing is a decision."""
