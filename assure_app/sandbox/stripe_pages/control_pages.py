"""What the control page shows. Whatever came from outside is escaped."""

from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from assure_app.domain.money import full_text
from assure_app.sandbox.stripe import Sandbox
from assure_app.sandbox.stripe.overview import (
    AccountRow,
    ChargeRow,
    DisputeRow,
    EventRow,
    Overview,
    RefundRow,
)
from assure_app.sandbox.stripe.partition import PLATFORM
from assure_app.sandbox.stripe_pages import fault_list, fields, forms, moments
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
_TONES = {"succeeded": "good", "pending": "warn", "failed": "bad", "won": "good", "lost": "bad"}
_DAY_SECONDS = 86_400
_MOST_EVENTS = 12


@dataclass(frozen=True, slots=True)
class _Buttons:
    """Makes the forms of one account's page."""

    sandbox: Sandbox
    account_id: str

    def form(self, act: str, content: str, **given: str) -> str:
        held = {"account": self.account_id} | given
        inside = "".join(fields.hidden(name, value) for name, value in held.items())
        return forms.form(self.sandbox, f"/stripe/{act}", inside + content)

    def button(self, act: str, label: str, **given: str) -> str:
        return self.form(act, fields.button(label, kind="sm"), **given)


def control(sandbox: Sandbox, overview: Overview, *, told: str, refused: str) -> str:
    """One account: what was paid, what may still become of it, and what goes wrong."""
    buttons = _Buttons(sandbox, overview.account_id)
    return (
        "<h1>Stripe</h1>"
        '<p class="lead">Test mode: decide here what banks and customers do. Nothing leaves this'
        " computer.</p>"
        f"{_notice(told, refused)}"
        f"{_clock(buttons, overview)}{_accounts(buttons, overview)}"
        + _listed("Payments", [_charge(buttons, row) for row in overview.charges], _NO_PAYMENTS)
        + _listed("Disputes", [_dispute(buttons, row) for row in overview.disputes], "No disputes.")
        + _listed("Refunds", [_refund(buttons, row) for row in overview.refunds], "No refunds.")
        + f'<div class="twice"><div>{_events(overview)}</div>'
        + f"<div>{fault_list.faults(buttons.form, overview.faults)}</div></div>"
    )


_NO_PAYMENTS = "No payments yet. Pay an invoice in the portal and it appears here."


def _notice(told: str, refused: str) -> str:
    if refused:
        return f'<p class="notice bad" role="alert">{escape(refused)}</p>'
    return f'<p class="notice" role="status">{escape(told)}</p>' if told else ""


def _clock(buttons: _Buttons, overview: Overview) -> str:
    days, rest = divmod(overview.advanced_seconds, _DAY_SECONDS)
    ahead = (
        f"{days} d {rest // 3_600} h ahead of the world’s" if days or rest else "The world’s time"
    )
    return (
        '<section class="card clock" aria-label="Clock">'
        f"<p><b>{moments.full(overview.now)}</b>"
        f'<span class="quiet">Stripe’s clock · {ahead}</span></p><div class="acts">'
        + buttons.button("advance", "+ 1 hour", by="hour")
        + buttons.button("advance", "+ 1 day", by="day")
        + buttons.button("advance", "To the next business day", by="business_day")
        + "</div></section>"
    )


def _accounts(buttons: _Buttons, overview: Overview) -> str:
    rows = [row for row in overview.accounts if row.id != PLATFORM]
    links = "".join(_account_link(row, overview.account_id) for row in reversed(rows))
    (chosen,) = [row for row in rows if row.id == overview.account_id]
    act, label = ("restrict", "Restrict") if chosen.is_enabled else ("enable", "Activate")
    state = badge("Active", "good") if chosen.is_enabled else badge("Restricted", "warn")
    return (
        f'<nav class="accounts" aria-label="Accounts">{links}</nav>'
        '<section class="card clock" aria-label="Account">'
        f"<p><b>{full_text(overview.balance_cents)}</b>"
        f'<span class="quiet">Stripe balance · {escape(chosen.id)}</span></p>'
        f'<div class="acts">{state}{buttons.button(act, label)}</div></section>'
    )


def _account_link(row: AccountRow, chosen_id: str) -> str:
    current = ' aria-current="page"' if row.id == chosen_id else ""
    href = escape("/stripe?" + urlencode({"account": row.id}))
    return f'<a href="{href}"{current}>{escape(row.name)}</a>'


def _listed(title: str, rows: list[str], empty: str) -> str:
    name = title.lower()
    shown = "".join(rows)
    body = f'<ul class="card">{shown}</ul>' if rows else f'<p class="card empty">{empty}</p>'
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{title}</h2>{body}</section>'


def _charge(buttons: _Buttons, row: ChargeRow) -> str:
    more = [moments.short(row.created_at), row.id]
    if row.refunded_cents:
        more.insert(0, f"{full_text(row.refunded_cents)} refunded")
    if row.is_disputed:
        more.insert(0, "Disputed")
    if row.failure:
        more.insert(0, row.failure)
    what = row.method + (f" · {row.description}" if row.description else "")
    return _entry(row, what=what, more=more, acts=_charge_acts(buttons, row))


def _charge_acts(buttons: _Buttons, row: ChargeRow) -> str:
    if row.can_settle:
        reasons = fields.select("reason", _FAILURES, label="Why it fails")
        return buttons.button("settle", "Settle now", id=row.id) + buttons.form(
            "fail", reasons + fields.button("Fail now", kind="sm"), id=row.id
        )
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


def _dispute(buttons: _Buttons, row: DisputeRow) -> str:
    more = [f"of {row.charge_id}", moments.short(row.created_at), row.id]
    acts = ""
    if row.is_open:
        acts = buttons.button("win_dispute", "Win", id=row.id) + buttons.button(
            "lose_dispute", "Lose", id=row.id
        )
    return _entry(row, what=_words(row.reason), more=more, acts=acts)


def _refund(buttons: _Buttons, row: RefundRow) -> str:
    more = [moments.short(row.created_at), row.id]
    acts = buttons.button("fail_refund", "Fail", id=row.id) if row.can_fail else ""
    return _entry(row, what=f"Of {row.charge_id}", more=more, acts=acts)


def _entry(
    row: ChargeRow | DisputeRow | RefundRow, *, what: str, more: list[str], acts: str
) -> str:
    small = escape(" · ".join(more))
    return (
        f'<li class="entry" data-id="{escape(row.id)}">'
        f'<span class="num">{full_text(row.amount_cents)}</span>'
        f"<span>{badge(_words(row.status), _TONES.get(row.status, 'warn'))}</span>"
        f'<p class="what">{escape(what)}<small>{small}</small></p>'
        f'<div class="acts">{acts}</div></li>'
    )


def _events(overview: Overview) -> str:
    rows = [_event(row) for row in overview.events]
    if len(rows) > _MOST_EVENTS:
        rows[_MOST_EVENTS:] = [_older(rows[_MOST_EVENTS:])]
    return _listed("Events", rows, "Nothing happened yet.")


def _older(rows: list[str]) -> str:
    return (
        '<li><details class="older-rows"><summary>Older events</summary>'
        f"<ul>{''.join(rows)}</ul></details></li>"
    )


def _event(row: EventRow) -> str:
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
