"""The rows of the control page, each with what can be done to it. What came in is escaped."""

from dataclasses import dataclass
from html import escape

from assure_app.domain.money import full_text
from assure_app.sandbox.stripe import Sandbox
from assure_app.sandbox.stripe.overview import ChargeRow, DisputeRow, EventRow, PayoutRow, RefundRow
from assure_app.sandbox.stripe_pages import fields, forms, moments
from assure_app.sandbox.stripe_pages.pieces import badge

_FAILURES = {
    "insufficient_funds": "Insufficient funds",
    "account_closed": "Account closed",
    "no_account": "No such account",
    "debit_not_authorized": "Not authorized",
}
_RETURNS = {
    "insufficient_funds": "Insufficient funds",
    "incorrect_account_details": "Wrong account",
    "bank_cannot_process": "Bank cannot process",
    "debit_not_authorized": "Customer disputes",
}
_TONES = {
    "succeeded": "good",
    "paid": "good",
    "pending": "warn",
    "failed": "bad",
    "won": "good",
    "lost": "bad",
}


@dataclass(frozen=True, slots=True)
class Buttons:
    """Makes the forms of one account's page, and the buttons that are forms alone."""

    sandbox: Sandbox
    account_id: str

    def form(self, act: str, content: str, **given: str) -> str:
        held = {"account": self.account_id} | given
        inside = "".join(fields.hidden(name, value) for name, value in held.items())
        return forms.form(self.sandbox, f"/stripe/{act}", inside + content)

    def button(self, act: str, label: str, **given: str) -> str:
        return self.form(act, fields.button(label, kind="sm"), **given)


def charge(buttons: Buttons, row: ChargeRow) -> str:
    """A payment: a pending debit settles or fails, one that succeeded may be disputed."""
    more = [moments.short(row.created_at), row.id]
    if row.refunded_cents:
        more.insert(0, f"{full_text(row.refunded_cents)} refunded")
    if row.is_disputed:
        more.insert(0, "Disputed")
    if row.failure:
        more.insert(0, row.failure)
    what = row.method + (f" · {row.description}" if row.description else "")
    return _entry(row, what=what, more=more, acts=_charge_acts(buttons, row))


def _charge_acts(buttons: Buttons, row: ChargeRow) -> str:
    if row.can_settle:
        reasons = fields.select("reason", _FAILURES, label="Why it fails")
        return buttons.button("settle", "Settle now", id=row.id) + buttons.form(
            "fail", reasons + fields.button("Fail now", kind="sm"), id=row.id
        )
    return _refund_form(buttons, row) + _dispute_forms(buttons, row)


def _refund_form(buttons: Buttons, row: ChargeRow) -> str:
    """Giving back as the firm would in Stripe's own dashboard; an empty amount is all of it."""
    if not row.can_be_refunded:
        return ""
    amount = fields.small_text(
        "amount", label="Amount to refund", placeholder="All of it", inputmode="decimal"
    )
    return buttons.form("refund", amount + fields.button("Refund", kind="sm"), id=row.id)


def _dispute_forms(buttons: Buttons, row: ChargeRow) -> str:
    if not row.can_be_disputed:
        return ""
    if row.is_bank:
        reasons = fields.select("reason", _RETURNS, label="Why it is returned")
        return buttons.form(
            "return_late", reasons + fields.button("Return late", kind="sm"), id=row.id
        )
    return buttons.button("dispute", "Dispute", id=row.id) + buttons.button(
        "inquire", "Inquire", id=row.id
    )


def dispute(buttons: Buttons, row: DisputeRow) -> str:
    """A dispute, which is won or lost while it is open, and may be reversed after it was lost."""
    more = [f"of {row.charge_id}", moments.short(row.created_at), row.id]
    acts = ""
    if row.is_inquiry and row.is_open:
        acts = buttons.button("escalate_dispute", "Make a dispute", id=row.id)
    if row.can_be_reversed:
        acts = buttons.button("reverse_dispute", "Give back", id=row.id)
    if row.is_open:
        acts += buttons.button("win_dispute", "Win", id=row.id) + buttons.button(
            "lose_dispute", "Lose", id=row.id
        )
    return _entry(row, what=_words(row.reason), more=more, acts=acts)


def refund(buttons: Buttons, row: RefundRow) -> str:
    """A refund, which may fail even after it succeeded."""
    more = [moments.short(row.created_at), row.id]
    acts = buttons.button("fail_refund", "Fail", id=row.id) if row.can_fail else ""
    return _entry(row, what=f"Of {row.charge_id}", more=more, acts=acts)


def payout(buttons: Buttons, row: PayoutRow) -> str:
    """Money on its way to the bank, which may send it back."""
    acts = buttons.button("fail_payout", "Fail", id=row.id) if row.can_fail else ""
    more = [moments.short(row.created_at), row.id]
    return _entry(row, what="To the bank •••• 6789", more=more, acts=acts)


def taken_in_stripe(buttons: Buttons) -> str:
    """Taking a payment as the firm would in Stripe's own dashboard, for no invoice."""
    amount = fields.small_text(
        "amount", label="Amount to take", placeholder="Amount", inputmode="decimal"
    )
    return buttons.form("charge", amount + fields.button("Take in Stripe", kind="sm"))


def _entry(
    row: ChargeRow | DisputeRow | RefundRow | PayoutRow, *, what: str, more: list[str], acts: str
) -> str:
    small = escape(" · ".join(more))
    return (
        f'<li class="entry" data-id="{escape(row.id)}">'
        f'<span class="num">{full_text(row.amount_cents)}</span>'
        f"<span>{badge(_words(row.status), _TONES.get(row.status, 'warn'))}</span>"
        f'<p class="what">{escape(what)}<small>{small}</small></p>'
        f'<div class="acts">{acts}</div></li>'
    )


def older(rows: list[str]) -> str:
    """The events further back, behind a line that opens."""
    return (
        '<li><details class="older-rows"><summary>Older events</summary>'
        f"<ul>{''.join(rows)}</ul></details></li>"
    )


def event(row: EventRow) -> str:
    """What happened, and what became of telling it."""
    return (
        f'<li class="event" data-id="{escape(row.id)}"><p class="what">{escape(row.type)}'
        f"<small>{moments.short(row.created_at)} · {escape(row.id)}</small></p>"
        f"<span>{_delivery(row.deliveries)}</span></li>"
    )


def _delivery(told: str) -> str:
    if not told:
        return badge("Nobody listens")
    if told.endswith("on its way"):
        return badge("On its way", "warn")
    is_taken = all(each.isdigit() for each in told.split("; "))
    words = f"Taken: {told}" if is_taken else told[:1].upper() + told[1:]
    return badge(words, "good" if is_taken else "bad")


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
