"""A charge of a saved method of which nobody knows for long what came: a person has to hear of it.

It is asked for again and again without anybody's doing, and holds up its invoice meanwhile.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from assure_app.billing import notifications
from assure_app.billing.checkouts import Checkout
from assure_app.domain.money import full_text
from assure_app.domain.notifications import NotificationKind
from assure_app.models.tables import invoice

PATIENCE = timedelta(days=1)
"""Longer than Stripe is ever away by itself."""


def tell_of_silence(connection: Connection, asking: Checkout, *, now: datetime) -> None:
    """Tell the firm's people once that Stripe does not say what it did, when that lasts."""
    if now - asking.created_at < PATIENCE:
        return
    number = connection.scalar(select(invoice.c.number).where(invoice.c.id == asking.invoice_id))
    notifications.tell(
        connection,
        firm_id=asking.firm_id,
        kind=NotificationKind.PAYMENT_FAILED,
        text=f"Stripe does not say whether it charged {full_text(asking.amount_cents)} on {number}",
        detail=(
            "It was asked for more than a day ago, and is asked again every few minutes. Until it"
            " answers, nobody else can pay this invoice. See in the settings whether your Stripe"
            " account is connected."
        ),
        about=f"asking {asking.id} unanswered",
        invoice_id=asking.invoice_id,
        client_id=asking.client_id,
        now=now,
    )
