"""When auto-pay charges an invoice, and what follows from a charge that failed (R123–R126)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from assure_app.domain.calendar import day_of

STARTS_AT = time(6)
"""Auto-pay begins at six in the morning of the firm's day."""
MOST_RETRIES = 6
LONGEST_WAIT_DAYS = 30


class RetryDaysProblem(ValueError):
    """What was typed are no days to wait; the text is a sentence."""


class AutopayState(StrEnum):
    """Where auto-pay is with an invoice."""

    WAITING = "waiting"  # For its due day, or for the day of the next try.
    CHARGING = "charging"  # Stripe was asked, or the bank payment is under way.
    CLIENT = "client"  # Only the client can do something about it.
    EXHAUSTED = "exhausted"  # Every retry failed.
    STOPPED = "stopped"  # By somebody of the firm, or because money went back.
    DONE = "done"  # The invoice was paid or cancelled, by whatever way.


class Decline(StrEnum):
    """What kind of no it was."""

    SOFT = "soft"  # May well succeed on another day.
    HARD = "hard"  # Will not succeed with this method.
    AUTHENTICATION = "authentication"  # The cardholder has to confirm to the bank.


_SOFT = frozenset(
    {
        # There is too little money, or too much was spent, at this moment.
        "insufficient_funds",
        "withdrawal_count_limit_exceeded",
        "card_velocity_exceeded",
        # The bank or the network could not decide just now.
        "processing_error",
        "try_again_later",
        "issuer_not_available",
        "reenter_transaction",
        "approve_with_id",
        "no_action_taken",
        # No reason given: Stripe's advice is to try again, and then to ask the client.
        "generic_decline",
        "card_declined",
        "do_not_honor",
        "call_issuer",
    }
)
"""Stripe's decline and failure codes after which another day may bring the money.

Everything else is hard: codes that say that the card is lost, stolen, expired, restricted or
unknown, that the account is closed, that the holder took back their leave; and whatever Stripe may
invent later, because a bank that said no for good must not be asked again.
"""
_AUTHENTICATION = frozenset(
    {"authentication_required", "authentication_not_handled", "offline_pin_required"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterFailure:
    """What auto-pay does after a failed try: where it is then, and when it tries again."""

    state: AutopayState
    failures: int
    next_try_at: datetime | None = None


def decline_of(*codes: str) -> Decline:
    """What kind of no these codes of Stripe's are, the bank's own word first; "" is none given."""
    told = [code for code in codes if code]
    if any(code in _AUTHENTICATION for code in told):
        return Decline.AUTHENTICATION
    return Decline.SOFT if told and told[0] in _SOFT else Decline.HARD


def starts_at(due_on: date, timezone: str) -> datetime:
    """From when an invoice may be charged: six in the morning of its due day, in UTC."""
    return datetime.combine(due_on, STARTS_AT, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def next_morning(now: datetime, timezone: str) -> datetime:
    """The next time that auto-pay begins after this moment, in UTC."""
    today = day_of(now, timezone)
    begins_at = starts_at(today, timezone)
    return begins_at if begins_at > now else starts_at(today + timedelta(days=1), timezone)


def charges_at(
    due_on: date, *, next_try_at: datetime | None, timezone: str, was_woken: bool, now: datetime
) -> datetime:
    """When an invoice is charged: in the morning of its due day, or of the next try's if later.

    `was_woken` is that a change brought it up. If its morning was on a day before, because auto-pay
    was only just switched on or a payment failed, it is charged the next one: nobody expects that
    in the middle of a day.
    """
    begins_at = starts_at(due_on, timezone)
    at = begins_at if next_try_at is None else max(begins_at, next_try_at)
    if was_woken and day_of(at, timezone) < day_of(now, timezone):
        return next_morning(now, timezone)
    return at


def after_failure(
    decline: Decline,
    *,
    failures: int,
    retry_days: tuple[int, ...],
    failed_at: datetime,
    timezone: str,
) -> AfterFailure:
    """What follows from a failure after `failures` in a row before it (R126).

    Each wait is counted in the firm's days from the failure before it, and ends in the morning.
    """
    count = failures + 1
    if decline is not Decline.SOFT:
        return AfterFailure(state=AutopayState.CLIENT, failures=count)
    if count > len(retry_days):
        return AfterFailure(state=AutopayState.EXHAUSTED, failures=count)
    day = day_of(failed_at, timezone) + timedelta(days=retry_days[count - 1])
    return AfterFailure(
        state=AutopayState.WAITING, failures=count, next_try_at=starts_at(day, timezone)
    )


def after_failed_refund(
    state: AutopayState, *, is_stopped_by_refund: bool, went_back: bool, is_open: bool
) -> AutopayState:
    """Where auto-pay is with an invoice once a refund of it was refused or failed (R093, R125).

    It gave nothing back, so what it stopped goes on; not what a person or a bank stopped, nor when
    other money `went_back`. An invoice that is not `is_open` asks for nothing any more.
    """
    if state is not AutopayState.STOPPED or not is_stopped_by_refund or went_back:
        return state
    return AutopayState.WAITING if is_open else AutopayState.DONE


def read_retry_days(text: str) -> tuple[int, ...]:
    """The days between tries, as somebody typed them: "3, 5, 7"; "" is no second try.

    Raises RetryDaysProblem with the sentence for the field.
    """
    parts = [part.strip() for part in text.split(",")]
    if parts == [""]:
        return ()
    if not all(part.isascii() and part.isdigit() and len(part) <= 2 for part in parts):
        raise RetryDaysProblem("Type whole days with commas between, such as 3, 5, 7.")
    days = tuple(int(part) for part in parts)
    if len(days) > MOST_RETRIES:
        raise RetryDaysProblem(f"At most {MOST_RETRIES} retries.")
    if not all(1 <= day <= LONGEST_WAIT_DAYS for day in days):
        raise RetryDaysProblem(f"Each wait is from 1 to {LONGEST_WAIT_DAYS} days.")
    return days


def retry_days_text(days: tuple[int, ...]) -> str:
    """ "3, 5, 7"."""
    return ", ".join(map(str, days))
