"""The firm's audit log: what no invoice's timeline can hold (R112)."""

from datetime import datetime

from sqlalchemy import Connection, insert

from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import PermissionDenied
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import audit_entry


def note(
    connection: Connection, *, firm_id: int, user_id: int | None, text: str, at: datetime
) -> None:
    """Add an entry in the caller's transaction."""
    connection.execute(
        insert(audit_entry).values(firm_id=firm_id, user_id=user_id, at=at, text=text[:1000])
    )


def require(principal: Principal, permission: Permission, *, act: str, now: datetime) -> None:
    """Raise PermissionDenied unless the person holds the right; the denial is logged (R112)."""
    try:
        principal.require(permission)
    except PermissionDenied:
        with unit_of_work() as connection:
            note(
                connection,
                firm_id=principal.firm_id,
                user_id=principal.user_id,
                text=f"{principal.name} was denied: {act} (needs {permission})",
                at=now,
            )
        raise
