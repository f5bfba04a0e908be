"""Where auto-pay is with an invoice, as stored; whoever writes holds the invoice (R124)."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.domain.autopay import AutopayState
from assure_app.models.tables import autopay, engagement, invoice

WOKEN = datetime(1970, 1, 1, tzinfo=UTC)
"""The due moment that a change gives an invoice, so that it is looked at at once."""


_GOES_ON = (AutopayState.WAITING.value, AutopayState.CHARGING.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An invoice to look at: `was_woken` by a change, not by a moment that was waited for."""

    invoice_id: int
    firm_id: int
    was_woken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAutopay:
    """One invoice that auto-pay looks after."""

    invoice_id: int
    firm_id: int
    state: AutopayState
    due_at: datetime | None
    next_try_at: datetime | None
    tries: int
    failures: int
    checkout_id: int | None
    failure: str
    failed_at: datetime | None
    exhausted_at: datetime | None
    stopped_by: str


# Built once: building a statement takes longer than running it.
_SELECT = select(*(autopay.c[field.name] for field in fields(StoredAutopay)))
_OF_INVOICE = _SELECT.where(autopay.c.invoice_id == bindparam("known")).with_for_update()
_DUE = (
    select(autopay.c.invoice_id, autopay.c.firm_id, autopay.c.due_at)
    .where(autopay.c.due_at <= bindparam("now"))
    .order_by(autopay.c.due_at, autopay.c.invoice_id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(autopay)
    .where(autopay.c.invoice_id == bindparam("known"))
    .values(due_at=bindparam("until"))
)
_IS_ON = (
    select(engagement.c.id)
    .join(invoice, invoice.c.engagement_id == engagement.c.id)
    .where(invoice.c.id == bindparam("known"), engagement.c.is_autopay_on)
)


def take_due(connection: Connection, *, now: datetime, until: datetime) -> Taken | None:
    """The invoice that has been due the longest, taken by moving its due moment on to `until`; None
    when none is due. Two who take at once take different ones."""
    row = connection.execute(_DUE, {"now": now}).first()
    if row is None:
        return None
    connection.execute(_TAKE, {"known": row.invoice_id, "until": until})
    return Taken(invoice_id=row.invoice_id, firm_id=row.firm_id, was_woken=row.due_at <= WOKEN)


def of_invoice(connection: Connection, invoice_id: int) -> StoredAutopay | None:
    """Where auto-pay is with this invoice; None when it never had to do with it."""
    row = connection.execute(_OF_INVOICE, {"known": invoice_id}).mappings().first()
    return None if row is None else _stored(row)


def is_on(connection: Connection, invoice_id: int) -> bool:
    """Whether the invoice's engagement has auto-pay on at this moment (R116)."""
    return connection.execute(_IS_ON, {"known": invoice_id}).first() is not None


def change(connection: Connection, invoice_id: int, **columns: object) -> None:
    """Write what is different now."""
    connection.execute(update(autopay).where(autopay.c.invoice_id == invoice_id).values(columns))


def stop(connection: Connection, *, firm_id: int, invoice_id: int, by: str) -> bool:
    """Have auto-pay charge the invoice no more, also one that it may only come to look after; False
    where it does not charge it anyway. The caller holds the invoice."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    is_stopped = {"state": AutopayState.STOPPED.value, "stopped_by": by}
    new = {"invoice_id": invoice_id, "firm_id": firm_id, "tries": 0, "failures": 0, "failure": ""}
    connection.execute(dialect.insert(autopay).values(new | is_stopped).on_conflict_do_nothing())
    stopped = connection.execute(
        update(autopay)
        .where(autopay.c.invoice_id == invoice_id, autopay.c.state.in_(_GOES_ON))
        .values(is_stopped | {"due_at": None, "next_try_at": None})
    )
    return stopped.rowcount == 1


def look_again(connection: Connection, firm_id: int, now: datetime) -> None:
    """Have the morning of each invoice reckoned anew, as after a change of the firm's time zone."""
    waits = (autopay.c.firm_id == firm_id) & (autopay.c.due_at > now)
    connection.execute(update(autopay).where(waits).values(due_at=now))


def _stored(row: RowMapping) -> StoredAutopay:
    return StoredAutopay(**{**row, "state": AutopayState(row["state"])})
