"""Letters about a charge of auto-pay's that failed: to the client what to do, to the firm what was
done (R126)."""

from dataclasses import dataclass
from datetime import date

from assure_app.domain.calendar import long_day_text
from assure_app.domain.money import full_text
from assure_app.mail.invoice_mail import Letter
from assure_app.mail.money_letter import Words, compose


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedTry:
    """A failed try as its letters tell it; amounts in cents.

    `next_try_on` is when it is tried again, None for never by itself; `tries` is how often it was.
    `method` and `reason` are "" when there was nothing to charge.
    """

    firm: str
    client: str
    number: str
    amount_cents: int
    method: str
    reason: str
    invoice_link: str
    next_try_on: date | None
    tries: int


def tried_again(told: MailedTry) -> Letter:
    """To the client: it failed, and is tried again by itself."""
    day = long_day_text(told.next_try_on) if told.next_try_on else ""
    return _to_client(
        told,
        f"We could not charge {told.method} for {told.firm}. Nothing was taken. We will try again"
        f" on {day}; if you would rather not wait, pay now in any way you like.",
        more={"Next try": day},
    )


def must_confirm(told: MailedTry) -> Letter:
    """To the client: the bank wants them to confirm, which they can only do themselves."""
    return _to_client(
        told,
        f"Your bank wants you to confirm this payment to {told.firm}, which only you can do."
        " Nothing was taken. Press Pay now and follow your bank’s steps: the same card will do.",
    )


def must_pay(told: MailedTry) -> Letter:
    """To the client: it failed for good with this method."""
    return _to_client(
        told,
        f"We could not charge {told.method} for {told.firm}, and we will not try it again. Nothing"
        " was taken. Please pay now with another card or bank account; you can save it there for"
        " the next time.",
    )


def not_charged(told: MailedTry) -> Letter:
    """To the client: nothing could be charged, as when no method is saved."""
    return _to_client(
        told,
        f"Your invoices from {told.firm} are paid automatically, but this one could not be charged."
        " Nothing was taken. Please pay now; you can save a card or bank account there for the"
        " next time.",
    )


def _to_client(told: MailedTry, said: str, *, more: dict[str, str] | None = None) -> Letter:
    amount = full_text(told.amount_cents)
    facts = {"Invoice": told.number, "Method": told.method, "Reason": told.reason} | (more or {})
    return compose(
        told.firm,
        Words(
            subject=f"Payment failed: {amount} for invoice {told.number}",
            headline=f"{amount} was not paid",
            said=said,
            facts={name: value for name, value in facts.items() if value} | {"Still due": amount},
            label="Pay now",
            link=told.invoice_link,
            closing=f"Questions? Reply to this email: it reaches {told.firm}.",
        ),
    )


def for_staff(told: MailedTry, *, headline: str, what_next: str, desk_link: str) -> Letter:
    """To the firm: a try failed, or the last one did; `what_next` says what follows."""
    amount = full_text(told.amount_cents)
    facts = {
        "Client": told.client,
        "Invoice": told.number,
        "Method": told.method,
        "Reason": told.reason,
        "Still due": amount,
    }
    return compose(
        told.firm,
        Words(
            subject=f"{headline}: {told.client}, {amount} for invoice {told.number}",
            headline=headline,
            said=what_next,
            facts={name: value for name, value in facts.items() if value},
            label="Open invoice",
            link=desk_link,
            closing="You get this letter because you handle billing for your firm.",
        ),
    )
