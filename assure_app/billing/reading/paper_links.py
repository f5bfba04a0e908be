"""Where papers are fetched: at the firm's desk, or below an invoice's link in the portal.

An href is "" where there is no such paper.
"""

from typing import Any
from urllib.parse import quote

from sqlalchemy import Row

from assure_app.domain.transitions import Kind, RowStatus

_ARRIVED = frozenset({RowStatus.COMPLETED, RowStatus.REFUNDED})


def invoice_href(number: str) -> str:
    """The invoice, at the firm's desk."""
    return f"/invoices/{quote(number, safe='')}/invoice.pdf"


def client_invoice_href(pay_token: str) -> str:
    """The invoice, for its client."""
    return f"/pay/{pay_token}/invoice.pdf"


def receipt_href(row: Row[Any], *, below: str = "") -> str:
    """The receipt of a stored ledger row: a payment that arrived, or a refund that was made.

    `below` is the address of the invoice in the portal, "" at the firm's desk.
    """
    if row.kind == Kind.PAYMENT and row.status in _ARRIVED:
        return f"{below}/payments/{row.id}/receipt.pdf"
    if row.kind == Kind.REFUND and row.status == RowStatus.COMPLETED:
        return f"{below}/refunds/{row.id}/receipt.pdf"
    return ""


def stripe_receipt_href(row: Row[Any]) -> str:
    """Stripe's own receipt of a charge that arrived, on Stripe's rows only (R133)."""
    is_stripes = row.kind == Kind.PAYMENT and row.stripe_charge_id is not None
    return f"/payments/{row.id}/stripe-receipt" if is_stripes and row.status in _ARRIVED else ""
