"""A payment that may be refunded, with all that the rules need to say so (R079, R092, R096)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import invoice_record, ledger_rows, stripe_accounts
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.payment_text import payment_title
from assure_app.domain import ledger
from assure_app.domain.errors import NotFound, NotRefundable
from assure_app.domain.fees import net_cents
from assure_app.domain.ledger import MANUAL_METHODS, LedgerRow, Method
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.refund_approval import RefundTerms
from assure_app.domain.refund_reasons import RefundReason
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import contact, firm
from assure_app.models.tables import invoice as invoice_table
from assure_app.models.tables import payment as payment_table

AT_STRIPE = "A card or bank payment is refunded in Stripe’s Dashboard."
NOT_CONNECTED = (
    "The Stripe account that took this payment is not connected: refund it in your Stripe "
    "Dashboard."
)
NO_STRIPE_ADMIN = (
    "You need “Stripe admin” to refund a card or bank payment. Ask the owner of your firm."
)
NO_EDIT = "You need “Edit billing” to refund a payment."


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRefund:
    """A refund as read from the form: valid in itself, not yet held against the payment."""

    amount_cents: int
    reason: RefundReason
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeOfPayment:
    """What of a charge at Stripe a refund of it needs; `payer` is "" when it is not known.

    `is_connected` says whether its account may still be acted on (R067).
    """

    account_id: str
    charge_id: str
    method_detail: str
    contact_id: int | None
    payer: str
    is_connected: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Refundable:
    """A payment with what surrounds it: its invoice and every row of that invoice's ledger.

    `charge` is None for money that did not come through Stripe. From `second_person_cents` on the
    firm wants two people for a refund; None is never.
    """

    invoice: InvoiceRecord
    rows: list[LedgerRow]
    payment: LedgerRow
    method: Method
    title: str
    fee_cents: int
    charge: ChargeOfPayment | None
    second_person_cents: int | None

    @property
    def left_cents(self) -> int:
        """What may still be given back."""
        return ledger.refundable_cents(self.payment, self.rows)

    @property
    def is_settled_outside(self) -> bool:
        """Whether the firm itself moves the money, and here it is only recorded (R084)."""
        return self.method in MANUAL_METHODS

    def terms(self, amount_cents: int) -> RefundTerms:
        """What decides who may give so much of it back (R096)."""
        return RefundTerms(
            is_through_stripe=not self.is_settled_outside,
            amount_cents=amount_cents,
            threshold_cents=self.second_person_cents,
        )

    def as_row(self, amount_cents: int) -> LedgerRow:
        """The refund as the rules will see it; pending or completed makes no difference to them."""
        return LedgerRow(
            id=0,
            kind=Kind.REFUND,
            amount_cents=-amount_cents,
            status=RowStatus.COMPLETED,
            reverses_id=self.payment.id,
        )

    def after(self, row: LedgerRow, now: datetime) -> InvoiceRecord:
        """The invoice once this row stands in its ledger."""
        return self.invoice.with_rows([*self.rows, row], now=now)

    def net_after_cents(self, amount_cents: int) -> int:
        """What the firm keeps of the payment once this much more went back (R102, R103)."""
        given_back_cents = ledger.reversed_cents(self.payment, self.rows) + amount_cents
        return net_cents(
            self.payment.amount_cents, fee_cents=self.fee_cents, given_back_cents=given_back_cents
        )


def find(
    connection: Connection, principal: Principal, payment_id: object, *, is_locked: bool = False
) -> Refundable:
    """The payment inside what the person may see; its invoice is locked first, always.

    Raises NotFound.
    """
    row = connection.execute(
        select(payment_table, contact.c.name.label("payer"), firm.c.second_person_cents)
        .join(firm, firm.c.id == payment_table.c.firm_id)
        .join(invoice_table, invoice_table.c.id == payment_table.c.invoice_id)
        .outerjoin(contact, contact.c.id == payment_table.c.contact_id)
        .where(payment_table.c.id == _known_id(payment_id), invoice_record.visible_to(principal))
    ).first()
    if row is None:
        raise NotFound("payment")
    get = invoice_record.lock_by_id if is_locked else invoice_record.find_by_id
    invoice = get(connection, principal, row.invoice_id)
    rows = ledger_rows.of_invoice(connection, invoice.id)
    method = Method(row.method)
    charge = None
    if row.stripe_charge_id is not None:
        account = stripe_accounts.find(connection, row.stripe_account_id)
        charge = ChargeOfPayment(
            account_id=row.stripe_account_id,
            charge_id=row.stripe_charge_id,
            method_detail=row.method_detail,
            contact_id=row.contact_id,
            payer=row.payer or "",
            is_connected=account is not None and account.is_connected,
        )
    return Refundable(
        invoice=invoice,
        rows=rows,
        payment=next(each for each in rows if each.id == payment_id),
        method=method,
        title=payment_title(method, row.reference, row.method_detail),
        fee_cents=row.fee_cents,
        charge=charge,
        second_person_cents=row.second_person_cents,
    )


def check(found: Refundable, amount_cents: int) -> None:
    """Raise NotRefundable, AmountNotPositive or RefundExceedsRefundable."""
    check_allowed(found)
    ledger.check_refund(found.payment, found.rows, amount_cents)


def check_allowed(found: Refundable) -> None:
    """Raise NotRefundable with the reason unless something of it can be given back."""
    reason = block(found.payment, found.rows, found.method, is_charge=found.charge is not None)
    if not reason and found.charge is not None and not found.charge.is_connected:
        reason = NOT_CONNECTED
    if reason:
        raise NotRefundable(reason)


def block(payment: LedgerRow, rows: list[LedgerRow], method: Method, *, is_charge: bool) -> str:
    """Why this row cannot be refunded now by anybody, or "" when it can (R092).

    `is_charge`: its charge at Stripe is known; a card payment of before Stripe was connected has
    none that could be asked for.
    """
    reason = ledger.why_not_refundable(payment, rows)
    if reason or is_charge or method in MANUAL_METHODS:
        return reason
    return AT_STRIPE


def missing_right(principal: Principal, method: Method) -> str:
    """Why this person may not refund a payment made in this way, or "" (R096).

    Stripe admin is held by whom it was given to: not even an owner goes without it (A16).
    """
    if not principal.has(Permission.EDIT_BILLING):
        return NO_EDIT
    if method not in MANUAL_METHODS and not principal.has(Permission.STRIPE_ADMIN):
        return NO_STRIPE_ADMIN
    return ""


def _known_id(payment_id: object) -> int:
    # A browser may send a float, a text or a number no column holds; no such payment exists.
    is_whole = isinstance(payment_id, int) and not isinstance(payment_id, bool)
    return payment_id if is_whole and 0 < payment_id < 2**31 else 0  # type: ignore[operator,return-value]
