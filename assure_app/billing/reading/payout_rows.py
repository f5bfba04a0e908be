"""The page of payouts, as texts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutRow:
    """One payout; `day` is when it arrived or is expected, `explained` what to do about one that
    failed."""

    id: int
    day: str
    amount: str
    state: str
    bank: str
    explained: str
    made: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One movement that a payout carried."""

    id: int
    what: str
    number: str
    href: str
    client: str
    gross: str
    fee: str
    net: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutDetail:
    """What a payout carried, and that it comes to its amount; `id` 0 is none."""

    id: int = 0
    parts: tuple[PartRow, ...] = ()
    gross: str = ""
    fee: str = ""
    net: str = ""
    sum_text: str = ""
    is_exact: bool = False
    note: str = ""
    csv_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutsView:
    """The page, the newest first; `more_from` is where the next ones begin, 0 for none."""

    rows: tuple[PayoutRow, ...] = ()
    available: str = ""
    pending: str = ""
    balance_as_of: str = ""
    on_its_way: str = ""
    more_from: int = 0
    has_account: bool = False
    may_look: bool = False
    why_not: str = ""
