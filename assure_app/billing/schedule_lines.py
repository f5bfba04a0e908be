"""The stored lines of a schedule: what every invoice generated from it is made of."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select

from assure_app.domain.line_items import Line
from assure_app.models.tables import schedule_line

_INSERT = insert(schedule_line)
_OF_SCHEDULE = (
    select(
        schedule_line.c.description,
        schedule_line.c.quantity_thousandths,
        schedule_line.c.unit_price_cents,
        schedule_line.c.tax_rate_thousandths,
    )
    .where(schedule_line.c.schedule_id == bindparam("schedule_id"))
    .order_by(schedule_line.c.position)
)


def of_schedule(connection: Connection, schedule_id: int) -> tuple[Line, ...]:
    """The lines in their order."""
    rows = connection.execute(_OF_SCHEDULE, {"schedule_id": schedule_id})
    return tuple(
        Line(
            description=row.description,
            quantity_thousandths=row.quantity_thousandths,
            unit_price_cents=row.unit_price_cents,
            tax_rate_thousandths=row.tax_rate_thousandths,
        )
        for row in rows
    )


def replace(connection: Connection, schedule_id: int, lines: Sequence[Line]) -> None:
    """Put these lines in the place of the schedule's own."""
    connection.execute(schedule_line.delete().where(schedule_line.c.schedule_id == schedule_id))
    connection.execute(
        _INSERT,
        [
            {
                "schedule_id": schedule_id,
                "position": position,
                "description": line.description,
                "quantity_thousandths": line.quantity_thousandths,
                "unit_price_cents": line.unit_price_cents,
                "amount_cents": line.amount_cents,
                "tax_rate_thousandths": line.tax_rate_thousandths,
                "tax_cents": line.tax_cents,
            }
            for position, line in enumerate(lines, start=1)
        ],
    )
