"""What the tests read from a stored invoice by themselves, past every read model."""

from typing import Any

from sqlalchemy import Row

from assure_app.domain.invoice_status import InvoiceFacts


def facts_of(row: Row[Any]) -> InvoiceFacts:
    """What status and tiles are decided from, of a whole row of the table."""
    return InvoiceFacts(
        total_cents=row.total_cents,
        settled_cents=row.settled_cents,
        balance_cents=row.balance_cents,
        due_date=row.due_on,
        opened_at=row.opened_at,
        viewed_at=row.viewed_at,
        cancelled_at=row.cancelled_at,
        is_autopay_failed=row.is_autopay_failed,
    )
