"""Differences as kept: found once, brought up to date, closed when gone, opened when back."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from assure_app.billing import notifications
from assure_app.domain.notifications import NotificationKind
from assure_app.domain.reconciliation_facts import Finding, FindingKind, Mending, Subject, Thing
from assure_app.models.online import ExceptionKind
from assure_app.models.tables import payment, reconciliation_difference, stripe_exception

SYSTEM = "System"
AGREES = "Books and Stripe agree by now."
_LONGEST = 500
_TAKEN_UP = (
    *(ExceptionKind.UNKNOWN_CHARGE, ExceptionKind.UNKNOWN_OBJECT, ExceptionKind.MISMATCH),
    *(ExceptionKind.CONTRADICTION, ExceptionKind.REFUNDED_AT_STRIPE, ExceptionKind.NOT_APPLIED),
    ExceptionKind.FOREIGN_ACCOUNT,
)
"""Exceptions that are about the same as a difference: whoever looks after one has both."""


class Noted(StrEnum):
    """What became of a finding."""

    NEW = "new"
    KNOWN = "known"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference as stored."""

    id: int
    firm_id: int
    account_id: str
    kind: FindingKind
    subject: Subject
    object_id: str
    sentence: str
    mending: Mending
    books_says: str
    books_cents: int | None
    stripe_says: str
    stripe_cents: int | None
    payment_id: int | None
    invoice_id: int | None
    exception_id: int | None
    found_at: datetime
    seen_at: datetime
    closed_at: datetime | None
    closed_by: str
    how: str
    is_set_aside: bool

    @property
    def thing(self) -> Thing:
        return Thing(subject=self.subject, object_id=self.object_id)


_SELECT = select(*(reconciliation_difference.c[field.name] for field in fields(Difference)))


def of_row(row: RowMapping) -> Difference:
    """A row as read."""
    values = {field.name: row[field.name] for field in fields(Difference)}
    return Difference(
        **values
        | {
            "kind": FindingKind(values["kind"]),
            "subject": Subject(values["subject"]),
            "mending": Mending(values["mending"]),
        }
    )


def by_id(connection: Connection, difference_id: int, *, is_held: bool = False) -> Difference:
    """A difference that is known to exist."""
    wanted = _SELECT.where(reconciliation_difference.c.id == difference_id)
    found = connection.execute(wanted.with_for_update() if is_held else wanted)
    return of_row(found.mappings().one())


def open_after(
    connection: Connection, account_id: str, *, after_id: int, seen_before: datetime, most: int
) -> list[Difference]:
    """Open differences of an account that were not seen since a moment, by id."""
    rows = connection.execute(
        _SELECT.where(
            reconciliation_difference.c.account_id == account_id,
            reconciliation_difference.c.closed_at.is_(None),
            reconciliation_difference.c.seen_at < seen_before,
            reconciliation_difference.c.id > after_id,
        )
        .order_by(reconciliation_difference.c.id)
        .limit(most)
    )
    return [of_row(row) for row in rows.mappings()]


def count_open(connection: Connection, account_id: str) -> int:
    """How many differences an account has now."""
    wanted = select(func.count()).where(
        reconciliation_difference.c.account_id == account_id,
        reconciliation_difference.c.closed_at.is_(None),
    )
    return int(connection.scalar(wanted) or 0)


def note(
    connection: Connection, *, firm_id: int, account_id: str, finding: Finding, now: datetime
) -> Noted:
    """Keep a finding, in the caller's transaction: a new one is told of once.

    What a person settled, here or among the exceptions, stays so until it says something else.
    """
    known = _find(connection, account_id, finding)
    taken_up = _exception(connection, account_id, finding.thing.object_id)
    if taken_up is not None and taken_up.resolved_at is not None:
        if known is not None and known.closed_at is None:
            close(connection, known.id, by=taken_up.resolved_by, how=taken_up.resolution, now=now)
        return Noted.SETTLED
    if known is not None and known.is_set_aside and _says_same(known, finding):
        return Noted.SETTLED
    values = _values(connection, finding, now)
    values["exception_id"] = None if taken_up is None else taken_up.id
    if taken_up is not None:
        values["mending"] = Mending.HAND_OVER.value
    if known is not None and known.closed_at is None:
        _change(connection, known.id, values)
        return Noted.KNOWN
    opened = {"found_at": now, "closed_at": None, "closed_by": "", "how": "", "is_set_aside": False}
    if known is not None:
        _change(connection, known.id, values | opened)
        difference_id = known.id
    else:
        own = {
            "firm_id": firm_id,
            "account_id": account_id,
            "kind": finding.kind.value,
            "subject": finding.thing.subject.value,
            "object_id": finding.thing.object_id,
        }
        new = insert(reconciliation_difference).values(own | values | opened)
        (difference_id,) = connection.execute(new).inserted_primary_key or (0,)
    notifications.tell(
        connection,
        firm_id=firm_id,
        kind=NotificationKind.DIFFERENCE,
        text=finding.sentence,
        about=f"difference {difference_id} {now:%Y-%m-%d %H:%M}",
        invoice_id=values["invoice_id"],  # type: ignore[arg-type]
        now=now,
    )
    return Noted.NEW


