"""What a firm's people are told of, who may hear it, and how unless they choose (R136–R138).

A notification is news for one person: in the app behind the bell, by mail, both or neither.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from assure_app.domain.permissions import Permission, Principal


class NotificationKind(StrEnum):
    """What happened; the value is what is stored."""

    PAYMENT_LANDED = "payment_landed"
    PAYMENT_FAILED = "payment_failed"
    RETRIES_EXHAUSTED = "retries_exhausted"
    DISPUTE = "dispute"
    REFUND = "refund"
    EXCEPTION = "exception"
    SCHEDULE = "schedule"
    DIFFERENCE = "difference"
    PAYOUT = "payout"
    UNDELIVERED = "undelivered"
    JOB_STOPPED = "job_stopped"


class Audience(StrEnum):
    """Who may hear of a kind at all, before anybody's own choice.

    BILLING is View billing, EDITORS Edit billing, STRIPE whoever may settle what waits from Stripe.
    What is about a client is for those alone who see that client; what is about none, for all of
    STRIPE, and for those of the others who see every client.
    """

    BILLING = "billing"
    EDITORS = "editors"
    STRIPE = "stripe"


class MailedTo(StrEnum):
    """Who of those who hear of a kind gets mail about it until they choose otherwise."""

    NOBODY = "nobody"
    LEADS = "leads"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A kind in the words of the settings, for whom it is, and what holds for who never chose.

    `is_mailable` is False for what is never told by mail. `page` is where it is looked after,
    "" for the invoice that it is about.
    """

    label: str
    help_text: str
    audience: Audience
    mailed_to: MailedTo
    is_mailable: bool = True
    page: str = ""


RULES: dict[NotificationKind, Rule] = {
    NotificationKind.PAYMENT_LANDED: Rule(
        label="Payment landed",
        help_text="A client’s card or bank payment is confirmed, made by hand or by auto-pay.",
        audience=Audience.BILLING,
        mailed_to=MailedTo.NOBODY,
    ),
    NotificationKind.PAYMENT_FAILED: Rule(
        label="Payment failed",
        help_text="A bank payment or an auto-pay charge did not go through.",
        audience=Audience.BILLING,
        mailed_to=MailedTo.LEADS,
    ),
    NotificationKind.RETRIES_EXHAUSTED: Rule(
        label="Retries exhausted",
        help_text="Auto-pay stopped trying: the client has to pay in another way.",
        audience=Audience.BILLING,
        mailed_to=MailedTo.LEADS,
    ),
    NotificationKind.DISPUTE: Rule(
        label="Dispute",
        help_text="A client’s bank asks about a payment, contests it or takes it back.",
        audience=Audience.BILLING,
        mailed_to=MailedTo.LEADS,
    ),
    NotificationKind.REFUND: Rule(
        label="Refund",
        help_text="One waits for your decision, yours was decided on, or one failed at Stripe.",
        audience=Audience.BILLING,
        mailed_to=MailedTo.EVERYBODY,
    ),
    NotificationKind.EXCEPTION: Rule(
        label="Exception waiting",
        help_text="Stripe reported something that a person has to settle.",
        audience=Audience.STRIPE,
        mailed_to=MailedTo.EVERYBODY,
        page="/settings/stripe",
    ),
    NotificationKind.SCHEDULE: Rule(
        label="Recurring invoice held up",
        help_text="A schedule’s invoice could not be made, or did not reach its client.",
        audience=Audience.BILLING,
        mailed_to=MailedTo.LEADS,
        page="/recurring",
    ),
    NotificationKind.DIFFERENCE: Rule(
        label="Reconciliation difference",
        help_text="The ledger and Stripe do not say the same about some money.",
        audience=Audience.BILLING,
        mailed_to=MailedTo.LEADS,
        page="/reconciliation",
    ),
    NotificationKind.PAYOUT: Rule(
        label="Payout failed",
        help_text="Money that Stripe sent to your bank did not arrive there.",
        audience=Audience.BILLING,
        mailed_to=MailedTo.LEADS,
        page="/payouts",
    ),
    NotificationKind.UNDELIVERED: Rule(
        label="Email not delivered",
        help_text="An email to a client or to one of you never arrived. Shown in the app only.",
        audience=Audience.BILLING,
        mailed_to=MailedTo.NOBODY,
        is_mailable=False,
    ),
    NotificationKind.JOB_STOPPED: Rule(
        label="Job stopped",
        help_text="Work that goes on by itself gave up after several tries.",
        audience=Audience.EDITORS,
        mailed_to=MailedTo.EVERYBODY,
        page="/settings/jobs",
    ),
}
"""In the order of the settings. A letter about a letter that never arrives could go on for ever."""

KEPT_UNREAD = timedelta(days=365)
KEPT_READ = timedelta(days=90)
MOST_COUNTED = 99
"""More than this many unread show as "99+"."""


def may_hear(principal: Principal, kind: NotificationKind) -> bool:
    """Whether the person may hear of this kind at all, whichever client it is about."""
    match RULES[kind].audience:
        case Audience.BILLING:
            return principal.has(Permission.VIEW_BILLING)
        case Audience.EDITORS:
            return principal.has(Permission.EDIT_BILLING)
        case Audience.STRIPE:
            looks_after = principal.has(Permission.MANAGE_FIRM) or principal.is_stripe_admin
            return looks_after and principal.has(Permission.EDIT_BILLING)


def kinds_for(principal: Principal) -> tuple[NotificationKind, ...]:
    """The kinds that the person may hear of, in the order of the settings."""
    return tuple(kind for kind in RULES if may_hear(principal, kind))


def is_mailed_by_default(kind: NotificationKind, *, leads: bool) -> bool:
    """Whether somebody who never chose gets mail; `leads` for owners and admins."""
    mailed_to = RULES[kind].mailed_to
    return mailed_to is MailedTo.EVERYBODY or (mailed_to is MailedTo.LEADS and leads)


def count_text(unread: int) -> str:
    """What the bell shows: nothing, "3", or "99+"."""
    if unread <= 0:
        return ""
    return f"{MOST_COUNTED}+" if unread > MOST_COUNTED else str(unread)


def age_text(age: timedelta) -> str:
    """How long ago, for what is younger than a day: "just now", "3 min ago", "5 h ago"; else ""."""
    minutes = age // timedelta(minutes=1)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 24 * 60 else ""


def forget_at(*, told_at: datetime, read_at: datetime | None = None) -> datetime:
    """When it is deleted: a year after it was told, or 90 days after it was read, if sooner."""
    last = told_at + KEPT_UNREAD
    return last if read_at is None else min(last, read_at + KEPT_READ)
