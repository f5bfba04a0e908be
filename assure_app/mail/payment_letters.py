"""Letters about an online payment: to the client when it arrived or failed, to the firm on failure.

The client is told an amount, a method and what is left: never a fee, a note or a name of the
firm's staff (R105, R113).
"""

from dataclasses import dataclass
from datetime import date

from assure_app.domain.calendar import long_day_text
from assure_app.domain.money import full_text
from assure_app.mail.invoice_mail import Letter
from assure_app.mail.money_letter import Words, compose
from assure_app.mail.notification_letter import CLOSING, settings_link


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedPayment:
    """One payment as its letters tell it; amounts in cents.

    `method` is what of a card or account may be told, "Visa •••• 4242". `balance_cents` is what the
    invoice still asks for now, after this payment or its failure. `invoice_link` leads to the page
    where it is seen and paid. `reason` is the bank's, for a failure, "" for none. `is_autopay` says
    that nobody made it: a saved method was charged.
    """

    firm: str
    client: str
    payer: str
    number: str
    amount_cents: int
    method: str
    made_on: date
    balance_cents: int
    invoice_link: str
    reason: str = ""
    is_autopay: bool = False


def received(payment: MailedPayment) -> Letter:
    """To the client: the money arrived."""
    amount = full_text(payment.amount_cents)
    return compose(
        payment.firm,
        Words(
            subject=f"Payment received: {amount} for invoice {payment.number}",
            headline=f"{amount} received",
            said=_thanks(payment),
            facts=_facts(payment),
            label="See invoice",
            link=payment.invoice_link,
            closing=_questions(payment),
        ),
    )


def failed(payment: MailedPayment) -> Letter:
    """To the client: the money did not arrive, and the invoice asks for it again (R044)."""
    amount = full_text(payment.amount_cents)
    return compose(
        payment.firm,
        Words(
            subject=f"Payment failed: {amount} for invoice {payment.number}",
            headline=f"{amount} did not go through",
            said=(
                f"{payment.payer}, your payment to {payment.firm} failed, and nothing was charged."
                " The invoice stands as it did before; please pay it in another way."
            ),
            facts=_facts(payment),
            label="Pay now",
            link=payment.invoice_link,
            closing=_questions(payment),
        ),
    )


def failed_for_staff(payment: MailedPayment, *, desk_link: str) -> Letter:
    """To the firm: a client's payment failed. `desk_link` opens the invoice at the firm's desk."""
    amount = full_text(payment.amount_cents)
    return compose(
        payment.firm,
        Words(
            subject=f"Payment failed: {payment.client}, {amount} for invoice {payment.number}",
            headline=f"{amount} did not go through",
            said=(
                f"A payment by {payment.payer} of {payment.client} failed. The invoice's balance is"
                " restored, and the client was told."
            ),
            facts={"Client": payment.client} | _facts(payment),
            label="Open invoice",
            link=desk_link,
            closing=CLOSING,
            closing_link=settings_link(),
        ),
    )


def _thanks(payment: MailedPayment) -> str:
    if payment.is_autopay:
        return (
            f"Auto-pay charged {payment.method} as agreed, and {payment.firm} received your"
            " payment. Thank you: you need do nothing."
        )
    return f"Thank you, {payment.payer}. {payment.firm} received your payment."


def _facts(payment: MailedPayment) -> dict[str, str]:
    facts = {
        "Invoice": payment.number,
        "Method": payment.method,
        "Date": long_day_text(payment.made_on),
        "Reason": payment.reason,
        "Still due": full_text(payment.balance_cents),
    }
    return {name: value for name, value in facts.items() if value}


def _questions(payment: MailedPayment) -> str:
    return f"Questions? Reply to this email: it reaches {payment.firm}."
