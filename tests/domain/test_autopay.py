"""When auto-pay charges, which declines it tries again, and that it always comes to an end."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.autopay import (
    LONGEST_WAIT_DAYS,
    MOST_RETRIES,
    AutopayState,
    Decline,
    RetryDaysProblem,
    after_failed_refund,
    after_failure,
    charges_at,
    decline_of,
    next_morning,
    read_retry_days,
    retry_days_text,
    starts_at,
)

ZONES = st.sampled_from(
    [
        *("America/New_York", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago"),
        *("Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"),
    ]
)
DAYS = st.dates(date(2026, 1, 1), date(2032, 12, 31))
_FIRST = datetime(2026, 1, 1)  # noqa: DTZ001  hypothesis adds the zone
MOMENTS = st.datetimes(_FIRST, _FIRST + timedelta(days=2500), timezones=st.just(UTC))
RETRIES = st.lists(st.integers(1, LONGEST_WAIT_DAYS), max_size=MOST_RETRIES).map(tuple)


@given(DAYS, ZONES)
def test_it_begins_at_six_by_the_firms_clock_on_the_day(day: date, zone: str) -> None:
    local = starts_at(day, zone).astimezone(ZoneInfo(zone))

    assert (local.date(), local.hour, local.minute) == (day, 6, 0)


@given(MOMENTS, ZONES)
def test_the_next_morning_is_ahead_and_within_a_day(now: datetime, zone: str) -> None:
    morning = next_morning(now, zone)

    assert now < morning <= now + timedelta(hours=25)
    assert morning.astimezone(ZoneInfo(zone)).hour == 6


@given(DAYS, st.none() | MOMENTS, ZONES, MOMENTS)
def test_no_change_of_anything_charges_before_its_morning_nor_a_day_late(
    due_on: date, next_try_at: datetime | None, zone: str, now: datetime
) -> None:
    ask = partial(charges_at, due_on, next_try_at=next_try_at, timezone=zone, now=now)
    begins_at = max(filter(None, (starts_at(due_on, zone), next_try_at)))

    waited_for, brought_up = ask(was_woken=False), ask(was_woken=True)

    today = now.astimezone(ZoneInfo(zone)).date()
    is_of_past_day = begins_at.astimezone(ZoneInfo(zone)).date() < today
    assert waited_for == begins_at
    assert brought_up == (next_morning(now, zone) if is_of_past_day else begins_at)


def test_what_is_too_late_for_a_morning_by_nothing_waits_for_the_next() -> None:
    six = starts_at(date(2026, 3, 7), "America/New_York")

    assert next_morning(six, "America/New_York") - six == timedelta(hours=23)  # Clocks change.


@given(RETRIES, MOMENTS, ZONES)
def test_soft_declines_are_tried_again_just_as_often_as_the_firm_says(
    days: tuple[int, ...], now: datetime, zone: str
) -> None:
    failures, waits, failed_at = 0, [], now

    while True:
        after = after_failure(
            Decline.SOFT, failures=failures, retry_days=days, failed_at=failed_at, timezone=zone
        )
        assert after.failures == failures + 1
        if after.next_try_at is None:
            break
        today = failed_at.astimezone(ZoneInfo(zone)).date()
        waits.append((after.next_try_at.astimezone(ZoneInfo(zone)).date() - today).days)
        assert after.next_try_at > failed_at
        failures, failed_at = after.failures, after.next_try_at

    assert tuple(waits) == days
    assert after.state is AutopayState.EXHAUSTED


@given(st.sampled_from([Decline.HARD, Decline.AUTHENTICATION]), st.integers(0, 9), RETRIES, MOMENTS)
def test_other_declines_wait_for_the_client(
    decline: Decline, failures: int, days: tuple[int, ...], now: datetime
) -> None:
    after = after_failure(
        decline, failures=failures, retry_days=days, failed_at=now, timezone="UTC"
    )

    assert (after.state, after.next_try_at) == (AutopayState.CLIENT, None)


@pytest.mark.parametrize(
    ("codes", "decline"),
    [
        (("insufficient_funds", "card_declined"), Decline.SOFT),
        (("", "insufficient_funds"), Decline.SOFT),
        (("try_again_later", "card_declined"), Decline.SOFT),
        (("processing_error", "processing_error"), Decline.SOFT),
        (("do_not_honor", "card_declined"), Decline.SOFT),
        (("generic_decline", "card_declined"), Decline.SOFT),
        (("lost_card", "card_declined"), Decline.HARD),
        (("stolen_card", "card_declined"), Decline.HARD),
        (("expired_card", "expired_card"), Decline.HARD),
        (("stop_payment_order", "card_declined"), Decline.HARD),
        (("", "account_closed"), Decline.HARD),
        (("", "debit_not_authorized"), Decline.HARD),
        (("", "resource_missing"), Decline.HARD),
        (("a_word_of_tomorrow", "card_declined"), Decline.HARD),
        (("", ""), Decline.HARD),
        (("authentication_required", "card_declined"), Decline.AUTHENTICATION),
        (("", "authentication_required"), Decline.AUTHENTICATION),
    ],
)
def test_the_banks_own_word_decides(codes: tuple[str, ...], decline: Decline) -> None:
    assert decline_of(*codes) is decline


@given(RETRIES)
def test_days_are_read_as_they_are_written(days: tuple[int, ...]) -> None:
    assert read_retry_days(retry_days_text(days)) == days


def test_the_usual_days() -> None:
    assert read_retry_days("3, 5, 7") == read_retry_days(" 3,5 ,7 ") == (3, 5, 7)
    assert read_retry_days("  ") == ()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("3; 5", "Type whole days with commas between, such as 3, 5, 7."),
        ("3,,5", "Type whole days with commas between, such as 3, 5, 7."),
        ("-3", "Type whole days with commas between, such as 3, 5, 7."),
        ("٣", "Type whole days with commas between, such as 3, 5, 7."),
        ("0", "Each wait is from 1 to 30 days."),
        ("3, 31", "Each wait is from 1 to 30 days."),
        ("1,1,1,1,1,1,1", "At most 6 retries."),
    ],
)
def test_other_days_are_refused(typed: str, sentence: str) -> None:
    with pytest.raises(RetryDaysProblem, match=sentence):
        read_retry_days(typed)


@given(st.sampled_from(AutopayState), st.booleans(), st.booleans(), st.booleans())
def test_a_failed_refund_lets_nothing_go_on_but_what_it_alone_stopped(
    state: AutopayState, is_by_refund: bool, went_back: bool, is_open: bool
) -> None:
    after = after_failed_refund(
        state, is_stopped_by_refund=is_by_refund, went_back=went_back, is_open=is_open
    )

    if state is AutopayState.STOPPED and is_by_refund and not went_back:
        assert after is (AutopayState.WAITING if is_open else AutopayState.DONE)
    else:
        assert after is state
