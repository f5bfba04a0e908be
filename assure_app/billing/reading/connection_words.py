"""The firm's connection to Stripe in words: what it means for clients, and what is in its way."""

from dataclasses import dataclass
from datetime import datetime

from assure_app.billing.stripe_accounts import DEAUTHORIZED, ConnectState, FirmAccount
from assure_app.domain.calendar import moment_text

_MEANINGS = {
    ConnectState.ACTIVE: "Your clients can pay online, by card and by bank account.",
    ConnectState.RESTRICTED: (
        "Your clients cannot pay online: their pages offer no payment until this is mended. "
        "Payments that reach you elsewhere can be recorded as ever."
    ),
    ConnectState.NOT_CONNECTED: (
        "Your clients cannot pay online: the firm has no Stripe account here. "
        "Payments that reach you elsewhere can be recorded as ever."
    ),
}
_NO_PAYOUTS = "Stripe holds back payouts to your bank. Your Stripe Dashboard says what it needs."
_NO_DETAILS = "Stripe does not have the firm’s details yet. Give them in your Stripe Dashboard."
_NO_REASON = "Stripe gives no reason. Your Stripe Dashboard may say more."
_REASONS = {
    DEAUTHORIZED: "The account’s access for Assure Pro was taken away in Stripe.",
    "requirements.past_due": (
        "Details that Stripe asked for are overdue. Give them in your Stripe Dashboard."
    ),
    "requirements.pending_verification": (
        "Stripe is checking the details it was given. That takes its time; nothing is asked of you."
    ),
    "action_required.requested_capabilities": (
        "Stripe needs more details before it lets clients pay. Give them in your Stripe Dashboard."
    ),
    "under_review": "Stripe is reviewing the account. Nothing is asked of you for now.",
    "listed": "Stripe is looking into whether it may serve the firm. It will write to you.",
    "platform_paused": "The account was paused by whoever runs Assure Pro for you. Ask them why.",
}
_REJECTED = "Stripe has closed the account for payments. Ask Stripe’s support about it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The connection as texts; `reason` is "" when nothing is in the way, `account_id` when there
    is no account."""

    state: str = ""
    meaning: str = ""
    reason: str = ""
    account_id: str = ""
    checked: str = ""


def told_of(account: FirmAccount | None, *, timezone: str, now: datetime) -> Told:
    """What the page says of the firm's account; None is a firm that never connected one (R067)."""
    if account is None:
        state = ConnectState.NOT_CONNECTED
        return Told(state=state.value, meaning=_MEANINGS[state])
    checked = account.checked_at
    return Told(
        state=account.state.value,
        meaning=_MEANINGS[account.state],
        reason=_reason(account),
        account_id=account.account_id,
        checked="" if checked is None else moment_text(checked, timezone, now=now),
    )


def _reason(account: FirmAccount) -> str:
    code = account.disabled_reason
    if account.state is ConnectState.ACTIVE:
        return "" if account.payouts_enabled else _NO_PAYOUTS
    if code.startswith("rejected."):
        return _REJECTED
    if code:
        return _REASONS.get(code, f"Stripe says “{code}”. Your Stripe Dashboard may say more.")
    return _NO_REASON if account.details_submitted else _NO_DETAILS
