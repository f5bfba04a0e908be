"""The badge of an invoice and the tile that counts it (R027, R028, R045, R069, R072, R073, R088,
R089, A3, A18, A26, A28)."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from assure_app.domain.invoice_status import (
    PAYABLE,
    InvoiceFacts,
    Stage,
    Status,
    Tile,
    stage,
    status,
    tiles,
)
from assure_app.domain.ledger import LedgerRow, figures
from assure_app.domain.transitions import Kind, RowStatus

TODAY = date(2026, 5, 22)
PAST, FUTURE = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
SENT_AT = datetime(2026, 5, 14, 13, tzinfo=UTC)
LATER = SENT_AT + timedelta(hours=1)

DRAFT, SENT, VIEWED, PART, PAID, OVERDUE, CANCELLED = Status
NONE: frozenset[Tile] = frozenset()
AWAITING, LATE = frozenset({Tile.AWAITING}), frozenset({Tile.OVERDUE})


def make_invoice(
    *,
    total_cents: int = 100_00,
    settled_cents: int = 0,
    pending_cents: int = 0,
    due_date: date = FUTURE,
    opened_at: datetime | None = SENT_AT,
    viewed_at: datetime | None = None,
    cancelled_at: datetime | None = None,
    is_autopay_failed: bool = False,
) -> InvoiceFacts:
    return InvoiceFacts(
        total_cents=total_cents,
        settled_cents=settled_cents,
        balance_cents=max(0, total_cents - settled_cents - pending_cents),
        due_date=due_date,
        opened_at=opened_at,
        viewed_at=viewed_at,
        cancelled_at=cancelled_at,
        is_autopay_failed=is_autopay_failed,
    )


@pytest.mark.parametrize(
    ("settled", "viewed_at", "due", "badge", "counted"),
    [
        (0, None, FUTURE, SENT, AWAITING),
        (0, None, TODAY, SENT, AWAITING),
        (0, None, PAST, OVERDUE, LATE),
        (0, LATER, FUTURE, VIEWED, AWAITING),
        (0, LATER, TODAY, VIEWED, AWAITING),
        (0, LATER, PAST, OVERDUE, LATE),
        (1, None, FUTURE, PART, AWAITING),
        (1, LATER, TODAY, PART, AWAITING),
        (1, LATER, PAST, PART, LATE),
        (99_99, None, FUTURE, PART, AWAITING),
        (99_99, None, PAST, PART, LATE),
        (100_00, None, FUTURE, PAID, NONE),
        (100_00, LATER, TODAY, PAID, NONE),
        (100_00, LATER, PAST, PAID, NONE),
        (130_00, None, PAST, PAID, NONE),
    ],
)
def test_the_table_of_open_and_paid_invoices(
    settled: int, viewed_at: datetime | None, due: date, badge: Status, counted: frozenset[Tile]
) -> None:
    invoice = make_invoice(settled_cents=settled, viewed_at=viewed_at, due_date=due)

    assert status(invoice, TODAY) is badge
    assert tiles(invoice, TODAY) == counted


@pytest.mark.parametrize(
    ("settled", "due", "viewed_at"), [*product((0, 40_00, 100_00), (PAST, FUTURE), (None, LATER))]
)
def test_cancelled_wins_over_everything(
    settled: int, due: date, viewed_at: datetime | None
) -> None:
    for opened_at in (None, SENT_AT):
        invoice = make_invoice(
            settled_cents=settled,
            due_date=due,
            opened_at=opened_at,
            viewed_at=viewed_at,
            cancelled_at=LATER,
            is_autopay_failed=True,
        )

        assert stage(invoice) is Stage.CANCELLED
        assert status(invoice, TODAY) is CANCELLED
        assert tiles(invoice, TODAY) == NONE


@pytest.mark.parametrize("due", [PAST, TODAY, FUTURE])
@pytest.mark.parametrize("total", [0, 100_00])
def test_an_invoice_never_sent_is_a_draft(total: int, due: date) -> None:
    invoice = make_invoice(total_cents=total, due_date=due, opened_at=None, viewed_at=LATER)

    assert stage(invoice) is Stage.DRAFT
    assert status(invoice, TODAY) is DRAFT
    assert tiles(invoice, TODAY) == frozenset({Tile.DRAFTS})


def test_an_invoice_of_nothing_is_paid_once_it_is_sent() -> None:
    invoice = make_invoice(total_cents=0, due_date=PAST)

    assert stage(invoice) is Stage.PAID
    assert status(invoice, TODAY) is PAID
    assert tiles(invoice, TODAY) == NONE


@pytest.mark.parametrize(
    ("viewed_at", "due", "before"),
    [(None, FUTURE, SENT), (LATER, FUTURE, VIEWED), (None, PAST, OVERDUE)],
)
def test_recording_by_hand_flips_the_status(
    viewed_at: datetime | None, due: date, before: Status
) -> None:
    def badge(settled_cents: int) -> Status:
        invoice = make_invoice(settled_cents=settled_cents, viewed_at=viewed_at, due_date=due)
        return status(invoice, TODAY)

    assert badge(0) is before
    assert badge(40_00) is PART
    assert badge(70_00) is PART
    assert badge(100_00) is PAID


@pytest.mark.parametrize(
    ("viewed_at", "due", "badge"),
    [(None, FUTURE, SENT), (LATER, FUTURE, VIEWED), (LATER, PAST, OVERDUE)],
)
def test_pending_money_leaves_status_and_tile_alone(
    viewed_at: datetime | None, due: date, badge: Status
) -> None:
    for pending_cents in (1, 40_00, 100_00):
        invoice = make_invoice(pending_cents=pending_cents, viewed_at=viewed_at, due_date=due)

        assert status(invoice, TODAY) is badge
        assert tiles(invoice, TODAY) == (LATE if due is PAST else AWAITING)


@pytest.mark.parametrize(
    ("refunded", "due", "badge"),
    [
        (100_00, FUTURE, SENT),
        (100_00, TODAY, SENT),
        (100_00, PAST, OVERDUE),
        (40_00, FUTURE, PART),
        (40_00, PAST, PART),
        (1, FUTURE, PART),
    ],
)
def test_a_refund_of_a_paid_invoice(refunded: int, due: date, badge: Status) -> None:
    rows = [
        LedgerRow(id=1, kind=Kind.PAYMENT, amount_cents=100_00, status=RowStatus.COMPLETED),
        LedgerRow(
            id=2,
            kind=Kind.REFUND,
            amount_cents=-refunded,
            status=RowStatus.PENDING,
            reverses_id=1,
        ),
    ]
    settled_cents = figures(100_00, rows).settled_cents

    invoice = make_invoice(settled_cents=settled_cents, due_date=due)

    assert status(invoice, TODAY) is badge


def test_a_view_before_the_invoice_was_reopened_does_not_count() -> None:
    reopened = LATER + timedelta(hours=1)

    before = make_invoice(opened_at=reopened, viewed_at=LATER)
    after = make_invoice(opened_at=reopened, viewed_at=reopened + timedelta(hours=1))

    assert status(before, TODAY) is SENT
    assert status(after, TODAY) is VIEWED
    assert not before.is_viewed
    assert after.is_viewed


def test_only_the_day_makes_an_invoice_overdue() -> None:
    invoice = make_invoice(due_date=TODAY)

    assert status(invoice, TODAY - timedelta(days=1)) is SENT
    assert status(invoice, TODAY) is SENT
    assert status(invoice, TODAY + timedelta(days=1)) is OVERDUE


@pytest.mark.parametrize(
    ("settled", "pending", "due", "counted"),
    [
        (0, 0, FUTURE, {Tile.AWAITING, Tile.FAILED}),
        (0, 0, PAST, {Tile.OVERDUE, Tile.FAILED}),
        (40_00, 0, PAST, {Tile.OVERDUE, Tile.FAILED}),
        (40_00, 59_99, FUTURE, {Tile.AWAITING, Tile.FAILED}),
        (40_00, 60_00, FUTURE, {Tile.AWAITING}),
        (100_00, 0, PAST, set()),
    ],
)
def test_a_failed_autopay_counts_twice_while_something_is_owed(
    settled: int, pending: int, due: date, counted: set[Tile]
) -> None:
    invoice = make_invoice(
        settled_cents=settled, pending_cents=pending, due_date=due, is_autopay_failed=True
    )

    assert tiles(invoice, TODAY) == counted


def test_payments_are_recorded_on_open_invoices_only() -> None:
    assert set(PAYABLE) == {SENT, VIEWED, PART, OVERDUE}
    assert set(Status) - set(PAYABLE) == {DRAFT, PAID, CANCELLED}


def test_names_are_the_ones_people_see() -> None:
    assert [badge.value for badge in Status] == [
        "Draft",
        "Sent",
        "Viewed",
        "Partially paid",
        "Paid",
        "Overdue",
        "Cancelled",
    ]
    assert [tile.value for tile in Tile] == ["Drafts", "Awaiting", "Overdue", "Failed"]
