"""The invoices that a person ticked in the list, to do one thing with all of them (R140)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from assure_app.billing.invoice_record import visible_to
from assure_app.db.unit_of_work import reading
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import invoice

MOST_SELECTED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The numbers in the order in which they were ticked, and what they total; "" for none."""

    numbers: tuple[str, ...] = ()
    total: str = ""


def selection(principal: Principal, numbers: Sequence[str]) -> Selection:
    """Of these invoices the first 200 that the person may see, as of now.

    Raises PermissionDenied without View billing.
    """
    principal.require(Permission.VIEW_BILLING)
    wanted = tuple(dict.fromkeys(numbers))[:MOST_SELECTED]
    if not wanted:
        return Selection()
    seen = select(invoice.c.number, invoice.c.total_cents).where(
        invoice.c.number.in_(wanted), visible_to(principal)
    )
    with reading() as connection:
        totals = {row.number: row.total_cents for row in connection.execute(seen)}
    return Selection(
        numbers=tuple(number for number in wanted if number in totals),
        total=full_text(sum(totals.values())) if totals else "",
    )
