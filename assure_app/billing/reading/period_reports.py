"""Payments received and Stripe fees over a period, month by month, as the reports show them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlencode

from assure_app.billing.reading import received
from assure_app.billing.reading.invoice_rows import timezone_of
from assure_app.billing.reading.received import Flow
from assure_app.billing.reading.report_rows import (
    Bar,
    Figure,
    PeriodPage,
    PresetLink,
    ReportLine,
    ReportTable,
)
from assure_app.db.unit_of_work import reading
from assure_app.domain import periods
from assure_app.domain.calendar import day_of
from assure_app.domain.ledger import Method
from assure_app.domain.money import full_text
from assure_app.domain.periods import Period, Preset
from assure_app.domain.permissions import Permission, Principal

FILE_PATH = "/reports/payments.csv"


class Report(StrEnum):
    """Which report over a period, as its address names it."""

    PAYMENTS = "payments"
    FEES = "fees"


@dataclass(frozen=True, slots=True)
class _Sum:
    """What several flows come to."""

    flows: Sequence[Flow]

    def of(self, cents: Callable[[Flow], int]) -> int:
        return sum(cents(each) for each in self.flows)

    @property
    def payments(self) -> int:
        return self.of(lambda each: each.payments)

    @property
    def received_cents(self) -> int:
        return self.of(lambda each: each.received_cents)

    @property
    def back_cents(self) -> int:
        return self.of(lambda each: each.refunded_cents + each.returned_cents)

    @property
    def fee_cents(self) -> int:
        return self.of(lambda each: each.fee_cents)

    @property
    def lost_cents(self) -> int:
        return self.of(lambda each: each.lost_cents)

    @property
    def net_cents(self) -> int:
        return self.of(lambda each: each.net_cents)

    @property
    def rate(self) -> str:
        """The fees as a share of what was charged, half up to a hundredth: "2.93%"."""
        if not self.received_cents:
            return "—"
        hundredths = (20_000 * self.fee_cents + self.received_cents) // (2 * self.received_cents)
        return f"{hundredths // 100}.{hundredths % 100:02d}%"


def page(
    principal: Principal, report: Report, first: object = "", last: object = "", *, now: datetime
) -> PeriodPage:
    """The report from `first` to `last` in ISO form, the last 12 months when both are "".

    Raises PermissionDenied, and InvalidInput for days that make no period.
    """
    principal.require(Permission.VIEW_BILLING)
    with reading() as connection:
        timezone = timezone_of(connection, principal)
        today = day_of(now, timezone)
        period = read_period(first, last, today)
        months = [
            (month, received.flows(connection, principal, month, timezone=timezone))
            for month in period.months()
        ]
    by_month = [(_month_text(month), _Sum(flows)) for month, flows in months]
    flows = [flow for _, its_own in months for flow in its_own]
    view = _payments if report is Report.PAYMENTS else _fees
    figures, bars, tables = view(by_month, flows)
    return PeriodPage(
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        presets=tuple(_preset(each, period, today) for each in Preset),
        figures=figures,
        chart_title=_CHART[report],
        bars=bars,
        tables=tables,
        is_empty=not flows,
        file_href=f"{FILE_PATH}?{urlencode({'from': period.first, 'to': period.last})}",
    )


def read_period(first: object, last: object, today: date) -> Period:
    """The period asked for. Raises InvalidInput."""
    if first == last == "":
        return periods.preset(Preset.LAST_12, today)
    return periods.read(first, last)


_CHART = {
    Report.PAYMENTS: "Received each month",
    Report.FEES: "Stripe fees each month",
}
_NOTHING = frozenset({"0", "—", full_text(0)})
_Parts = tuple[tuple[Figure, ...], tuple[Bar, ...], tuple[ReportTable, ...]]
_Months = Sequence[tuple[str, _Sum]]


def _payments(months: _Months, flows: Sequence[Flow]) -> _Parts:
    total = _Sum(flows)
    figures = (
        Figure(
            name="Received",
            amount=full_text(total.received_cents),
            note=f"{total.payments:,} confirmed payment{'' if total.payments == 1 else 's'}",
        ),
        Figure(
            name="Refunds and returns",
            amount=full_text(-total.back_cents),
            note="refunds, lost disputes and returned bank payments",
        ),
        Figure(
            name="Stripe fees",
            amount=full_text(-total.fee_cents),
            note="Stripe keeps them when you refund",
        ),
        Figure(
            name="Net",
            amount=full_text(total.net_cents),
            note="received, less refunds, returns and fees",
        ),
    )
    columns = ("Payments", "Received", "Refunds and returns", "Fees", "Net")
    by_method = [
        (method, _Sum([each for each in flows if each.method == method]))
        for method in Method
        if any(each.method == method for each in flows)
    ]
    tables = (
        _table("By month", columns, months, total, main="Net", cells=_payment_cells),
        _table("By method", columns, by_method, total, main="Net", cells=_payment_cells),
    )
    return figures, _bars(months, lambda each: each.received_cents), tables


def _fees(months: _Months, flows: Sequence[Flow]) -> _Parts:
    online = [(name, _Sum([each for each in its.flows if each.is_online])) for name, its in months]
    total = _Sum([each for each in flows if each.is_online])
    figures = (
        Figure(
            name="Charged online",
            amount=full_text(total.received_cents),
            note=f"{total.payments:,} confirmed payment{'' if total.payments == 1 else 's'}",
        ),
        Figure(
            name="Stripe fees",
            amount=full_text(total.fee_cents),
            note=f"{total.rate} of what was charged",
        ),
        Figure(
            name="Kept after fees",
            amount=full_text(total.received_cents - total.fee_cents),
            note="before refunds and returns",
        ),
        Figure(
            name="Fees lost to refunds",
            amount=full_text(total.lost_cents),
            note="paid on money that was refunded or returned",
        ),
    )
    columns = ("Charged", "Fees", "Rate", "After fees", "Lost to refunds")
    tables = (_table("By month", columns, online, total, main="Fees", cells=_fee_cells),)
    return figures, _bars(online, lambda each: each.fee_cents), tables


def _payment_cells(each: _Sum) -> tuple[str, ...]:
    return (
        f"{each.payments:,}",
        full_text(each.received_cents),
        _less(each.back_cents),
        _less(each.fee_cents),
        full_text(each.net_cents),
    )


def _fee_cells(each: _Sum) -> tuple[str, ...]:
    return (
        full_text(each.received_cents),
        full_text(each.fee_cents),
        each.rate,
        full_text(each.received_cents - each.fee_cents),
        full_text(each.lost_cents),
    )


def _less(cents: int) -> str:
    return full_text(-cents) if cents else full_text(0)


def _table(
    title: str,
    columns: tuple[str, ...],
    lines: Iterable[tuple[str, _Sum]],
    total: _Sum,
    *,
    main: str,
    cells: Callable[[_Sum], tuple[str, ...]],
) -> ReportTable:
    return ReportTable(
        title=title,
        first=title.removeprefix("By ").capitalize(),
        columns=columns,
        main=main,
        lines=tuple(
            ReportLine(name=name, cells=_said(cells(each), columns, main)) for name, each in lines
        ),
        total=ReportLine(name="Total", cells=cells(total)),
    )


def _said(cells: tuple[str, ...], columns: tuple[str, ...], main: str) -> tuple[str, ...]:
    """The cells without those that say nothing, as in the aging report; the main one stays."""
    return tuple(
        "" if cell in _NOTHING and column != main else cell
        for cell, column in zip(cells, columns, strict=True)
    )


def _bars(months: _Months, cents: Callable[[_Sum], int]) -> tuple[Bar, ...]:
    highest = max((cents(each) for _, each in months), default=0)
    return tuple(
        Bar(
            label=name,
            height=f"{100 * cents(each) // max(1, highest)}%",
            amount=full_text(cents(each)),
        )
        for name, each in months
    )


def _month_text(month: Period) -> str:
    """ "Nov 2026", with the days when the period cuts the month off."""
    text = f"{month.first:%b %Y}"
    is_whole = month == periods.preset(Preset.THIS_MONTH, month.first)
    return text if is_whole else f"{text} ({month.first.day}–{month.last.day})"


def _preset(name: Preset, period: Period, today: date) -> PresetLink:
    meant = periods.preset(name, today)
    return PresetLink(
        name=name.value,
        first=meant.first.isoformat(),
        last=meant.last.isoformat(),
        is_chosen=meant == period,
    )
