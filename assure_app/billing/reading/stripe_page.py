"""What the Stripe page shows: the firm's connection, and what Stripe told that waits for a person
(R061, R067)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Select, select

from assure_app.billing import stripe_access, stripe_accounts, stripe_exceptions
from assure_app.billing.reading.connection_words import Told, told_of
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import moment_text
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Principal
from assure_app.models.tables import firm, invoice, stripe_exception

MOST_SHOWN = 50
MOST_SETTLED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """One exception; `number` is its invoice's, "" for none, and `href` opens that.

    `settled` is when it was, with `settled_by` and the `note`; all "" while it is open.
    """

    id: int
    kind: str
    sentence: str
    amount: str
    number: str
    href: str
    object_id: str
    opened: str
    can_replay: bool
    settled: str
    settled_by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeView:
    """The page; `more` says when more is open than is shown."""

    connection: Told = field(default_factory=Told)
    waiting: tuple[ExceptionRow, ...] = ()
    settled: tuple[ExceptionRow, ...] = ()
    more: str = ""
    may_read: bool = False
    may_act: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleStart:
    """What somebody is about to mark as settled; `id` 0 is nothing."""

    id: int = 0
    sentence: str = ""
    amount: str = ""


def page(principal: Principal, *, now: datetime) -> StripeView:
    """The page as this person may see it, the newest first. Raises PermissionDenied."""
    stripe_access.require_to_look(principal, act="look at the Stripe connection", now=now)
    with reading() as connection:
        zone = connection.scalar(select(firm.c.timezone).where(firm.c.id == principal.firm_id))
        account = stripe_accounts.of_firm(connection, principal.firm_id)
        told = told_of(
            account,
            is_owner=stripe_access.may_connect(principal),
            may_continue=stripe_access.may_continue(principal),
            timezone=str(zone),
            now=now,
        )
        if not stripe_access.may_read(principal):
            return StripeView(connection=told)
        waiting = _rows(connection, _open(principal), zone=str(zone), now=now)
        settled = _rows(connection, _settled(principal), zone=str(zone), now=now)
    is_cut = len(waiting) > MOST_SHOWN
    return StripeView(
        connection=told,
        waiting=waiting[:MOST_SHOWN],
        settled=settled,
        more=f"Only the newest {MOST_SHOWN} are shown." if is_cut else "",
        may_read=True,
        may_act=stripe_access.may_act(principal),
    )


def settle_start(principal: Principal, exception_id: object, *, now: datetime) -> SettleStart:
    """What the dialog begins with. Raises PermissionDenied and NotFound."""
    stripe_access.require_to_act(principal, act="settle a Stripe exception", now=now)
    with reading() as connection:
        found = stripe_exceptions.find(connection, principal, exception_id)
    return SettleStart(id=found.id, sentence=found.sentence, amount=_amount(found.amount_cents))


def _seen(principal: Principal) -> Select[Any]:
    return (
        select(stripe_exception, invoice.c.number)
        .select_from(stripe_exceptions.WITH_INVOICE)
        .where(stripe_access.visible_to(principal))
    )


def _open(principal: Principal) -> Select[Any]:
    is_open = stripe_exception.c.resolved_at.is_(None)
    newest = _seen(principal).where(is_open).order_by(stripe_exception.c.id.desc())
    return newest.limit(MOST_SHOWN + 1)


def _settled(principal: Principal) -> Select[Any]:
    latest = stripe_exception.c.resolved_at.desc(), stripe_exception.c.id.desc()
    is_settled = stripe_exception.c.resolved_at.is_not(None)
    return _seen(principal).where(is_settled).order_by(*latest).limit(MOST_SETTLED)


def _rows(
    connection: Connection, wanted: Select[Any], *, zone: str, now: datetime
) -> tuple[ExceptionRow, ...]:
    return tuple(_row(row, zone, now) for row in connection.execute(wanted))


def _row(row: Any, zone: str, now: datetime) -> ExceptionRow:
    settled = "" if row.resolved_at is None else moment_text(row.resolved_at, zone, now=now)
    return ExceptionRow(
        id=row.id,
        kind=row.kind[:1].upper() + row.kind[1:],
        sentence=row.sentence,
        amount=_amount(row.amount_cents),
        number=row.number or "",
        href=f"/invoices?invoice={quote(row.number or '', safe='')}",
        object_id=row.object_id,
        opened=moment_text(row.opened_at, zone, now=now),
        can_replay=row.kind not in stripe_exceptions.FOR_PEOPLE_ONLY,
        settled=settled,
        settled_by=row.resolved_by,
        note=row.resolution,
    )


def _amount(cents: int | None) -> str:
    return "" if cents is None else full_text(cents)
