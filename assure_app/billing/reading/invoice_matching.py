"""How many invoices a query finds: "X of Y", counted no farther than 1,000 (R150)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, func, literal_column, select

from assure_app.billing.reading.invoice_conditions import SHAPES_KEPT, Shape, conditions
from assure_app.billing.reading.invoice_rows import Narrowed
from assure_app.billing.reading.invoice_tally import Counts
from assure_app.models.tables import invoice

MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Matching:
    """How many match; counting ends at 1,000 unless the tally knows."""

    number: int
    has_more: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}{'+' if self.has_more else ''}"


def matching(connection: Connection, wanted: Narrowed, counts: Counts) -> Matching:
    """How many the query finds; `counts` are those of the person who asks."""
    if not wanted.shape.is_tallied:
        counted = int(connection.execute(_counted(wanted.shape), wanted.values).scalar_one())
        return Matching(min(counted, MOST_COUNTED), counted > MOST_COUNTED)
    if wanted.shape.tile is not None:
        return Matching(counts.of_tile(wanted.shape.tile))
    if wanted.shape.status is not None:
        return Matching(counts.of_status(wanted.shape.status))
    return Matching(counts.total)


@lru_cache(maxsize=SHAPES_KEPT)
def _counted(shape: Shape) -> Select[Any]:
    some: Select[Any] = select(literal_column("1")).select_from(invoice).where(*conditions(shape))
    return select(func.count()).select_from(
        some.limit(literal_column(str(MOST_COUNTED + 1))).subquery()
    )
