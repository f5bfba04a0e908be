"""Letters to the firm about a payment that its payer's bank asks about, contests or took back."""

from dataclasses import dataclass

from assure_app.domain.disputes import DisputeKind, DisputeState
from assure_app.domain.money import full_text
from assure_app.mail.invoice_mail import Letter
from assure_app.mail.money_letter import Words, compose
from assure_app.mail.notification_letter import CLOSING, settings_link


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedDispute:
    """A dispute as its letters tell it; amounts in cents.

    `taken_cents` is what the invoice asks for again because of it. `answer_by` is a day, "" where
    nothing can be answered, and `is_final` when the bank hears nobody. `desk_link` opens the
    invoice at the firm's desk.
    """

    firm: str
    client: str
    number: str
    kind: DisputeKind
    state: DisputeState
    amount_cents: int
    taken_cents: int
    payment: str
    reason: str
    answer_by: str
    is_final: bool
    balance_cents: int
    desk_link: str


def for_staff(dispute: MailedDispute) -> Letter:
    """To the firm: what the bank did, and what there is to do until when."""
    headline, said = _told(dispute)
    return _letter(dispute, headline, said)


def warning(dispute: MailedDispute, *, days_left: int) -> Letter:
    """To the firm: nobody has answered yet, and in so many days it is too late."""
    left = {0: "Last day", 1: "1 day left"}.get(days_left, f"{days_left} days left")
    amount = full_text(dispute.amount_cents)
    what = (
        "the bank’s question about" if dispute.kind is DisputeKind.INQUIRY else "the dispute over"
    )
    return _letter(dispute, f"{left} to answer {what} {amount}", _WORDS[dispute.state][1])


def _letter(dispute: MailedDispute, headline: str, said: str) -> Letter:
    facts = {
        "Client": dispute.client,
        "Invoice": dispute.number,
        "Payment": dispute.payment,
        "Reason": dispute.reason[:1].upper() + dispute.reason[1:],
        "Answer by": dispute.answer_by,
        "Balance": full_text(dispute.balance_cents),
    }
    return compose(
        dispute.firm,
        Words(
            subject=f"{headline}: {dispute.client}, invoice {dispute.number}",
            headline=headline,
            said=said,
            facts={name: value for name, value in facts.items() if value},
            label="Open invoice",
            link=dispute.desk_link,
            closing=CLOSING,
            closing_link=settings_link(),
        ),
    )


def _told(dispute: MailedDispute) -> tuple[str, str]:
    """The headline, and the sentences under it."""
    amount = full_text(dispute.amount_cents)
    if dispute.state in {DisputeState.LOST, DisputeState.PREVENTED}:
        return _headline_of_loss(dispute.kind, amount), _said_of_loss(dispute.taken_cents)
    if dispute.is_final and dispute.state is DisputeState.ASKED:
        return f"{amount} disputed", _FINAL
    headline, said = _WORDS[dispute.state]
    return headline.format(amount=amount), said


def _headline_of_loss(kind: DisputeKind, amount: str) -> str:
    if kind is DisputeKind.BANK_RETURN:
        return f"{amount} returned by the bank"
    return f"Dispute over {amount} lost"


def _said_of_loss(taken_cents: int) -> str:
    if not taken_cents:
        return "It changes nothing on the invoice: nothing of the payment was left there."
    return (
        f"{full_text(taken_cents)} went back to the payer, and the invoice asks for it again. Tell "
        "the client why, and send the invoice again or agree on another way to pay."
    )


_FINAL = (
    "The payer’s bank contests this bank payment. Its word is final, and nothing can be answered: "
    "talk to the client."
)
_ASKED = (
    "The payer’s bank contests this payment, and Stripe holds the money until it has decided. "
    "Answer in Stripe with evidence: unanswered, the dispute is lost."
)
_INQUIRY = (
    "The payer’s bank asks about this payment. No money has moved. Answer in Stripe, or refund the "
    "payment, before it becomes a dispute."
)
_STANDS = "The bank decided for you: the payment stands, and there is nothing to do."
_CLOSED = "The bank asks no further: the payment stands, and there is nothing to do."
_WORDS = {
    DisputeState.INQUIRY_ASKED: ("A bank asks about {amount}", _INQUIRY),
    DisputeState.INQUIRY_ANSWERED: ("A bank asks about {amount}", _INQUIRY),
    DisputeState.INQUIRY_CLOSED: ("Inquiry about {amount} closed", _CLOSED),
    DisputeState.ASKED: ("{amount} disputed", _ASKED),
    DisputeState.ANSWERED: ("{amount} disputed", _ASKED),
    DisputeState.WON: ("Dispute over {amount} won", _STANDS),
}
