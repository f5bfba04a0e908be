"""The firm's audit log as its owner reads it: newest first, in firm time (R112)."""

from datetime import datetime

from sqlalchemy import Row, func, select

from assure_app.billing.reading.settings_rows import AuditPage, AuditRow
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import moment_text
from assure_app.domain.errors import InvalidInput
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import audit_entry, firm, firm_user

PAGE_SIZE = 50
_LARGEST_ID = 2**31 - 1
_NOBODY = "System"


def page(principal: Principal, cursor: str = "", *, now: datetime) -> AuditPage:
    """A page of the log. `cursor` is "" for the newest, or one that an earlier page gave.

    Raises PermissionDenied, and InvalidInput for a cursor made up.
    """
    principal.require(Permission.MANAGE_FIRM)
    is_newer, at_id = _read(cursor)
    entry = audit_entry.c
    beyond = entry.id > at_id if is_newer else entry.id < at_id
    wanted = (
        select(audit_entry, firm_user.c.name)
        .select_from(audit_entry.outerjoin(firm_user, firm_user.c.id == entry.user_id))
        .where(entry.firm_id == principal.firm_id, beyond)
        .order_by(entry.id.asc() if is_newer else entry.id.desc())
        .limit(PAGE_SIZE)
    )
    with reading() as connection:
        rows = list(connection.execute(wanted).all())
        if is_newer:
            rows.reverse()
        zone = connection.scalar(select(firm.c.timezone).where(firm.c.id == principal.firm_id))
        ends = connection.execute(
            select(func.min(entry.id), func.max(entry.id)).where(entry.firm_id == principal.firm_id)
        ).one()
    if not rows:
        return AuditPage()
    return AuditPage(
        rows=tuple(_row(row, str(zone), now) for row in rows),
        older=f"before-{rows[-1].id}" if rows[-1].id > ends[0] else "",
        newer=f"after-{rows[0].id}" if rows[0].id < ends[1] else "",
    )


def _read(cursor: str) -> tuple[bool, int]:
    if not cursor:
        return False, _LARGEST_ID
    word, _, number = cursor.partition("-")
    is_number = number.isascii() and number.isdigit() and len(number) <= len(str(_LARGEST_ID))
    if word not in {"before", "after"} or not is_number or int(number) > _LARGEST_ID:
        raise InvalidInput({"cursor": "This page of the log no longer exists. Start again."})
    return word == "after", int(number)


def _row(row: Row[tuple[object, ...]], zone: str, now: datetime) -> AuditRow:
    who = row.name or _NOBODY
    what = row.text.removeprefix(f"{who} ")
    return AuditRow(
        id=row.id,
        at=moment_text(row.at, zone, now=now),
        iso=row.at.isoformat(),
        who=who,
        what=what[:1].upper() + what[1:],
    )
