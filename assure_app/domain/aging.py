"""How long clients have owed what they owe: the buckets of an aging report."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Bucket(StrEnum):
    """How late a debt is, in whole days after the day it was due."""

    CURRENT = "Not yet due"
    TO_30 = "1–30 days late"
    TO_60 = "31–60 days late"
    TO_90 = "61–90 days late"
    OLDER = "Over 90 days late"


_LAST_DAYS = {0: Bucket.CURRENT, 30: Bucket.TO_30, 60: Bucket.TO_60, 90: Bucket.TO_90}


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What one invoice asked for at the end of a day; `balance_cents` is more than 0."""

    invoice_id: int
    number: str
    client_id: int
    client: str
    due_on: date
    balance_cents: int

    def days_late(self, day: date) -> int:
        """Whole days after the due day, 0 on it and before."""
        return max(0, (day - self.due_on).days)

    def bucket(self, day: date) -> Bucket:
        """Where it stands in a report of this day."""
        return bucket_of(self.due_on, day)


def bucket_of(due_on: date, day: date) -> Bucket:
    """The bucket of what was due on `due_on` when `day` ends; on its due day nothing is late."""
    late = (day - due_on).days
    return next((found for last, found in _LAST_DAYS.items() if late <= last), Bucket.OLDER)


def sums(debts: Iterable[Debt], day: date) -> dict[Bucket, int]:
    """The cents in every bucket, empty ones too."""
    total = dict.fromkeys(Bucket, 0)
    for debt in debts:
        total[debt.bucket(day)] += debt.balance_cents
    return total
