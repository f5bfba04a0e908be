"""Refunds at Stripe as stored: written before Stripe is asked, moved forward only (R094)."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, bindparam, insert, select, update

from assure_app.domain.errors import IllegalTransition
from assure_app.domain.ledger import Method
from assure_app.domain.refund_reasons import RefundReason
from assure_app.domain.stripe_refunds import REFUND_STATE_TRANSITIONS, RefundState
from assure_app.models.tables import payment, stripe_refund

TOKEN_KEY = "assure_refund"  # noqa: S105  the name under which Stripe keeps the token
REASON_KEY = "assure_reason"
"""Under these Stripe keeps a refund's token and its full reason, and gives both back (R086)."""

KEY_LIVES = timedelta(hours=23)
"""Stripe may forget an idempotency key after a day: past this a refund is looked for first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStripeRefund:
    """A refund about to be asked for, or one that Stripe told of; without a token the latter."""

    firm_id: int
    payment_id: int
    account_id: str
    charge_id: str
    amount_cents: int
    stripe_reason: str
    state: RefundState
    asked_at: datetime
    due_at: datetime | None
    token: str | None = None
    idempotency_key: str | None = None
    refund_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeRefund:
    """A refund at Stripe as stored, with what its ledger row says of it.

    `payment_id` is the refund's own row, which takes money away from `reverses_id`.
    """

    id: int
    firm_id: int
    invoice_id: int
    payment_id: int
    reverses_id: int
    account_id: str
    charge_id: str
    amount_cents: int
    method: Method
    reason: RefundReason
    failure_reason: str
    stripe_reason: str
    token: str | None
    idempotency_key: str | None
    refund_id: str | None
    state: RefundState
    attempts: int
    asked_at: datetime
    due_at: datetime | None

    @property
    def metadata(self) -> dict[str, str]:
        """What Stripe keeps with the refund."""
        return {TOKEN_KEY: self.token or "", REASON_KEY: self.reason.value}

    def has_lasted(self, now: datetime) -> bool:
        """Whether Stripe may have forgotten the key under which it was first asked."""
        return now - self.asked_at >= KEY_LIVES

    def key_at(self, now: datetime) -> str:
        """The key to ask under: the same until Stripe may have forgotten it, then, because even
        Stripe's own errors stay with a key, another one for each such time."""
        periods = (now - self.asked_at) // KEY_LIVES
        return f"{self.idempotency_key}-{periods}" if periods else str(self.idempotency_key)


_KINDS = {"method": Method, "reason": RefundReason, "state": RefundState}


def _table_of(name: str) -> Table:
    of_row = {"invoice_id", "reverses_id", "method", "reason", "failure_reason"}
    return payment if name in of_row else stripe_refund


# Built once: building a statement takes longer than running it.
_SELECT = select(*(_table_of(each.name).c[each.name] for each in fields(StripeRefund))).select_from(
    stripe_refund.join(payment, payment.c.id == stripe_refund.c.payment_id)
)
_BY_ID = _SELECT.where(stripe_refund.c.id == bindparam("known"))
_BY_ROW = _SELECT.where(stripe_refund.c.payment_id == bindparam("known"))
_BY_TOKEN = _SELECT.where(stripe_refund.c.token == bindparam("known"))
_BY_REFUND = _SELECT.where(
    stripe_refund.c.account_id == bindparam("account_id"),
    stripe_refund.c.refund_id == bindparam("known"),
)
_DUE = (
    _SELECT.where(stripe_refund.c.due_at <= bindparam("now"))
    .order_by(stripe_refund.c.due_at, stripe_refund.c.id)
    .limit(1)
)


def by_id(connection: Connection, record_id: int) -> StripeRefund:
    """The refund with this id of ours, which is known to exist."""
    found = _one(connection.execute(_BY_ID, {"known": record_id}).mappings().first())
    if found is None:
        raise LookupError(f"stripe_refund {record_id}")
    return found


def by_row(connection: Connection, payment_id: int) -> StripeRefund | None:
    """What Stripe was asked for this row of the ledger; None for a refund made elsewhere."""
    return _one(connection.execute(_BY_ROW, {"known": payment_id}).mappings().first())


def by_refund(connection: Connection, account_id: str, refund_id: str) -> StripeRefund | None:
    """What is kept of a refund that Stripe calls by this id."""
    known = {"account_id": account_id, "known": refund_id}
    return _one(connection.execute(_BY_REFUND, known).mappings().first())


def by_token(connection: Connection, token: str) -> StripeRefund | None:
    """The refund with this token, which Stripe brought back."""
    if not (0 < len(token) <= 64 and token.isascii() and token.isprintable()):
        return None  # PostgreSQL refuses a NUL in text, and metadata may hold anything.
    return _one(connection.execute(_BY_TOKEN, {"known": token}).mappings().first())


def due(connection: Connection, now: datetime) -> StripeRefund | None:
    """The refund that has waited the longest for somebody to look after it."""
    return _one(connection.execute(_DUE, {"now": now}).mappings().first())


def add(connection: Connection, new: NewStripeRefund) -> int:
    """Write a refund beside its ledger row, and return its id. The caller holds the invoice."""
    values = asdict(new) | {"state": new.state.value, "attempts": 0}
    written = connection.execute(insert(stripe_refund), values)
    (record_id,) = written.inserted_primary_key or (0,)
    return int(record_id)


def move(connection: Connection, known: StripeRefund, after: RefundState, **columns: Any) -> bool:
    """Move a refund on from the state it is known in; False when somebody else moved it first."""
    if (known.state, after) not in REFUND_STATE_TRANSITIONS:
        raise IllegalTransition(before=known.state, after=after)
    moved = connection.execute(
        update(stripe_refund)
        .where(stripe_refund.c.id == known.id, stripe_refund.c.state == known.state.value)
        .values(state=after.value, **columns)
    )
    return moved.rowcount == 1


def count_asking(connection: Connection, record_id: int, *, due_at: datetime) -> bool:
    """Note that Stripe is being asked, and leave the refund alone until `due_at`; False when there
    is nothing to ask any more. Two that ask at once have numbers of their own."""
    counted = connection.execute(
        update(stripe_refund)
        .where(stripe_refund.c.id == record_id, stripe_refund.c.state == RefundState.NEW.value)
        .values(attempts=stripe_refund.c.attempts + 1, due_at=due_at)
    )
    return counted.rowcount == 1


def take(connection: Connection, known: StripeRefund, *, due_at: datetime) -> bool:
    """Look after a refund until `due_at`: of several takers one succeeds.

    False when somebody else took or moved it meanwhile.
    """
    taken = connection.execute(
        update(stripe_refund)
        .where(
            stripe_refund.c.id == known.id,
            stripe_refund.c.state == known.state.value,
            stripe_refund.c.due_at == known.due_at,
        )
        .values(due_at=due_at)
    )
    return taken.rowcount == 1


def _one(row: RowMapping | None) -> StripeRefund | None:
    if row is None:
        return None
    return StripeRefund(**{**row, **{name: kind(row[name]) for name, kind in _KINDS.items()}})
