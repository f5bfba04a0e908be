"""The reports' screens, as texts: nothing here is computed again in the browser."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketTile:
    """One bucket of the aging report; `share` is its part of the bar, such as "12.5%"."""

    name: str
    slug: str = ""
    amount: str = ""
    note: str = ""
    share: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAges:
    """What one client owes, by bucket in the order of the columns; "" for nothing."""

    client_id: int
    client: str
    amounts: tuple[str, ...] = ()
    total: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtRow:
    """One invoice behind a figure."""

    number: str
    href: str
    client: str
    due: str
    late: str
    balance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingPage:
    """The aging report of one day.

    `behind` are the invoices of what is chosen, the most overdue first; `behind_total` is their
    sum, and `more` says how many of them only the file holds.
    """

    day: str = ""
    day_text: str = ""
    latest: str = ""
    total: str = ""
    total_note: str = ""
    buckets: tuple[BucketTile, ...] = ()
    columns: tuple[str, ...] = ()
    clients: tuple[ClientAges, ...] = ()
    sums: tuple[str, ...] = ()
    others: str = ""
    chosen: str = ""
    behind: tuple[DebtRow, ...] = ()
    behind_total: str = ""
    more: str = ""
    file_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure over a report, and what it means."""

    name: str
    amount: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One month in the chart: how high it stands in percent of the highest, and its figure."""

    label: str
    height: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """A line of a table: its name, and its cells in the order of the columns."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """A table of figures with a line for their sum; `main` is the column that tells most."""

    title: str
    first: str
    columns: tuple[str, ...]
    main: str
    lines: tuple[ReportLine, ...]
    total: ReportLine


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetLink:
    """A period that is asked for often."""

    name: str
    first: str
    last: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPage:
    """A report over a period."""

    first: str = ""
    last: str = ""
    presets: tuple[PresetLink, ...] = ()
    figures: tuple[Figure, ...] = ()
    chart_title: str = ""
    bars: tuple[Bar, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    is_empty: bool = False
    file_href: str = ""
