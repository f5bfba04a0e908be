"""How many invoices stand where: from the tally, or from the invoices of a person's own clients."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from assure_app.billing.invoice_record import is_assigned
from assure_app.billing.reading.invoice_conditions import is_at, own_firm, tile_condition
from assure_app.domain.invoice_status import Stage, Status, Tile
from assure_app.domain.permissions import Principal
from assure_app.models.tables import invoice, invoice_tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The invoices that stand alike; `late` ones are past their due day. Balances in cents."""

    invoices: int = 0
    late_invoices: int = 0
    balance_cents: int = 0
    late_balance_cents: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What a person may see, by standing as `models.invoice` has it."""

    standings: Mapping[str, Standing]
    total: int

    def at(self, standing: str) -> Standing:
        """The figures of one standing."""
        return self.standings.get(standing, Standing())

    def of_tile(self, tile: Tile) -> int:
        """How many the tile counts (R072)."""
        match tile:
            case Tile.DRAFTS:
                return self.at("draft").invoices
            case Tile.AWAITING:
                return sum(each.invoices - each.late_invoices for each in self._open())
            case Tile.OVERDUE:
                return sum(each.late_invoices for each in self._open())
            case Tile.FAILED:
                return sum(each.failed for each in self._open())

    def balance_cents_of_tile(self, tile: Tile) -> int:
        """The open balance of what Awaiting or Overdue counts; 0 for the others."""
        match tile:
            case Tile.AWAITING:
                return sum(each.balance_cents - each.late_balance_cents for each in self._open())
            case Tile.OVERDUE:
                return sum(each.late_balance_cents for each in self._open())
            case _:
                return 0

    def of_status(self, status: Status) -> int:
        """How many wear this badge."""
        sent, viewed = self.at("sent"), self.at("viewed")
        match status:
            case Status.SENT:
                return sent.invoices - sent.late_invoices
            case Status.VIEWED:
                return viewed.invoices - viewed.late_invoices
            case Status.OVERDUE:
                return sent.late_invoices + viewed.late_invoices
            case Status.PARTIALLY_PAID:
                return self.at("partial").invoices
            case Status.DRAFT | Status.PAID | Status.CANCELLED:
                return self.at(status.value.lower()).invoices

    def _open(self) -> Iterable[Standing]:
        return (self.at(standing) for standing in ("sent", "viewed", "partial"))


def count(connection: Connection, principal: Principal, today: date) -> Counts:
    """Every standing on the firm's day `today` (R072).

    Who sees all clients reads the tally, a few rows for each due day. For anybody else their own
    clients' unpaid invoices are counted, so it grows with these clients and not with the firm.
    """
    known = {"firm_id": principal.firm_id, "user_id": principal.user_id, "today": today}
    query = _TALLIED if principal.sees_all_clients else _COUNTED
    rows = connection.execute(query, known).mappings()
    standings = {
        row["standing"]: Standing(**{name: int(row[name]) for name in _FIGURES}) for row in rows
    }
    if principal.sees_all_clients:
        return Counts(standings, sum(each.invoices for each in standings.values()))
    return Counts(standings, int(connection.execute(_OWN, known).scalar_one()))


_FIGURES = tuple(Standing.__dataclass_fields__)


def _figures(
    table: Table,
    *,
    invoices: ColumnElement[int],
    balance_cents: ColumnElement[int],
    failed: ColumnElement[int],
) -> Select[Any]:
    # Being late says nothing of what is not open, and is not asked of it.
    is_late = table.c.due_on < bindparam("today", type_=table.c.due_on.type)
    return select(
        table.c.standing,
        func.sum(invoices).label("invoices"),
        func.sum(case((is_late, invoices), else_=0)).label("late_invoices"),
        func.sum(balance_cents).label("balance_cents"),
        func.sum(case((is_late, balance_cents), else_=0)).label("late_balance_cents"),
        func.sum(failed).label("failed"),
    ).group_by(table.c.standing)


_TALLIED = _figures(
    invoice_tally,
    invoices=invoice_tally.c.invoices,
    balance_cents=invoice_tally.c.balance_cents,
    failed=invoice_tally.c.failed,
).where(invoice_tally.c.firm_id == bindparam("firm_id"))

_COUNTED = _figures(
    invoice,
    invoices=literal_column("1"),
    balance_cents=invoice.c.open_balance_cents,
    failed=case((tile_condition(Tile.FAILED, date.max), 1), else_=0),
).where(own_firm(), is_assigned(), or_(is_at(Stage.DRAFT), is_at(Stage.OPEN)))
_OWN = select(func.count()).select_from(invoice).where(own_firm(), is_assigned())
