"""Why a tile counts what it counts: the rule in words, and the count of each status in it."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from assure_app.billing.invoice_record import visible_to
from assure_app.billing.reading import invoice_tally
from assure_app.billing.reading.invoice_conditions import tile_condition
from assure_app.billing.reading.invoice_tally import Counts
from assure_app.billing.reading.why import Why, WhyRow
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_of
from assure_app.domain.errors import NotFound
from assure_app.domain.invoice_status import Tile
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import firm, invoice

_RULES = {
    Tile.DRAFTS: "Invoices that were not sent yet. They ask for nothing until they are.",
    Tile.AWAITING: "Sent invoices that are not paid in full and not past their due date. Due today "
    "is not late yet. A partially paid one is counted by its due date, too.",
    Tile.OVERDUE: "Sent invoices that are not paid in full and past their due date. A partially "
    "paid one keeps its badge and is counted here from that day on.",
    Tile.FAILED: "Open invoices whose last auto-pay attempt failed and that still ask for money. "
    "Each is counted under Awaiting or Overdue as well.",
}
_STANDINGS = {"sent": "Sent", "viewed": "Viewed", "partial": "Partially paid"}

_Group = tuple[str, int, int]


def explain_tile(principal: Principal, tile: object, *, now: datetime) -> Why:
    """Why a tile counts so many: by status, with what they still ask for (R072).

    It costs what the tiles themselves cost, however many invoices there are. Raises NotFound for a
    tile that is none, PermissionDenied without View billing.
    """
    principal.require(Permission.VIEW_BILLING)
    if not isinstance(tile, str) or tile not in set(Tile):
        raise NotFound("tile")
    groups = list(_groups(principal, Tile(tile), now))
    invoices = sum(count for _, count, _ in groups)
    cents = sum(cents for _, _, cents in groups)
    return Why(
        title=f"Why {invoices:,} {tile}?",
        subject="All that you may see",
        rule=_RULES[Tile(tile)],
        rows=tuple(
            WhyRow(label=label, amount=_count_text(count), note=f"{full_text(cents)} open")
            for label, count, cents in groups
        ),
        result_label=tile,
        result=f"{_count_text(invoices)}, {full_text(cents)} open",
        tile=tile,
    )


def _groups(principal: Principal, tile: Tile, now: datetime) -> Iterator[_Group]:
    with reading() as connection:
        zone = connection.scalar(select(firm.c.timezone).where(firm.c.id == principal.firm_id))
        today = day_of(now, str(zone))
        if tile is Tile.FAILED:
            inside = (visible_to(principal), tile_condition(tile, today))
            failed = (
                select(
                    invoice.c.standing,
                    func.count().label("invoices"),
                    func.sum(invoice.c.balance_cents).label("cents"),
                )
                .where(*inside)
                .group_by(invoice.c.standing)
            )
            found = {row.standing: row for row in connection.execute(failed)}
            for standing, label in _STANDINGS.items():
                if row := found.get(standing):
                    yield label, int(row.invoices), int(row.cents)
            return
        counts = invoice_tally.count(connection, principal, today)
    yield from _tallied(counts, tile)


def _tallied(counts: Counts, tile: Tile) -> Iterator[_Group]:
    if tile is Tile.DRAFTS:
        drafts = counts.at("draft")
        yield "Draft", drafts.invoices, drafts.balance_cents
        return
    for standing, label in _STANDINGS.items():
        each = counts.at(standing)
        if tile is Tile.OVERDUE:
            name = f"{label}, past the due date"
            group = (name, each.late_invoices, each.late_balance_cents)
        else:
            in_time = each.invoices - each.late_invoices
            group = (label, in_time, each.balance_cents - each.late_balance_cents)
        if group[1]:
            yield group


def _count_text(invoices: int) -> str:
    return f"{invoices:,} invoice" if invoices == 1 else f"{invoices:,} invoices"
