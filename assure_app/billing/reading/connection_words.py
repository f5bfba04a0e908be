"""The firm's connection to Stripe in words: what it means for clients, and what is in its way."""

from dataclasses import dataclass
from datetime import datetime

from assure_app.billing.stripe_accounts import DEAUTHORIZED, ConnectState, FirmAccount
from assure_app.billing.stripe_disconnecting import Stops
from assure_app.domain.calendar import moment_text

CONNECT, CONTINUE, CONNECT_AGAIN = "Connect Stripe", "Continue setup", "Connect Stripe again"
"""What the button that goes on is called."""

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
_ENDED = (
    "Your clients cannot pay online. What becomes of payments made before still reaches your "
    "books; refunds of them are made in your Stripe Dashboard, and then appear here."
)
_LOST = (
    "Your clients cannot pay online, and Stripe tells nothing more of payments made before: "
    "your Stripe Dashboard has them. Connecting makes a new account; what is in your books stays."
)
_NO_PAYOUTS = "Stripe holds back payouts to your bank. Your Stripe Dashboard says what it needs."
_NO_DETAILS = "Stripe does not have the firm’s details yet."
_NO_REASON = "Stripe gives no reason. Your Stripe Dashboard may say more."
_REASONS = {
    DEAUTHORIZED: "The account’s access for Assure Pro was taken away in Stripe.",
    "requirements.past_due": "Details that Stripe asked for are overdue.",
    "requirements.pending_verification": (
        "Stripe is checking the details it was given. That takes its time; nothing is asked of you."
    ),
    "action_required.requested_capabilities": (
        "Stripe needs more details before it lets clients pay."
    ),
    "under_review": "Stripe is reviewing the account. Nothing is asked of you for now.",
    "listed": "Stripe is looking into whether it may serve the firm. It will write to you.",
    "platform_paused": "The account was paused by whoever runs Assure Pro for you. Ask them why.",
}
_WANTED = (
    ("external_account", "a bank account for payouts"),
    ("tos_acceptance", "agreement to its terms"),
    ("business_type", "what kind of business the firm is"),
    ("business_profile", "what the firm does"),
    ("company", "the firm’s name, address and tax ID"),
    ("owners", "who owns the firm"),
    ("directors", "who directs the firm"),
    ("executives", "who directs the firm"),
    ("representative", "who represents the firm"),
    ("individual", "who represents the firm"),
    ("person_", "who stands behind the firm"),
    ("documents", "documents of the firm"),
)
_MORE_WANTED = "some more details"
_REJECTED = "Stripe has closed the account for payments. Ask Stripe’s support about it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The connection as texts; `reason` is "" when nothing is in the way, `account_id` when there
    is no account, and `wanted` lists what Stripe still asks for.

    `step` is the label of the button that goes on, and `can_disconnect` says that of the other;
    both are for who may press them.
    """

    state: str = ""
    meaning: str = ""
    reason: str = ""
    wanted: tuple[str, ...] = ()
    account_id: str = ""
    checked: str = ""
    is_linked: bool = False
    step: str = ""
    can_disconnect: bool = False


def told_of(
    account: FirmAccount | None, *, is_owner: bool, may_continue: bool, timezone: str, now: datetime
) -> Told:
    """What the page says of the firm's account; None is a firm that never connected one (R067)."""
    if account is None:
        state = ConnectState.NOT_CONNECTED
        step = CONNECT if is_owner else ""
        return Told(state=state.value, meaning=_MEANINGS[state], step=step)
    checked = account.checked_at
    return Told(
        state=account.state.value,
        meaning=_meaning(account),
        reason=_reason(account, timezone, now),
        wanted=_wanted(account) if account.is_connected else (),
        account_id=account.account_id,
        checked="" if checked is None else moment_text(checked, timezone, now=now),
        is_linked=not account.is_deauthorized,
        step=_step(account, is_owner=is_owner, may_continue=may_continue),
        can_disconnect=is_owner and account.is_connected,
    )


def _meaning(account: FirmAccount) -> str:
    if account.is_deauthorized:
        return _LOST
    return _ENDED if account.disconnected_at is not None else _MEANINGS[account.state]


def _step(account: FirmAccount, *, is_owner: bool, may_continue: bool) -> str:
    if not account.is_connected:
        return CONNECT_AGAIN if is_owner else ""
    wants_nothing = account.charges_enabled and account.details_submitted
    return "" if wants_nothing or not may_continue else CONTINUE


def _reason(account: FirmAccount, timezone: str, now: datetime) -> str:
    code = account.disabled_reason
    if account.disconnected_at is not None and not account.is_deauthorized:
        ended = moment_text(account.disconnected_at, timezone, now=now)
        return f"{account.disconnected_by} disconnected it on {ended}."
    if account.state is ConnectState.ACTIVE:
        return "" if account.payouts_enabled else _NO_PAYOUTS
    if code.startswith("rejected."):
        return _REJECTED
    if not account.details_submitted and not account.is_deauthorized:
        return _NO_DETAILS
    if code:
        return _REASONS.get(code, f"Stripe says “{code}”. Your Stripe Dashboard may say more.")
    return _NO_REASON


def _wanted(account: FirmAccount) -> tuple[str, ...]:
    """What Stripe asks for, each kind once; Stripe itself asks for the single fields."""
    words = (_words_for(code) for code in account.wanted.split(",") if code)
    return tuple(dict.fromkeys(words))


def _words_for(code: str) -> str:
    return next((words for prefix, words in _WANTED if code.startswith(prefix)), _MORE_WANTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What disconnecting ends, as texts; `account_id` is "" while nobody asks."""

    account_id: str = ""
    pages: str = ""


def ending_of(stops: Stops) -> Ending:
    """What the dialog says of it."""
    pages = {
        0: "No client has a payment page open now.",
        1: "One payment page is open now: it is closed, and nobody can pay there any more.",
    }
    more = f"{stops.open_pages} payment pages are open now: they are closed."
    return Ending(account_id=stops.account_id, pages=pages.get(stops.open_pages, more))
