"""What a client saved to pay with, as whoever may pay there sees it (R040, R127, R142)."""

from datetime import date

from sqlalchemy import Connection, select

from assure_app.billing import method_rows
from assure_app.billing.method_rows import StoredMethod
from assure_app.billing.reading.method_words import saved_row
from assure_app.billing.reading.portal_rows import SavedRow
from assure_app.domain.portal_access import PortalPrincipal
from assure_app.models.tables import contact, firm

_MOST_NAMED = 2


def saved_rows(
    connection: Connection, viewer: PortalPrincipal, *, timezone: str, today: date
) -> tuple[SavedRow, ...]:
    """The client's saved methods, the default first, then the newest; none for who may not pay."""
    found = _of(connection, viewer)
    names = _names(connection, viewer, found)
    return tuple(
        saved_row(each, by=names.get(each.id, ""), timezone=timezone, today=today) for each in found
    )


def saved_names(connection: Connection, viewer: PortalPrincipal) -> str:
    """ "Visa •••• 4242", for a sentence; "" when there is nothing that could be offered."""
    names = [each.name for each in _of(connection, viewer) if each.is_usable]
    more = len(names) - _MOST_NAMED
    shown = names[:_MOST_NAMED] + ([f"{more} more"] if more > 0 else [])
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _of(connection: Connection, viewer: PortalPrincipal) -> list[StoredMethod]:
    if not viewer.may_pay:
        return []
    return list(
        method_rows.of_client(connection, firm_id=viewer.firm_id, client_id=viewer.client_id)
    )


def _names(
    connection: Connection, viewer: PortalPrincipal, found: list[StoredMethod]
) -> dict[int, str]:
    """Who added each: one of the client's people by name, the firm's as their firm (R113)."""
    ids = {each.added_by_id for each in found if each.added_by_id is not None}
    rows = connection.execute(select(contact.c.id, contact.c.name).where(contact.c.id.in_(ids)))
    people = {row.id: row.name for row in rows}
    own_firm = connection.scalar(select(firm.c.name).where(firm.c.id == viewer.firm_id))
    return {
        each.id: str(own_firm) if each.added_by_user_id else people.get(each.added_by_id or 0, "")
        for each in found
    }
