"""How disputes are called on screens, in the timeline and in the queue for people."""

from assure_app.billing.dispute_record import StoredDispute
from assure_app.domain.calendar import day_of, long_day_text
from assure_app.domain.disputes import WAITS_FOR_US, DisputeKind, DisputeState, reason_text
from assure_app.domain.ledger import Method
from assure_app.domain.money import full_text, short_text

LABELS = {
    DisputeKind.INQUIRY: "Inquiry",
    DisputeKind.CONTEST: "Dispute",
    DisputeKind.BANK_RETURN: "Bank return",
}
"""What a row that the bank took back is called, and the flag on a payment."""

GIVEN_BACK = "Dispute reversed"
"""What a row is called that came back after a dispute had been lost."""


def answer_by(known: StoredDispute, timezone: str) -> str:
    """ "Jun 2, 2026" in firm time; "" where there is nothing to answer."""
    if known.evidence_due_at is None or known.facts.state not in WAITS_FOR_US:
        return ""
    return long_day_text(day_of(known.evidence_due_at, timezone))


def to_do(known: StoredDispute, *, number: str, method: Method, timezone: str) -> str:
    """What a person has to do about an open dispute until when, for the queue."""
    amount = full_text(known.amount_cents)
    until = answer_by(known, timezone)
    by = f" by {until}" if until else ""
    why = reason_text(known.reason)
    if known.kind is DisputeKind.INQUIRY:
        text = f"The payer’s bank asks about {amount} on {number} ({why}). No money has moved. "
        if known.facts.state is DisputeState.INQUIRY_ANSWERED:
            return text + "You have answered: wait for the bank."
        return text + f"Answer in Stripe{by}, or refund the payment."
    text = f"The payer’s bank contests {amount} on {number} ({why}). "
    if method is Method.ACH:
        return text + "The bank’s word on a bank payment is final: talk to the client."
    if known.facts.state is DisputeState.ANSWERED:
        return text + "You have answered: wait for the bank to decide."
    return text + f"Answer in Stripe{by} with evidence: unanswered, the money is lost."


def state_text(known: StoredDispute, payment: str, timezone: str) -> str:
    """The timeline's entry for a state that wrote no row."""
    until = answer_by(known, timezone)
    return _STATES[known.facts.state].format(
        label=LABELS[known.kind],
        money=f"{short_text(known.amount_cents)} of {payment}",
        why=reason_text(known.reason) + (f": answer in Stripe by {until}" if until else ""),
    )


def taken_text(known: StoredDispute, payment: str, cents: int) -> str:
    """The timeline's entry for a row that the bank took back."""
    how = "returned by the bank" if known.kind is DisputeKind.BANK_RETURN else "lost in a dispute"
    return f"{short_text(cents)} of {payment} {how} — {reason_text(known.reason)}"


def given_back_text(payment: str, cents: int) -> str:
    """The timeline's entry for money that came back after a dispute had been lost."""
    return f"{short_text(cents)} of {payment} came back: the lost dispute was reversed"


def rest_text(known: StoredDispute, rest_cents: int, number: str) -> str:
    """What to do about money that a bank took of a payment of which nothing was left."""
    return (
        f"The bank took {full_text(known.facts.taken_cents)} of a payment on {number}, but "
        f"{full_text(rest_cents)} of that had gone back before: the payer has it twice. The "
        "invoice does not ask for it again; settle it with the client."
    )


_STATES = {
    DisputeState.INQUIRY_ASKED: "Bank asks about {money} — {why}",
    DisputeState.INQUIRY_ANSWERED: "Inquiry about {money} answered: the bank looks at it",
    DisputeState.INQUIRY_CLOSED: "Inquiry about {money} closed: the payment stands",
    DisputeState.ASKED: "Dispute of {money} opened — {why}",
    DisputeState.ANSWERED: "Dispute of {money} answered: the bank decides",
    DisputeState.WON: "Dispute of {money} won: the payment stands",
    DisputeState.LOST: "{label} of {money} changes nothing here — {why}",
    DisputeState.PREVENTED: "{label} of {money} changes nothing here — {why}",
}