def close_others(
    connection: Connection,
    difference: Difference,
    findings: Collection[Finding],
    *,
    by: str,
    how: str,
    now: datetime,
) -> bool:
    """Close it unless it is among what was found of its thing just now."""
    if any(each.kind is difference.kind for each in findings):
        return False
    return close(connection, difference.id, by=by, how=how, now=now)


def close(
    connection: Connection,
    difference_id: int,
    *,
    by: str,
    how: str,
    now: datetime,
    is_set_aside: bool = False,
) -> bool:
    """Say that it is over, who saw to it and how; False when it was over before."""
    closed = connection.execute(
        update(reconciliation_difference)
        .where(
            reconciliation_difference.c.id == difference_id,
            reconciliation_difference.c.closed_at.is_(None),
        )
        .values(
            closed_at=now,
            closed_by=by[:200],
            how=how[:_LONGEST],
            is_set_aside=is_set_aside,
        )
    )
    return closed.rowcount == 1


def take_back(connection: Connection, difference_id: int) -> bool:
    """Have what was set aside stand open again; False when it was not."""
    opened = connection.execute(
        update(reconciliation_difference)
        .where(
            reconciliation_difference.c.id == difference_id,
            reconciliation_difference.c.is_set_aside,
        )
        .values(closed_at=None, closed_by="", how="", is_set_aside=False)
    )
    return opened.rowcount == 1


def _find(connection: Connection, account_id: str, finding: Finding) -> Difference | None:
    found = connection.execute(
        _SELECT.where(
            reconciliation_difference.c.account_id == account_id,
            reconciliation_difference.c.object_id == finding.thing.object_id,
            reconciliation_difference.c.kind == finding.kind.value,
        ).with_for_update()
    )
    row = found.mappings().first()
    return None if row is None else of_row(row)


def _exception(connection: Connection, account_id: str, object_id: str) -> Any:
    """What waits, or waited, for a person because of the same object: an open one before all."""
    rows = connection.execute(
        select(stripe_exception)
        .where(
            stripe_exception.c.account_id == account_id,
            stripe_exception.c.object_id == object_id,
            stripe_exception.c.kind.in_([kind.value for kind in _TAKEN_UP]),
        )
        .order_by(stripe_exception.c.id)
    ).all()
    waiting = next((row for row in rows if row.resolved_at is None), None)
    by_person = next((row for row in rows if row.resolved_by not in {"", SYSTEM}), None)
    return waiting or by_person


def _says_same(known: Difference, finding: Finding) -> bool:
    return (known.books_cents, known.stripe_cents, known.books_says, known.stripe_says) == (
        finding.books_cents,
        finding.stripe_cents,
        finding.books_says,
        finding.stripe_says,
    )


def _change(connection: Connection, difference_id: int, values: dict[str, object]) -> None:
    known = reconciliation_difference.c.id == difference_id
    connection.execute(update(reconciliation_difference).where(known).values(values))


def _values(connection: Connection, finding: Finding, now: datetime) -> dict[str, object]:
    invoice_id = None
    if finding.payment_id is not None:
        of_payment = select(payment.c.invoice_id).where(payment.c.id == finding.payment_id)
        invoice_id = connection.scalar(of_payment)
    return {
        "sentence": finding.sentence[:_LONGEST],
        "mending": finding.mending.value,
        "books_says": finding.books_says[:100],
        "books_cents": finding.books_cents,
        "stripe_says": finding.stripe_says[:100],
        "stripe_cents": finding.stripe_cents,
        "payment_id": finding.payment_id,
        "invoice_id": invoice_id,
        "seen_at": now,
    }
