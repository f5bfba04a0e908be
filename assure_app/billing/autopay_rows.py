"""Where auto-pay is with an invoice, as stored; whoever writes holds the invoice (R124)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, bindparam, case, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.domain.autopay import AutopayState
from assure_app.models.tables import autopay, client, engagement, invoice

WOKEN = datetime(1970, 1, 1, tzinfo=UTC)
"""The due moment that a change gives an invoice, so that it is looked at at once."""


_GOES_ON = (AutopayState.WAITING.value, AutopayState.CHARGING.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An invoice to look at, whose client is held: `was_woken` by a change, not by a moment that
    was waited for."""

    invoice_id: int
    firm_id: int
    client_id: int
    was_woken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAutopay:
    """One invoice that auto-pay looks after; `is_on` says whether its engagement has auto-pay on at
    this moment (R116)."""

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
    is_on: bool


# Built once: building a statement takes longer than running it.
_IS_ON = (
    select(engagement.c.id)
    .join(invoice, invoice.c.engagement_id == engagement.c.id)
    .where(invoice.c.id == autopay.c.invoice_id, engagement.c.is_autopay_on)
    .exists()
)
_OF_INVOICE = (
    select(autopay, _IS_ON.label("is_on"))
    .where(autopay.c.invoice_id == bindparam("known"))
    .with_for_update(of=autopay)
)
_DUE = (
    select(autopay.c.invoice_id, autopay.c.firm_id, invoice.c.client_id, autopay.c.due_at)
    .join(invoice, invoice.c.id == autopay.c.invoice_id)
    .join(client, client.c.id == invoice.c.client_id)
    .where(autopay.c.due_at <= bindparam("now"))
    .order_by(autopay.c.due_at, autopay.c.invoice_id)
    .limit(1)
    .with_for_update(of=client, key_share=True, skip_locked=True)
)
_PUT_OFF = (
    update(autopay)
    .where(autopay.c.invoice_id == bindparam("known"), autopay.c.due_at <= bindparam("now"))
    .values(due_at=bindparam("until"))
)
_CHANGE = update(autopay).where(autopay.c.invoice_id == bindparam("known"))
_OF_ASKING = update(autopay).where(
    autopay.c.invoice_id == bindparam("known"), autopay.c.checkout_id == bindparam("asking_id")
)
_IS_UNDER_WAY = _OF_ASKING.values(due_at=None)
_SUCCEEDED = _OF_ASKING.values(
    failures=0,
    failure="",
    next_try_at=None,
    # Due, for its figures changed.
    state=case(
        (autopay.c.state == AutopayState.CHARGING.value, AutopayState.WAITING.value),
        else_=autopay.c.state,
    ),
)


def take_due(connection: Connection, now: datetime) -> Taken | None:
    """The invoice that has been due the longest, with its client held; None when none is due whose
    client nobody else holds. Once it is held it may have been looked at by another."""
    row = connection.execute(_DUE, {"now": now}).first()
    if row is None:
        return None
    return Taken(
        invoice_id=row.invoice_id,
        firm_id=row.firm_id,
        client_id=row.client_id,
        was_woken=row.due_at <= WOKEN,
    )


def put_off(connection: Connection, invoice_id: int, *, now: datetime, until: datetime) -> None:
    """Let others come first, if it is still due."""
    connection.execute(_PUT_OFF, {"known": invoice_id, "now": now, "until": until})


def of_invoice(connection: Connection, invoice_id: int) -> StoredAutopay | None:
    """Where auto-pay is with this invoice; None when it never had to do with it."""
    row = connection.execute(_OF_INVOICE, {"known": invoice_id}).mappings().first()
    return None if row is None else _stored(row)


def change(connection: Connection, invoice_id: int, **columns: object) -> None:
    """Write what is different now."""
    connection.execute(_CHANGE, {"known": invoice_id, **columns})


def follow_success(
    connection: Connection, invoice_id: int, asking_id: int, *, is_under_way: bool
) -> None:
    """Write that the money of the latest asking came, or is under way; an older one changes
    nothing."""
    moved = _IS_UNDER_WAY if is_under_way else _SUCCEEDED
    connection.execute(moved, {"known": invoice_id, "asking_id": asking_id})


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
        .values(is_stopped | {"due_at": None})
    )
    return stopped.rowcount == 1


def look_again(connection: Connection, firm_id: int, now: datetime) -> None:
    """Have the morning of each invoice reckoned anew, as after a change of the firm's time zone."""
    waits = (autopay.c.firm_id == firm_id) & (autopay.c.due_at > now)
    connection.execute(update(autopay).where(waits).values(due_at=now))


def _stored(row: RowMapping) -> StoredAutopay:
    return StoredAutopay(**{**row, "state": AutopayState(row["state"])})
