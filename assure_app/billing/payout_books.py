"""Payouts as kept here, with what each carried: Stripe's word, told by callbacks and by the night.

No ledger row comes of a payout: the money was in the books when it was paid. A payout that failed
brings its money back to Stripe's balance, and the next one carries it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.billing import notifications, stripe_accounts
from assure_app.billing.charges import Booked
from assure_app.domain.calendar import long_day_text
from assure_app.domain.money import full_text
from assure_app.domain.notifications import NotificationKind
from assure_app.domain.online import CURRENCY
from assure_app.models.reconciliation import PayoutState
from assure_app.models.tables import payout_part, stripe_payout
from assure_app.stripe_gateway.balance_records import BalanceTransaction, Payout

OWN_KIND = "payout"
"""The payout's own movement is listed among those that it carried."""
_LONGEST = 500
_OVER = {PayoutState.FAILED, PayoutState.CANCELED}
_RANK = {
    PayoutState.PENDING: 0,
    PayoutState.IN_TRANSIT: 1,
    PayoutState.PAID: 2,
    PayoutState.CANCELED: 3,
    PayoutState.FAILED: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPayout:
    """A payout as kept."""

    id: int
    firm_id: int
    account_id: str
    payout_id: str
    amount_cents: int
    state: PayoutState
    is_automatic: bool
    is_itemized: bool


_SELECT = select(*(stripe_payout.c[name] for name in StoredPayout.__dataclass_fields__))
_ONE = _SELECT.where(
    stripe_payout.c.account_id == bindparam("account_id"),
    stripe_payout.c.payout_id == bindparam("payout_id"),
)


def find(connection: Connection, account_id: str, payout_id: str) -> StoredPayout | None:
    """What is kept of a payout."""
    row = connection.execute(_ONE, {"account_id": account_id, "payout_id": payout_id})
    known = row.mappings().first()
    if known is None:
        return None
    return StoredPayout(**{**known, "state": PayoutState(known["state"])})


def book(
    connection: Connection,
    told: Payout,
    carried: Sequence[BalanceTransaction] | None,
    *,
    now: datetime,
) -> Booked:
    """Keep what Stripe says of a payout, in the caller's transaction; `carried` is None while that
    is not known. Idempotent; what is over does not go back to what was before."""
    firm_id = stripe_accounts.firm_of(connection, told.account_id)
    if firm_id is None or told.currency != CURRENCY:
        return Booked()
    known = _hold(connection, told)
    is_changed = known is None
    if known is None:
        _add(connection, firm_id, told, now)
    elif _RANK[PayoutState(told.status.value)] >= _RANK[known.state]:
        is_changed = known.state.value != told.status.value
        described = update(stripe_payout).where(stripe_payout.c.id == known.id)
        connection.execute(described.values(_described(told, now)))
    after = _hold(connection, told)
    if after is None:
        raise LookupError(told.id)
    if carried is not None and not after.is_itemized:
        _itemize(connection, after, carried)
        is_changed = True
    if is_changed and after.state is PayoutState.FAILED:
        _tell_failed(connection, after, told, now)
    return Booked(firm_id=firm_id, is_changed=is_changed)


def net_cents(connection: Connection, payout_row_id: int) -> list[int]:
    """The net of each movement that a payout carried, without its own."""
    parts = select(payout_part.c.net_cents).where(
        payout_part.c.payout_id == payout_row_id, payout_part.c.kind != OWN_KIND
    )
    return list(connection.execute(parts).scalars())


def is_over(known: StoredPayout) -> bool:
    """Whether nothing more is to be heard of it but, rarely, that a bank sent it back."""
    return known.state in {*_OVER, PayoutState.PAID} and (
        known.is_itemized or not known.is_automatic
    )


def _hold(connection: Connection, told: Payout) -> StoredPayout | None:
    held = {"account_id": told.account_id, "payout_id": told.id}
    row = connection.execute(_ONE.with_for_update(), held).first()
    return None if row is None else find(connection, told.account_id, told.id)


def _add(connection: Connection, firm_id: int, told: Payout, now: datetime) -> None:
    values = {
        "firm_id": firm_id,
        "account_id": told.account_id,
        "payout_id": told.id,
        "amount_cents": told.amount_cents,
        "currency": told.currency,
        "is_automatic": told.is_automatic,
        "is_itemized": False,
        "created_at": told.created_at,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(stripe_payout).values(values | _described(told, now))
    connection.execute(new.on_conflict_do_nothing())


def _described(told: Payout, now: datetime) -> dict[str, object]:
    bank = told.bank_name if not told.last4 else f"{told.bank_name} •••• {told.last4}".strip()
    return {
        "state": told.status.value,
        "arrives_on": told.arrives_at.date(),
        "bank": bank[:120],
        "failure_code": told.failure_code[:100],
        "failure": told.failure_sentence[:_LONGEST],
        "told_at": now,
    }


def _itemize(
    connection: Connection, known: StoredPayout, carried: Sequence[BalanceTransaction]
) -> None:
    """Keep what it carried, each once."""
    rows = [
        {
            "payout_id": known.id,
            "account_id": known.account_id,
            "transaction_id": each.id,
            "kind": each.kind[:64],
            "source_id": each.source_id[:255],
            "amount_cents": each.amount_cents,
            "fee_cents": each.fee_cents,
            "net_cents": each.net_cents,
            "description": each.description[:_LONGEST],
            "created_at": each.created_at,
        }
        for each in reversed(carried)
    ]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    if rows:  # One that another payout has already shows as a sum that is short.
        connection.execute(dialect.insert(payout_part).on_conflict_do_nothing(), rows)
    done = update(stripe_payout).where(stripe_payout.c.id == known.id)
    connection.execute(done.values(is_itemized=True))


def _tell_failed(connection: Connection, known: StoredPayout, told: Payout, now: datetime) -> None:
    notifications.tell(
        connection,
        firm_id=known.firm_id,
        kind=NotificationKind.PAYOUT,
        text=(
            f"The payout of {full_text(told.amount_cents)} due "
            f"{long_day_text(told.arrives_at.date())} failed"
        ),
        detail=f"{told.failure_sentence} The money is back in your Stripe balance.".strip(),
        about=f"payout {known.id} failed",
        now=now,
    )
