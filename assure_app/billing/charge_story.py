"""What a charge did, told step by step in the timeline, which the firm reads (R046, R109)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import activity
from assure_app.billing.autopay_story import AUTO_PAY
from assure_app.billing.charge_text import method_text, reason_of, told_to_firm
from assure_app.billing.checkouts import Checkout
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.money import short_text
from assure_app.domain.transitions import RowStatus
from assure_app.models.payment import Source
from assure_app.stripe_gateway.records import Charge

STRIPE = "Stripe"
_ACTORS = {
    Source.ONLINE: STRIPE,
    Source.AUTOPAY: AUTO_PAY,
    Source.BACKFILL: "Back-fill",
}
"""Whose charge it was: the client's on Stripe's page, or one that nobody was present for (R110)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One move of a charge's row: `status` is what it has now, `is_new` when it was just written.

    `surplus_cents` is how much of it the invoice did not ask for any more.
    """

    before: InvoiceRecord
    after: InvoiceRecord
    payment_id: int
    status: RowStatus
    is_new: bool
    fee_cents: int
    surplus_cents: int


def tell(
    connection: Connection, charge: Charge, asking: Checkout, told: Told, *, now: datetime
) -> None:
    """Write the move into the timeline: started, confirmed or failed, fee, and the new status."""
    add(
        connection,
        told.after,
        told.payment_id,
        *_texts(charge, told, now),
        now=now,
        actor=_ACTORS[asking.source],
    )


def tell_refusal(
    connection: Connection,
    invoice: InvoiceRecord,
    asking: Checkout,
    payment_id: int,
    *,
    means: str,
    reason: str,
    now: datetime,
) -> None:
    """Say that Stripe did not charge, where no charge of Stripe's tells of it."""
    amount = short_text(asking.amount_cents)
    add(
        connection,
        invoice,
        payment_id,
        f"Payment {amount} started — {means}",
        f"Payment {amount} failed — {means}: {told_to_firm(reason)}",
        now=now,
        actor=_ACTORS[asking.source],
    )


def tell_fee(
    connection: Connection,
    invoice: InvoiceRecord,
    payment_id: int,
    *,
    known_cents: int,
    fee_cents: int,
    source: Source,
    now: datetime,
) -> None:
    """Say that Stripe's own figure took the place of the estimate (R100), by whose charge it was:
    nothing about one of auto-pay's is told by another name (R109)."""
    text = f"Stripe fee is {short_text(fee_cents)}, estimated at {short_text(known_cents)}"
    add(connection, invoice, payment_id, text, now=now, actor=_ACTORS[source])


def add(
    connection: Connection,
    invoice: InvoiceRecord,
    payment_id: int,
    *texts: str,
    now: datetime,
    actor: str = STRIPE,
) -> None:
    """What there is to say about one row, by Stripe or by whatever had it charged."""
    activity.append_all(
        connection,
        firm_id=invoice.firm_id,
        invoice_id=invoice.id,
        at=now,
        texts=texts,
        actor=actor,
        payment_id=payment_id,
    )


def _texts(charge: Charge, told: Told, now: datetime) -> list[str]:
    amount, means = short_text(charge.amount_cents), method_text(charge)
    texts = [f"Payment {amount} started — {means}"] if told.is_new else []
    match told.status:
        case RowStatus.PENDING:
            texts = [f"Payment {amount} started, pending — {means}"]
        case RowStatus.FAILED:
            texts.append(f"Payment {amount} failed — {means}: {told_to_firm(reason_of(charge))}")
        case _:
            texts.append(f"Payment {amount} confirmed — {means}")
            texts.extend(_consequences(told))
    before, after = told.before.status(now), told.after.status(now)
    if after is not before:
        texts.append(f"Status changed from {before} to {after}")
    return texts


def _consequences(told: Told) -> list[str]:
    texts = []
    if told.fee_cents:
        texts.append(f"Stripe fee {short_text(told.fee_cents)}")
    if told.surplus_cents:
        texts.append(
            f"{short_text(told.surplus_cents)} more than was owed: needs a refund or a credit"
        )
    return texts
