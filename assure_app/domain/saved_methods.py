"""A client's saved cards and bank accounts: which is the default, and how long a card is good."""

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from assure_app.domain.errors import BillingError

_SOON = timedelta(days=60)
_MONTH_AHEAD = timedelta(days=30)
_CENTURY = 2000


class MethodKind(StrEnum):
    """What can be saved, in Stripe's words."""

    CARD = "card"
    BANK = "us_bank_account"


class Expiry(StrEnum):
    """How long a card is still good; said in words, and not at all while it is."""

    GOOD = ""
    SOON = "Expires soon"
    OVER = "Expired"


class MethodDisabled(BillingError):
    """The method takes no payments any more, so it cannot be the default (R066)."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} is disabled and cannot be the default. Choose another one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMethod:
    """What decides of a saved method whether it is the default; a greater id was saved later."""

    id: int
    is_default: bool
    is_usable: bool


def default_of(methods: Collection[KeptMethod]) -> int | None:
    """The id of the default that these methods should have, None when none can be (R127).

    Whatever is the default stays so while it can be used; in its place comes the newest that can.
    """
    usable = [method for method in methods if method.is_usable]
    kept = [method.id for method in usable if method.is_default]
    return max(kept or [method.id for method in usable], default=None)


def standing_of(expiry: str, today: date) -> Expiry:
    """How a card with this expiry, such as 04/30, stands today: it is good to the month's end."""
    last_day = _last_day(expiry)
    if last_day is None or today <= last_day - _SOON:
        return Expiry.GOOD
    return Expiry.SOON if today <= last_day else Expiry.OVER


def announced_on(expiry: str) -> date | None:
    """The day from which the client is told that a card with this expiry will soon be over."""
    last_day = _last_day(expiry)
    return None if last_day is None else last_day - _MONTH_AHEAD


def _last_day(expiry: str) -> date | None:
    month, _, year = expiry.partition("/")
    if not (month.isascii() and month.isdigit() and year.isascii() and year.isdigit()):
        return None
    if not 1 <= int(month) <= 12:
        return None
    full_year = _CENTURY + int(year) % 100
    return date(full_year, int(month), monthrange(full_year, int(month))[1])
