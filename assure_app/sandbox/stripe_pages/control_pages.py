"""What the control page shows. Whatever came from outside is escaped."""

from html import escape
from urllib.parse import urlencode

from assure_app.domain.money import full_text
from assure_app.sandbox.stripe import Sandbox
from assure_app.sandbox.stripe.overview import AccountRow, Overview
from assure_app.sandbox.stripe.partition import PLATFORM
from assure_app.sandbox.stripe_pages import fault_list, moments
from assure_app.sandbox.stripe_pages.control_rows import (
    Buttons,
    charge,
    dispute,
    event,
    older,
    payout,
    refund,
    taken_in_stripe,
)
from assure_app.sandbox.stripe_pages.pieces import badge

_DAY_SECONDS = 86_400
_HOUR_SECONDS = 3_600
_MOST_EVENTS = 12


def control(sandbox: Sandbox, overview: Overview, *, told: str, refused: str) -> str:
    """One account: what was paid, what may still become of it, and what goes wrong."""
    buttons = Buttons(sandbox, overview.account_id)
    return (
        "<h1>Stripe</h1>"
        '<p class="lead">Test mode: decide here what banks and customers do. Nothing leaves this'
        " computer.</p>"
        f"{_notice(told, refused)}"
        f"{_clock(buttons, overview)}{_accounts(buttons, overview)}"
        + _listed("Payments", [charge(buttons, row) for row in overview.charges], _NO_PAYMENTS)
        + _listed("Disputes", [dispute(buttons, row) for row in overview.disputes], "No disputes.")
        + _listed("Refunds", [refund(buttons, row) for row in overview.refunds], "No refunds.")
        + _listed("Payouts", [payout(buttons, row) for row in overview.payouts], "No payouts.")
        + f'<div class="twice"><div>{_events(overview)}</div>'
        + f"<div>{fault_list.faults(buttons.form, overview.faults)}</div></div>"
    )


_NO_PAYMENTS = "No payments yet. Pay an invoice in the portal and it appears here."


def _notice(told: str, refused: str) -> str:
    if refused:
        return f'<p class="notice bad" role="alert">{escape(refused)}</p>'
    return f'<p class="notice" role="status">{escape(told)}</p>' if told else ""


def _clock(buttons: Buttons, overview: Overview) -> str:
    return (
        '<section class="card clock" aria-label="Clock">'
        f"<p><b>{moments.full(overview.now)}</b>"
        f'<span class="quiet">Stripe’s clock · {_ahead(overview.advanced_seconds)}</span></p>'
        '<div class="acts">'
        + buttons.button("advance", "+ 1 hour", by="hour")
        + buttons.button("advance", "+ 1 day", by="day")
        + buttons.button("advance", "To the next business day", by="business_day")
        + "</div></section>"
    )


def _ahead(seconds: int) -> str:
    """How far this clock is from the world's."""
    days, rest = divmod(seconds, _DAY_SECONDS)
    hours = rest // _HOUR_SECONDS
    parts = [_counted(days, "day")] if days else []
    parts += [_counted(hours, "hour")] if hours else []
    return f"{' and '.join(parts)} ahead of the world’s" if parts else "the world’s time"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _accounts(buttons: Buttons, overview: Overview) -> str:
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
        f'<div class="acts">{state}{buttons.button("pay_out", "Pay out")}'
        f"{taken_in_stripe(buttons)}{buttons.button(act, label)}</div></section>"
    )


def _account_link(row: AccountRow, chosen_id: str) -> str:
    current = ' aria-current="page"' if row.id == chosen_id else ""
    href = escape("/stripe?" + urlencode({"account": row.id}))
    return f'<a href="{href}"{current}>{escape(row.name)}</a>'


def _listed(title: str, rows: list[str], empty: str, *, beside: str = "") -> str:
    name = title.lower()
    shown = "".join(rows)
    body = f'<ul class="card">{shown}</ul>' if rows else f'<p class="card empty">{empty}</p>'
    head = f'<div class="head"><h2 id="{name}">{title}</h2>{beside}</div>'
    return f'<section aria-labelledby="{name}">{head}{body}</section>'


def _events(overview: Overview) -> str:
    rows = [event(row) for row in overview.events]
    if len(rows) > _MOST_EVENTS:
        rows[_MOST_EVENTS:] = [older(rows[_MOST_EVENTS:])]
    again = escape("/stripe?" + urlencode({"account": overview.account_id}))
    refresh = f'<a href="{again}">Refresh</a>'
    return _listed("Events", rows, "Nothing happened yet.", beside=refresh)
