"""Buckets of an aging report."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.aging import Bucket, Debt, bucket_of, sums

DAY = date(2026, 5, 22)
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("late", "bucket"),
    [
        (-30, Bucket.CURRENT),
        (0, Bucket.CURRENT),
        (1, Bucket.TO_30),
        (30, Bucket.TO_30),
        (31, Bucket.TO_60),
        (60, Bucket.TO_60),
        (61, Bucket.TO_90),
        (90, Bucket.TO_90),
        (91, Bucket.OLDER),
        (4_000, Bucket.OLDER),
    ],
)
def test_a_debt_is_late_from_the_day_after_it_was_due(late: int, bucket: Bucket) -> None:
    assert bucket_of(DAY - timedelta(days=late), DAY) is bucket


def debt(due_on: date, cents: int) -> Debt:
    return Debt(
        invoice_id=1,
        number="INV-1",
        client_id=1,
        client="Patel",
        due_on=due_on,
        balance_cents=cents,
    )


@given(st.lists(st.tuples(days, st.integers(1, 10**9))), days)
def test_the_buckets_come_to_what_is_owed(owed: list[tuple[date, int]], day: date) -> None:
    in_buckets = sums([debt(due_on, cents) for due_on, cents in owed], day)

    assert list(in_buckets) == list(Bucket)
    assert sum(in_buckets.values()) == sum(cents for _, cents in owed)


@given(days, days)
def test_a_debt_only_grows_older(due_on: date, day: date) -> None:
    order = list(Bucket)

    later = order.index(bucket_of(due_on, day + timedelta(days=1)))

    assert later - order.index(bucket_of(due_on, day)) in {0, 1}
