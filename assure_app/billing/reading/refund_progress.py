"""How far the refunds of an invoice are that go through Stripe (R083, R093)."""

from datetime import date

from sqlalchemy import Connection, bindparam, select

from assure_app.domain.calendar import day_of
from assure_app.domain.ledger import Method
from assure_app.domain.stripe_refunds import RefundState, arrival
from assure_app.models.tables import payment, stripe_refund

UNANSWERED = "Stripe has not answered yet: we keep asking, and nothing is refunded twice."

_OF_INVOICE = (
    select(
        stripe_refund.c.payment_id,
        stripe_refund.c.state,
        stripe_refund.c.asked_at,
        payment.c.method,
    )
    .join(payment, payment.c.id == stripe_refund.c.payment_id)
    .where(payment.c.invoice_id == bindparam("invoice_id"))
)


def of_invoice(
    connection: Connection, invoice_id: int, *, timezone: str, today: date
) -> dict[int, str]:
    """What to say beside each refund's row, by its id, while there is anything to say."""
    texts = {}
    for row in connection.execute(_OF_INVOICE, {"invoice_id": invoice_id}):
        arrives = arrival(Method(row.method), day_of(row.asked_at, timezone))
        is_sent = row.state in {RefundState.ACCEPTED, RefundState.DONE}
        if row.state == RefundState.NEW:
            texts[row.payment_id] = UNANSWERED
        elif is_sent and today <= arrives.last:
            texts[row.payment_id] = f"The client sees it {arrives.text(today)}."
    return texts
