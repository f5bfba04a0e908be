"""An invoice in memory, driven by the rules of the domain as the billing services drive them."""

from dataclasses import replace
from datetime import UTC, date, datetime

from assure_app.domain.errors import IllegalTransition, NotPayable, NotRefundable
from assure_app.domain.invoice_status import PAYABLE, InvoiceFacts, Status, Tile, status, tiles
from assure_app.domain.ledger import (
    Figures,
    LedgerRow,
    check_payment,
    check_refund,
    figures,
    refundable_cents,
    status_by_refunds,
)
from assure_app.domain.transitions import Kind, RowStatus, check_transition


class Desk:
    """One invoice: its rows, and the three moments that its status depends on."""

    def __init__(self, *, total_cents: int, due_date: date) -> None:
        self.total_cents = total_cents
        self.due_date = due_date
        self.rows: list[LedgerRow] = []
        self.opened_at: datetime | None = None
        self.viewed_at: datetime | None = None
        self.cancelled_at: datetime | None = None
        self.today = date.min
        self._moment = 0

    @property
    def figures(self) -> Figures:
        return figures(self.total_cents, self.rows)

    @property
    def status(self) -> Status:
        return status(self.facts(self.rows), self.today)

    @property
    def tiles(self) -> frozenset[Tile]:
        return tiles(self.facts(self.rows), self.today)

    def facts(self, rows: list[LedgerRow]) -> InvoiceFacts:
        """What the status is decided from, were these the rows."""
        money = figures(self.total_cents, rows)
        return InvoiceFacts(
            total_cents=self.total_cents,
            settled_cents=money.settled_cents,
            balance_cents=money.balance_cents,
            due_date=self.due_date,
            opened_at=self.opened_at,
            viewed_at=self.viewed_at,
            cancelled_at=self.cancelled_at,
        )

    def send(self) -> None:
        self.opened_at = self._now()

    def view(self) -> None:
        self.viewed_at = self._now()

    def cancel(self) -> None:
        self._require_payable()
        if self.figures.pending_cents:
            raise NotPayable("waiting for a payment")
        self.cancelled_at = self._now()

    def pay(self, amount_cents: int, row_status: RowStatus) -> int:
        """A payment by hand (Completed) or online (Pending)."""
        self._require_payable()
        check_payment(self.total_cents, self.rows, amount_cents)
        return self._append(Kind.PAYMENT, amount_cents, row_status)

    def receive(self, amount_cents: int) -> int:
        """Money that arrived although nobody expected it any more (R063)."""
        return self._append(Kind.PAYMENT, amount_cents, RowStatus.COMPLETED)

    def refund(self, payment_id: int, amount_cents: int, row_status: RowStatus) -> int:
        check_refund(self.rows[payment_id], self.rows, amount_cents)
        return self._append(Kind.REFUND, -amount_cents, row_status, reverses_id=payment_id)

    def take_back(self, payment_id: int) -> int:
        """The payer's bank takes what is left of a payment (R066)."""
        amount_cents = refundable_cents(self.rows[payment_id], self.rows)
        if amount_cents == 0:
            raise NotRefundable("Nothing is left of it.")
        return self._append(Kind.RETURN, -amount_cents, RowStatus.COMPLETED, reverses_id=payment_id)

    def move(self, row_id: int, after: RowStatus) -> None:
        """Stripe said what became of a row. That a charge succeeded is news of a Pending one only:
        told again after a refund, it must not undo Refunded."""
        row = self.rows[row_id]
        if row.status is RowStatus.REFUNDED:
            raise IllegalTransition(before=row.status, after=after)
        check_transition(row.kind, before=row.status, after=after)
        self._change(replace(row, status=after))

    def _append(
        self,
        kind: Kind,
        amount_cents: int,
        row_status: RowStatus,
        *,
        reverses_id: int | None = None,
    ) -> int:
        row = LedgerRow(
            id=len(self.rows),
            kind=kind,
            amount_cents=amount_cents,
            status=row_status,
            reverses_id=reverses_id,
        )
        settled_before = self.figures.settled_cents
        self.rows.append(row)
        self._align(row)
        if settled_before > 0 and self.figures.settled_cents == 0:
            self.opened_at = self._now()
        return row.id

    def _change(self, row: LedgerRow) -> None:
        self.rows[row.id] = row
        self._align(row)

    def _align(self, row: LedgerRow) -> None:
        if row.reverses_id is None:
            return
        payment = self.rows[row.reverses_id]
        after = status_by_refunds(payment, self.rows)
        if after is not payment.status:
            check_transition(payment.kind, before=payment.status, after=after)
            self.rows[payment.id] = replace(payment, status=after)

    def _require_payable(self) -> None:
        if self.status not in PAYABLE:
            raise NotPayable(self.status)

    def _now(self) -> datetime:
        self._moment += 1
        return datetime.fromtimestamp(self._moment, UTC)
