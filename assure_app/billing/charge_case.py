"""A charge as Stripe tells of it, beside all that the books hold of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from assure_app.billing import checkouts, invoice_record, ledger_rows
from assure_app.billing.charge_text import method_detail, method_of, reason_of
from assure_app.billing.checkouts import Checkout
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.fees import FeeSchedule, estimate_fee_cents
from assure_app.domain.ledger import LedgerRow, Method
from assure_app.domain.online import ChargeState
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import firm, payment
from assure_app.stripe_gateway.records import Charge

# Built once: building a statement takes longer than running it.
_OF_CHARGE = (
    select(payment.c.id, payment.c.status, payment.c.fee_cents)
    .where(
        payment.c.stripe_account_id == bindparam("account_id"),
        payment.c.stripe_charge_id == bindparam("charge_id"),
    )
    .order_by(payment.c.id)
)
_FEES = select(
    firm.c.card_fee_basis_points.label("card_basis_points"),
    firm.c.card_fee_fixed_cents.label("card_fixed_cents"),
    firm.c.ach_fee_basis_points.label("ach_basis_points"),
    firm.c.ach_fee_fixed_cents.label("ach_fixed_cents"),
).where(firm.c.id == bindparam("firm_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeCase:
    """A charge, the page it was made on, and the invoice it pays, which is locked."""

    charge: Charge
    checkout: Checkout
    invoice: InvoiceRecord
    rows: Sequence[LedgerRow]
    stored: Sequence[Row[*tuple[Any, ...]]]
    method: Method
    now: datetime

    @property
    def says(self) -> ChargeState:
        return ChargeState(self.charge.status.value)

    @property
    def failure(self) -> str:
        """Why the charge failed, for the row; "" when it did not."""
        return reason_of(self.charge) if self.says is ChargeState.FAILED else ""


def find(connection: Connection, charge: Charge, found: Checkout, *, now: datetime) -> ChargeCase:
    """Lock the invoice of the page, and read all that a decision about the charge needs."""
    invoice = invoice_record.lock_of_firm(
        connection, firm_id=found.firm_id, invoice_id=found.invoice_id
    )
    return ChargeCase(
        charge=charge,
        checkout=checkouts.by_id(connection, found.id),  # As it is now that the invoice is held.
        invoice=invoice,
        rows=ledger_rows.of_invoice(connection, invoice.id),
        stored=rows_of(connection, charge),
        method=method_of(charge.method),
        now=now,
    )


def rows_of(connection: Connection, charge: Charge) -> Sequence[Row[*tuple[Any, ...]]]:
    """The rows that the charge has in the ledger so far, oldest first."""
    key = {"account_id": charge.account_id, "charge_id": charge.id}
    return connection.execute(_OF_CHARGE, key).all()


def new_row(case: ChargeCase, status: RowStatus, fee_cents: int) -> ledger_rows.NewRow:
    """The row that the charge becomes."""
    charge, began_at = case.charge, min(case.charge.created_at, case.now)
    # A card is confirmed in the moment it is charged, however late we hear of it (R016).
    settled_at = began_at if case.method is Method.CARD else case.now
    return ledger_rows.NewRow(
        kind=Kind.PAYMENT,
        source=case.checkout.source,
        method=case.method,
        amount_cents=charge.amount_cents,
        status=status,
        paid_by=case.checkout.payer,
        user_id=None,
        created_at=began_at,
        completed_at=settled_at if status is RowStatus.COMPLETED else None,
        fee_cents=fee_cents,
        failure_reason=case.failure,
        stripe=ledger_rows.StripeRow(
            account_id=charge.account_id,
            charge_id=charge.id,
            payment_intent_id=charge.payment_intent_id,
            checkout_id=case.checkout.id,
            contact_id=case.checkout.contact_id,
            method_detail=method_detail(charge),
        ),
    )


def fee_cents(connection: Connection, case: ChargeCase, status: RowStatus) -> int:
    """What a row of this status costs: Stripe's own figure, or the estimate by the firm's schedule
    until it is known; nothing unless it is Completed (R099, R104)."""
    if status is not RowStatus.COMPLETED:
        return 0
    if case.charge.fee_cents is not None:
        return case.charge.fee_cents
    fees = connection.execute(_FEES, {"firm_id": case.invoice.firm_id}).mappings().one()
    return estimate_fee_cents(case.method, case.charge.amount_cents, FeeSchedule(**fees))
