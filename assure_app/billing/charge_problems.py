"""What about a charge needs a person, each as a sentence that says what to do (R061–R063)."""

from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.stripe_exceptions import Problem
from assure_app.domain.money import full_text
from assure_app.models.online import ExceptionKind
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
