"""How an invoice stands in a client's eyes."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from assure_app.domain.client_view import Standing, due_text, standing
from assure_app.domain.invoice_status import InvoiceFacts

TODAY = date(2026, 5, 22)
SENT = InvoiceFacts(
    total_cents=1000,
    settled_cents=0,
    balance_cents=1000,
    due_date=TODAY,
    opened_at=datetime(2026, 5, 1, tzinfo=UTC),
)
LATE = replace(SENT, due_date=date(2026, 5, 21))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (SENT, Standing.DUE),
        (LATE, Standing.OVERDUE),
        (replace(SENT, settled_cents=400, balance_cents=600), Standing.DUE),
        (replace(LATE, settled_cents=400, balance_cents=600), Standing.OVERDUE),
        (replace(LATE, balance_cents=0), Standing.PROCESSING),
        (replace(LATE, settled_cents=1000, balance_cents=0), Standing.PAID),
        (replace(LATE, cancelled_at=datetime(2026, 5, 2, tzinfo=UTC)), Standing.CANCELLED),
    ],
)
def test_what_the_badge_says(facts: InvoiceFacts, expected: Standing) -> None:
    assert standing(facts, TODAY) is expected


def test_a_draft_is_for_no_client() -> None:
    with pytest.raises(ValueError, match="no client sees a draft"):
        standing(replace(SENT, opened_at=None), TODAY)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 5, 22), "today"),
        (date(2026, 5, 23), "tomorrow"),
        (date(2026, 5, 25), "in 3 days"),
        (date(2026, 5, 21), "1 day overdue"),
        (date(2026, 5, 10), "12 days overdue"),
        (date(2022, 5, 22), "1,461 days overdue"),
    ],
)
def test_how_far_off_the_due_date_is(day: date, said: str) -> None:
    assert due_text(day, TODAY) == said
