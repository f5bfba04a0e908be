"""What about a charge needs a person, each as a sentence that says what to do (R061–R063)."""

from sqlalchemy import Connection, func, select

from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.stripe_exceptions import Problem
from assure_app.domain.money import full_text
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.online import ExceptionKind
from assure_app.models.tables import payment
from assure_app.stripe_gateway.records import Charge

_CHARGE = "charge"


def unknown(charge: Charge, *, firm_id: int | None) -> Problem:
    """Money that no payment page of ours asked for."""
    return _problem(
        charge,
        ExceptionKind.UNKNOWN_CHARGE,
        f"Stripe took {full_text(charge.amount_cents)} that no invoice here asked for. Find out "
        "whose payment it is; record it on its invoice, or refund it in Stripe.",
        firm_id=firm_id,
    )


def differs(
    charge: Charge, difference: str, *, firm_id: int | None, invoice_id: int | None
) -> Problem:
    """A charge that is not what was asked for."""
    return _problem(
        charge,
        ExceptionKind.MISMATCH,
        f"A charge over {full_text(charge.amount_cents)} is not what was asked for. {difference} "
        "It is in no ledger: refund it in Stripe, or record it by hand.",
        firm_id=firm_id,
        invoice_id=invoice_id,
    )


def contradicts(charge: Charge, invoice: InvoiceRecord, payment_id: int) -> Problem:
    """A charge that Stripe first called done and then failed, which it never should."""
    return _problem(
        charge,
        ExceptionKind.CONTRADICTION,
        f"Stripe now says that a payment of {full_text(charge.amount_cents)} on {invoice.number} "
        "failed, which it had confirmed. The ledger keeps it: look at the charge in Stripe.",
        firm_id=invoice.firm_id,
        invoice_id=invoice.id,
        payment_id=payment_id,
    )


def is_surplus(
    charge: Charge, invoice: InvoiceRecord, payment_id: int, surplus_cents: int
) -> Problem:
    """Money that arrived although the invoice did not ask for it any more (R063, R070)."""
    why = "is cancelled" if invoice.cancelled_at else "was paid already"
    return _problem(
        charge,
        ExceptionKind.SURPLUS,
        f"{full_text(surplus_cents)} arrived on {invoice.number}, which {why}: "
        "it needs a refund or a credit.",
        firm_id=invoice.firm_id,
        invoice_id=invoice.id,
        payment_id=payment_id,
    )


def of_standing_row(
    connection: Connection,
    charge: Charge,
    invoice: InvoiceRecord,
    *,
    payment_id: int,
    status: RowStatus,
) -> Problem | None:
    """What Stripe did to a payment that the ledger does not show: a refund there."""
    if status not in {RowStatus.COMPLETED, RowStatus.REFUNDED}:
        return None
    place = {"firm_id": invoice.firm_id, "invoice_id": invoice.id, "payment_id": payment_id}
    if charge.amount_refunded_cents > _refunded_cents(connection, payment_id):
        return _problem(
            charge,
            ExceptionKind.REFUNDED_AT_STRIPE,
            f"{full_text(charge.amount_refunded_cents)} of a payment on {invoice.number} was "
            "refunded in Stripe, and the ledger does not show it yet.",
            **place,
        )
    return None


def _refunded_cents(connection: Connection, payment_id: int) -> int:
    given_back = select(func.coalesce(-func.sum(payment.c.amount_cents), 0)).where(
        payment.c.reverses_id == payment_id,
        payment.c.kind == Kind.REFUND.value,
        payment.c.status != RowStatus.FAILED.value,
    )
    return int(connection.scalar(given_back) or 0)


def _problem(
    charge: Charge,
    kind: ExceptionKind,
    sentence: str,
    *,
    firm_id: int | None,
    invoice_id: int | None = None,
    payment_id: int | None = None,
) -> Problem:
    return Problem(
        kind=kind,
        account_id=charge.account_id,
        object_id=charge.id,
        object_kind=_CHARGE,
        sentence=sentence,
        firm_id=firm_id,
        amount_cents=charge.amount_cents,
        invoice_id=invoice_id,
        payment_id=payment_id,
    )
