"""Letters about a refund through Stripe: to the client that it is on its way, to the firm that it
failed.

The client is told an amount, an invoice and when the money arrives: never a reason, a note, a fee
or a name of the firm's staff (R098, R105, R113).
"""

from dataclasses import dataclass

from assure_app.domain.money import full_text
from assure_app.mail.invoice_mail import Letter
from assure_app.mail.money_letter import Words, compose
from assure_app.mail.notification_letter import CLOSING, settings_link


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedRefund:
    """One refund as its letters tell it; the amount in cents.

    `method` is what of a card or account may be told, "Visa •••• 4242". `arrives` is between which
    days the money shows up, "between Nov 30 and Dec 7". `invoice_link` leads the client to the
    invoice, `desk_link` the firm's people. `reason` is why it failed, "" for none.
    """

    firm: str
    client: str
    number: str
    amount_cents: int
    method: str
    arrives: str
    invoice_link: str
    desk_link: str
    reason: str = ""


def on_its_way(refund: MailedRefund) -> Letter:
    """To the client: the money comes back, and when (R098)."""
    amount = full_text(refund.amount_cents)
    return compose(
        refund.firm,
        Words(
            subject=f"Your refund is on its way: {amount} for invoice {refund.number}",
            headline="Your refund is on its way",
            said=(
                f"{refund.firm} sent {amount} back to {refund.method}. It shows on your statement "
                f"{refund.arrives}; how soon is up to your bank."
            ),
            facts={
                "Invoice": refund.number,
                "Amount": amount,
                "Method": refund.method,
                "Arrives": refund.arrives,
            },
            label="See invoice",
            link=refund.invoice_link,
            closing=f"Questions? Reply to this email: it reaches {refund.firm}.",
        ),
    )


def failed_for_staff(refund: MailedRefund) -> Letter:
    """To the firm: the money did not go back, and nobody tries again by itself (R093)."""
    amount = full_text(refund.amount_cents)
    return compose(
        refund.firm,
        Words(
            subject=f"Refund failed: {refund.client}, {amount} for invoice {refund.number}",
            headline=f"A refund of {amount} failed",
            said=(
                f"{refund.client} did not get this refund: the money is in your Stripe balance, and"
                " the payment counts as received again. Nothing is tried again by itself. Refund"
                " it once more, or give the money back in another way."
            ),
            facts={
                "Client": refund.client,
                "Invoice": refund.number,
                "Amount": amount,
                "Method": refund.method,
                "Reason": refund.reason,
            },
            label="Open invoice",
            link=refund.desk_link,
            closing=CLOSING,
            closing_link=settings_link(),
        ),
    )
