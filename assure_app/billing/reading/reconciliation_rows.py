"""The page that compares books and Stripe, as texts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """One difference, with both sides; `act` is what its one button does, "" without the right.

    `settled` is when it was, "" while it is open; `can_undo` is for what was set aside.
    """

    id: int
    sentence: str
    books_says: str
    books_amount: str
    stripe_says: str
    stripe_amount: str
    object_id: str
    found: str
    number: str
    href: str
    act: str
    label: str
    settled: str
    settled_by: str
    how: str
    can_undo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One comparison of the past."""

    id: int
    when: str
    by: str
    span: str
    payments: str
    amount: str
    refunds: str
    payouts: str
    result: str
    is_clean: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of the last comparison."""

    name: str
    amount: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationView:
    """The page. `headline` says how it stands; `progress` is how far a running one is, −1 for
    none."""

    headline: str = ""
    detail: str = ""
    tone: str = ""
    figures: tuple[Figure, ...] = ()
    open: tuple[DifferenceRow, ...] = ()
    more: str = ""
    settled: tuple[DifferenceRow, ...] = ()
    runs: tuple[RunRow, ...] = ()
    progress: int = -1
    has_account: bool = False
    may_look: bool = False
    may_mend: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideStart:
    """What somebody is about to set aside; `id` 0 is nothing."""

    id: int = 0
    sentence: str = ""
    amount: str = ""
