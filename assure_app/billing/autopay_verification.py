"""Checking where auto-pay is with each invoice: nothing forgotten, nothing charged beside it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, or_, select

from assure_app.billing.list_verification import stream
from assure_app.domain.autopay import AutopayState
from assure_app.domain.invoice_status import Stage
from assure_app.domain.online import LIVE
from assure_app.domain.transitions import RowStatus
from assure_app.models.payment import Source
from assure_app.models.tables import autopay, checkout, engagement, invoice, payment

_LIVE = [state.value for state in LIVE]


def differences(connection: Connection) -> Iterator[str]:
    """Every difference, each as one sentence."""
    for sentence, wanted in _checks():
        for row in stream(connection, wanted.order_by(invoice.c.id)):
            yield f"Invoice {row.number} of firm {row.firm_id} {sentence}."


def _checks() -> Iterator[tuple[str, Select[Any]]]:
    invoices = select(invoice.c.id, invoice.c.number, invoice.c.firm_id)
    looked_after = invoices.join(autopay, autopay.c.invoice_id == invoice.c.id)
    yield (
        "is on auto-pay, but auto-pay does not know it",
        invoices.join(engagement, engagement.c.id == invoice.c.engagement_id).where(
            engagement.c.is_autopay_on,
            invoice.c.stage == Stage.OPEN.value,
            ~exists().where(autopay.c.invoice_id == invoice.c.id),
        ),
    )
    yield (
        "is paid or cancelled, but auto-pay is not done with it",
        looked_after.where(
            invoice.c.stage.in_((Stage.PAID.value, Stage.CANCELLED.value)),
            autopay.c.state.not_in((AutopayState.DONE.value, AutopayState.STOPPED.value)),
        ),
    )
    asking = and_(checkout.c.invoice_id == invoice.c.id, checkout.c.source == Source.AUTOPAY.value)
    yield (
        "is being charged by auto-pay, but auto-pay does not know of it",
        looked_after.join(checkout, asking).where(
            checkout.c.state.in_(_LIVE),
            or_(autopay.c.checkout_id.is_(None), autopay.c.checkout_id != checkout.c.id),
        ),
    )
    charge = and_(payment.c.checkout_id == checkout.c.id, payment.c.source == checkout.c.source)
    yield (
        "was charged by auto-pay, but failed tries are counted as if it was not",
        looked_after.join(checkout, checkout.c.id == autopay.c.checkout_id)
        .join(payment, charge)
        .where(payment.c.status == RowStatus.COMPLETED.value, autopay.c.failures > 0),
    )
