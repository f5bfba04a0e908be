"""What Stripe told that no rule settles: kept until a person has looked at it (R061–R063)."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.billing import audit, notifications, stripe_access
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.entry import Entry
from assure_app.domain.errors import NotFound
from assure_app.domain.notifications import NotificationKind
from assure_app.domain.permissions import Principal
from assure_app.models.online import ExceptionKind
from assure_app.models.tables import invoice, stripe_exception

NOTE_LIMIT = 250
"""With the sentence and the name beside it, a note still fits whole into the audit log."""
_LONGEST = 500

# Built once: building a statement takes longer than running it.
_SETTLE = update(stripe_exception).where(
    stripe_exception.c.account_id == bindparam("of_account"),
    stripe_exception.c.object_id == bindparam("of_object"),
    stripe_exception.c.kind.in_(bindparam("kinds", expanding=True)),
    stripe_exception.c.resolved_at.is_(None),
)


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
    is_new = connection.execute(insert.returning(stripe_exception.c.id)).first() is not None
    if is_new:
        _tell(connection, problem, now)
    return is_new


def open_or_reword(
    connection: Connection, problem: Problem, *, now: datetime, event_id: str | None = None
) -> bool:
    """Add the problem to the queue, or say it anew when it says something else by now; False when
    nothing changed. What a person settled waits again once something else is to be done."""
    if open_one(connection, problem, now=now, event_id=event_id):
        return True
    sentence = problem.sentence[:_LONGEST]
    reworded = connection.execute(
        update(stripe_exception)
        .where(
            stripe_exception.c.account_id == problem.account_id,
            stripe_exception.c.object_id == problem.object_id,
            stripe_exception.c.kind == problem.kind.value,
            stripe_exception.c.sentence != sentence,
        )
        .values(
            sentence=sentence,
            amount_cents=problem.amount_cents,
            opened_at=now,
            resolved_at=None,
            resolved_by="",
            resolution="",
        )
    )
    if reworded.rowcount == 1:
        _tell(connection, problem, now)
    return reworded.rowcount == 1


def _tell(connection: Connection, problem: Problem, now: datetime) -> None:
    """Tell who may settle it; of a dispute on an invoice its own news tell, to more people."""
    is_told_of = problem.kind is ExceptionKind.DISPUTED and problem.invoice_id is not None
    if problem.firm_id is None or is_told_of:
        return
    happened, _, to_do = problem.sentence.partition(". ")
    named = " ".join((problem.account_id, problem.object_id, problem.kind, problem.sentence))
    notifications.tell(
        connection,
        firm_id=problem.firm_id,
        kind=NotificationKind.EXCEPTION,
        text=happened if not to_do else f"{happened}.",
        detail=to_do,
        about=f"exception {hashlib.sha256(named.encode()).hexdigest()}",
        invoice_id=problem.invoice_id,
        now=now,
    )


def settle(
    connection: Connection,
    *,
    account_id: str,
    object_id: str,
    kinds: Collection[ExceptionKind],
    now: datetime,
    resolution: str = "It found its place.",
) -> None:
    """Close what was open about an object and has found its place meanwhile."""
    known = {
        "of_account": account_id,
        "of_object": object_id,
        "kinds": [kind.value for kind in kinds],
    }
    done = {"resolved_at": now, "resolved_by": "System", "resolution": resolution}
    connection.execute(_SETTLE, known | done)


def count_open(principal: Principal) -> int:
    """How many wait for somebody; 0 for whoever may not read them."""
    if not stripe_access.may_read(principal):
        return 0
    with reading() as connection:
        waiting = (
            select(func.count())
            .select_from(WITH_INVOICE)
            .where(stripe_access.visible_to(principal), stripe_exception.c.resolved_at.is_(None))
        )
        return int(connection.scalar(waiting) or 0)


def resolve(principal: Principal, exception_id: object, note: object, *, now: datetime) -> str:
    """Close an exception with a word on what was done, and say that; a second time changes nothing.

    Raises PermissionDenied, NotFound, and InvalidInput for no note, or one that is too long.
    """
    stripe_access.require_to_act(principal, act="settle a Stripe exception", now=now)
    done = _note(note)
    with unit_of_work() as connection:
        found = find(connection, principal, exception_id)
        if not close(connection, found.id, by=principal.name, resolution=done, now=now):
            return "This was settled already."
        audit.note(
            connection,
            firm_id=principal.firm_id,
            user_id=principal.user_id,
            text=f"{principal.name} settled: {found.sentence} — {done}",
            at=now,
        )
    return "It is off the list. The audit log keeps your note."


def _note(text: object) -> str:
    entry = Entry()
    note = entry.line("note", text, limit=NOTE_LIMIT, name="The note")
    if not note:
        entry.refuse("note", "Say what was done about it.")
    entry.check()
    return note


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredException:
    """An exception of the firm as the services decide on it."""

    id: int
    account_id: str
    object_id: str
    object_kind: str
    kind: ExceptionKind
    sentence: str
    amount_cents: int | None
    resolved_at: datetime | None


def find(connection: Connection, principal: Principal, exception_id: object) -> StoredException:
    """An exception that the person may see. Raises NotFound."""
    is_id = isinstance(exception_id, int) and not isinstance(exception_id, bool)
    row = None
    if is_id and 0 < exception_id < 2**31:  # type: ignore[operator]
        row = connection.execute(
            select(stripe_exception)
            .select_from(WITH_INVOICE)
            .where(stripe_exception.c.id == exception_id, stripe_access.visible_to(principal))
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
        amount_cents=row.amount_cents,
        resolved_at=row.resolved_at,
    )


def close(
    connection: Connection, exception_id: int, *, by: str, resolution: str, now: datetime
) -> bool:
    """Mark it as dealt with, by whom and how; False when somebody did so before."""
    closed = connection.execute(
        update(stripe_exception)
        .where(stripe_exception.c.id == exception_id, stripe_exception.c.resolved_at.is_(None))
        .values(resolved_at=now, resolved_by=by[:200], resolution=resolution[:_LONGEST])
    )
    return closed.rowcount == 1


WITH_INVOICE = stripe_exception.outerjoin(invoice, invoice.c.id == stripe_exception.c.invoice_id)
"""Exceptions beside their invoices, as the condition on who may see them needs it."""

FOR_PEOPLE_ONLY = {
    ExceptionKind.SURPLUS,
    ExceptionKind.CONTRADICTION,
}
"""Asking Stripe again would find the same: what is missing is a decision."""
