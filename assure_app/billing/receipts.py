"""What a recorded act came to, in the words of the toast."""

from dataclasses import dataclass
from datetime import datetime

from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.invoice_status import Status
from assure_app.domain.money import full_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a recorded act came to; `is_repeat` when the same form had been recorded before.

    `payment_id` is 0 when the act wrote no row. `is_unanswered`: it is recorded, but Stripe has not
    said yet what becomes of it.
    """

    invoice_id: int
    payment_id: int
    balance: str
    status: str
    sentence: str
    is_repeat: bool = False
    is_unanswered: bool = False


def receipt(
    invoice: InvoiceRecord, payment_id: int, *, what: str, now: datetime, is_repeat: bool = False
) -> Receipt:
    """The invoice after the act, `what` being "Payment" or "Refund"."""
    status = invoice.status(now)
    balance = balance_text(invoice, now=now)
    left = f", balance {balance}" if balance else ""
    return Receipt(
        invoice_id=invoice.id,
        payment_id=payment_id,
        balance=balance,
        status=status.value,
        sentence=f"{what} recorded. {invoice.number} is {status}{left}.",
        is_repeat=is_repeat,
    )


def refund_receipt(invoice: InvoiceRecord, amount_cents: int, *, now: datetime) -> str:
    """ "A refund of $100.00 is on its way. INV-1042 is Sent, balance $100.00." """
    balance = balance_text(invoice, now=now)
    left = f", balance {balance}" if balance else ""
    return (
        f"A refund of {full_text(amount_cents)} is on its way. "
        f"{invoice.number} is {invoice.status(now)}{left}."
    )


def balance_text(invoice: InvoiceRecord, *, now: datetime) -> str:
    """The balance, or "" for a cancelled invoice, which asks for none any more (R130)."""
    return "" if invoice.status(now) is Status.CANCELLED else full_text(invoice.balance_cents)
