"""What a client saved to pay with, as whoever may pay there sees it (R040, R127, R142)."""

from datetime import date

from sqlalchemy import Connection, select

from assure_app.billing import method_rows
from assure_app.billing.method_rows import StoredMethod
from assure_app.billing.reading.portal_rows import SavedRow
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.portal_access import PortalPrincipal
from assure_app.domain.saved_methods import Expiry, MethodKind, standing_of
from assure_app.models.tables import contact

_MOST_NAMED = 2


def saved_rows(
    connection: Connection, viewer: PortalPrincipal, *, timezone: str, today: date
) -> tuple[SavedRow, ...]:
    """The client's saved methods, the default first, then the newest; none for who may not pay."""
    found = _of(connection, viewer)
    names = _names(connection, found)
    return tuple(_row(each, names, timezone=timezone, today=today) for each in found)


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


def _names(connection: Connection, found: list[StoredMethod]) -> dict[int, str]:
    """Who of the client's people added them."""
    ids = {each.added_by_id for each in found if each.added_by_id is not None}
    rows = connection.execute(select(contact.c.id, contact.c.name).where(contact.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _row(method: StoredMethod, names: dict[int, str], *, timezone: str, today: date) -> SavedRow:
    added = f"added {day_text(day_of(method.added_at, timezone), today=today)}"
    by = names.get(method.added_by_id or 0, "")
    stands = standing_of(method.expiry, today)
    verb = "expired" if stands is Expiry.OVER else "expires"
    expires = f"{verb} {method.expiry}" if method.expiry else ""
    said = [expires, f"{added} by {by}" if by else added]
    return SavedRow(
        id=method.id,
        kind="card" if method.kind is MethodKind.CARD else "bank",
        name=method.name,
        detail=" · ".join(each for each in said if each),
        state="Disabled" if method.disabled_at else stands.value,
        why=method.disabled_reason,
        is_default=method.is_default,
        can_be_default=method.is_usable and not method.is_default,
    )
