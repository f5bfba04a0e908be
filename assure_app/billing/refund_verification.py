"""Checking refunds through Stripe: each agrees with its ledger row, and no row is without (§5)."""

from collections.abc import Iterator

from sqlalchemy import Connection, and_, select

from assure_app.billing.list_verification import stream
from assure_app.domain.stripe_refunds import ROW_STATUS, RefundState
from assure_app.domain.transitions import Kind
from assure_app.models.tables import payment, stripe_refund

_GIVEN = payment.alias("given")
_TAKEN = payment.alias("taken")


def differences(connection: Connection) -> Iterator[str]:
    """Every difference, each as one sentence."""
    yield from _disagreements(connection)
    yield from _lonely_rows(connection)


def _disagreements(connection: Connection) -> Iterator[str]:
    """Refunds whose ledger row is of another amount, charge or status."""
    refunds = (
        select(
            stripe_refund,
            _GIVEN.c.kind,
            _GIVEN.c.status,
            _GIVEN.c.amount_cents.label("given_cents"),
            _GIVEN.c.firm_id.label("given_by"),
            _TAKEN.c.stripe_account_id,
            _TAKEN.c.stripe_charge_id,
        )
        .select_from(
            stripe_refund.join(_GIVEN, _GIVEN.c.id == stripe_refund.c.payment_id).outerjoin(
                _TAKEN, _TAKEN.c.id == _GIVEN.c.reverses_id
            )
        )
        .order_by(stripe_refund.c.id)
    )
    for row in stream(connection, refunds):
        name = f"The refund {row.id} at Stripe"
        if (row.kind, row.given_by, -row.given_cents) != (
            Kind.REFUND,
            row.firm_id,
            row.amount_cents,
        ):
            yield f"{name} does not agree with its ledger row {row.payment_id}."
        if (row.stripe_account_id, row.stripe_charge_id) != (row.account_id, row.charge_id):
            yield f"{name} is of another charge than the payment that its ledger row reverses."
        due = ROW_STATUS[RefundState(row.state)]
        if row.status != due:
            yield f"{name} is {row.state}, but its ledger row {row.payment_id} is {row.status}."


def _lonely_rows(connection: Connection) -> Iterator[str]:
    """Rows that give back what came through Stripe, of which Stripe was never asked or heard."""
    known = select(stripe_refund.c.id).where(stripe_refund.c.payment_id == _GIVEN.c.id)
    rows = (
        select(_GIVEN.c.id)
        .join(_TAKEN, _TAKEN.c.id == _GIVEN.c.reverses_id)
        .where(
            and_(_GIVEN.c.kind == Kind.REFUND.value, _TAKEN.c.stripe_charge_id.is_not(None)),
            ~known.exists(),
        )
        .order_by(_GIVEN.c.id)
    )
    for row in stream(connection, rows):
        yield f"The ledger row {row.id} refunds a charge, but no refund at Stripe belongs to it."
