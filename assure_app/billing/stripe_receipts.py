"""Stripe's own receipt of a charge: its address is asked for at the click, since it expires (R133).

Nothing of it is kept. Who holds the address can read the receipt, so it is for View billing alone.
"""

from urllib.parse import urlsplit

from sqlalchemy import select

from assure_app.billing import invoice_record
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import BillingError, NotFound
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.transitions import Kind
from assure_app.models.tables import invoice, payment
from assure_app.settings import get_settings
from assure_app.stripe_gateway import charges as stripe_charges
from assure_app.stripe_gateway.outcomes import Refused

_STRIPE = "stripe.com"


class NoStripeReceipt(BillingError):
    """Stripe knows no receipt of this charge, or none that we would send anyone to."""

    def __init__(self) -> None:
        super().__init__(
            "Stripe has no receipt for this payment. Our own receipt is beside the payment."
        )


class StripeReceiptSilent(BillingError):
    """Stripe could not be asked for the receipt."""

    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "Stripe cannot be reached at the moment, so its receipt cannot be shown. "
            "Please try again in a minute."
        )


def receipt_url(principal: Principal, payment_id: int) -> str:
    """Where Stripe shows the receipt now.

    Raises NotFound for a row that is no charge or that the person may not see, NoStripeReceipt,
    and StripeReceiptSilent.
    """
    principal.require(Permission.VIEW_BILLING)
    account_id, charge_id = _charge_of(principal, payment_id)
    try:
        found = answer(stripe_charges.retrieve_charge(account_id, charge_id))
    except StripeSilent as silent:
        raise StripeReceiptSilent from silent
    if isinstance(found, Refused) or not is_stripes(found.receipt_url):
        raise NoStripeReceipt
    return found.receipt_url


def is_stripes(url: str) -> bool:
    """Whether the address is a page of Stripe, or of what stands in its place here."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not url.isascii() or not url.isprintable() or "\\" in url or "@" in parts.netloc:
        return False
    if f"{parts.scheme}://{parts.netloc}" == get_settings().stripe_api_base:
        return True
    is_stripe = host == _STRIPE or host.endswith(f".{_STRIPE}")
    return parts.scheme == "https" and is_stripe and port in {None, 443}


def _charge_of(principal: Principal, payment_id: int) -> tuple[str, str]:
    wanted = (
        select(payment.c.stripe_account_id, payment.c.stripe_charge_id)
        .join(invoice, invoice.c.id == payment.c.invoice_id)
        .where(
            payment.c.id == payment_id,
            payment.c.kind == Kind.PAYMENT.value,
            payment.c.stripe_charge_id.is_not(None),
            invoice_record.visible_to(principal),
        )
    )
    with reading() as connection:
        row = connection.execute(wanted).first()
    if row is None:
        raise NotFound("receipt")
    return row.stripe_account_id, row.stripe_charge_id
