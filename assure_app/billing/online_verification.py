"""Checking what came in through Stripe: each charge once, on a page of its own invoice (§5)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from assure_app.billing import autopay_verification, refund_verification
from assure_app.billing.list_verification import stream
from assure_app.domain.ledger import MANUAL_METHODS
from assure_app.domain.online import LIVE, CheckoutState
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.payment import Source
from assure_app.models.tables import checkout, invoice, payment, payment_method, stripe_exception

_UNSETTLED = (RowStatus.PENDING.value, RowStatus.FAILED.value)
_OFF_SESSION = (Source.AUTOPAY.value, Source.BACKFILL.value)
_LIVE = [state.value for state in LIVE]


def differences(connection: Connection) -> Iterator[str]:
    """Every difference, each as one sentence."""
    yield from _row_differences(connection)
    yield from _charge_differences(connection)
    yield from _page_differences(connection)
    yield from _method_differences(connection)
    yield from _strangers(connection)
    yield from refund_verification.differences(connection)
    yield from autopay_verification.differences(connection)


def _row_differences(connection: Connection) -> Iterator[str]:
    """Rows of Stripe's that do not agree with their page, or carry a fee they cannot have."""
    # Of a saved method Stripe may refuse the charge before there is one.
    is_refused = and_(
        payment.c.source.in_(_OFF_SESSION),
        payment.c.status == RowStatus.FAILED.value,
        payment.c.stripe_charge_id.is_(None),
    )
    is_of_page = and_(
        checkout.c.firm_id == payment.c.firm_id,
        checkout.c.client_id == payment.c.client_id,
        checkout.c.invoice_id == payment.c.invoice_id,
        or_(checkout.c.account_id == payment.c.stripe_account_id, is_refused),
        checkout.c.amount_cents == payment.c.amount_cents,
        checkout.c.source == payment.c.source,
    )
    agrees = select(checkout.c.id).where(checkout.c.id == payment.c.checkout_id, is_of_page)
    by_hand = [method.value for method in MANUAL_METHODS]
    for condition, sentence in (
        (
            and_(payment.c.checkout_id.is_not(None), ~agrees.exists()),
            "does not agree with the payment page it was made on",
        ),
        (
            and_(
                payment.c.checkout_id.is_not(None),
                payment.c.stripe_charge_id.is_(None),
                ~is_refused,
            ),
            "was made on a payment page, but names no charge",
        ),
        (
            and_(payment.c.stripe_charge_id.is_not(None), payment.c.method.in_(by_hand)),
            "names a charge, but was not paid by card or bank",
        ),
        (
            and_(payment.c.fee_cents != 0, payment.c.status.in_(_UNSETTLED)),
            "carries a fee, though no money arrived by it",
        ),
        (
            and_(payment.c.fee_cents != 0, payment.c.source == Source.MANUAL.value),
            "carries a fee, though it was recorded by hand",
        ),
    ):
        for row in stream(connection, select(payment.c.id).where(condition).order_by("id")):
            yield f"The ledger row {row.id} {sentence}."


def _charge_differences(connection: Connection) -> Iterator[str]:
    """Charges that stand in the ledger more than once."""
    twice = (
        select(payment.c.stripe_account_id, payment.c.stripe_charge_id)
        .where(
            payment.c.stripe_charge_id.is_not(None),
            payment.c.kind == Kind.PAYMENT.value,
            payment.c.status != RowStatus.FAILED.value,
        )
        .group_by(payment.c.stripe_account_id, payment.c.stripe_charge_id)
        .having(func.count() > 1)
        .order_by(payment.c.stripe_charge_id)
    )
    for row in stream(connection, twice):
        yield f"The charge {row.stripe_charge_id} stands in the ledger more than once."


def _page_differences(connection: Connection) -> Iterator[str]:
    """Pages that leave room for more than is owed, or took money and are not complete."""
    pages = (
        select(checkout.c.id, checkout.c.amount_cents, invoice.c.number, invoice.c.firm_id)
        .join(invoice, invoice.c.id == checkout.c.invoice_id)
        .order_by(checkout.c.id)
    )
    asks_too_much = or_(
        checkout.c.amount_cents > invoice.c.balance_cents, invoice.c.cancelled_at.is_not(None)
    )
    for row in stream(connection, pages.where(checkout.c.state.in_(_LIVE), asks_too_much)):
        yield f"{_page(row)} can take more than the invoice still asks for."
    standing = select(payment.c.id).where(
        payment.c.checkout_id == checkout.c.id, payment.c.status != RowStatus.FAILED.value
    )
    is_open = checkout.c.state != CheckoutState.COMPLETED.value
    for row in stream(connection, pages.where(is_open, standing.exists())):
        yield f"{_page(row)} took money, but is not complete."


def _method_differences(connection: Connection) -> Iterator[str]:
    """Clients who saved something to pay with, and have no default (R127)."""
    is_usable = payment_method.c.removed_at.is_(None) & payment_method.c.disabled_at.is_(None)
    without = (
        select(payment_method.c.client_id)
        .where(is_usable)
        .group_by(payment_method.c.client_id)
        .having(func.count().filter(payment_method.c.is_default) == 0)
        .order_by(payment_method.c.client_id)
    )
    for row in stream(connection, without):
        yield f"Client {row.client_id} saved a payment method, but none is the default."


def _page(row: Row[Any]) -> str:
    return f"Invoice {row.number} of firm {row.firm_id}: its payment page {row.id}"


def _strangers(connection: Connection) -> Iterator[str]:
    """What was told of an account that no firm here has any more: nobody else would see it."""
    unowned = (
        select(stripe_exception)
        .where(stripe_exception.c.firm_id.is_(None), stripe_exception.c.resolved_at.is_(None))
        .order_by(stripe_exception.c.id)
    )
    for row in stream(connection, unowned):
        yield f"Of Stripe’s account {row.account_id}, which no firm here has: {row.sentence}"
