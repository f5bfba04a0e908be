"""Jobs that were given up: who may see them, and trying one again (R112, R136, R139)."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from assure_app.billing import audit, invoice_record
from assure_app.db import jobs
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import invoice, job

_LARGEST_ID = 2**31
WITH_INVOICE = job.outerjoin(invoice, invoice.c.id == job.c.invoice_id)
"""Jobs beside their invoices, as the condition on who may see them needs it."""


def may_see(principal: Principal) -> bool:
    """Background work is about money that is asked for, so it needs View billing."""
    return principal.has(Permission.VIEW_BILLING)


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """The condition on jobs, outer joined to their invoices, that a person may see."""
    own_firm = job.c.firm_id == principal.firm_id
    return own_firm & (job.c.invoice_id.is_(None) | invoice_record.visible_to(principal))


def count(principal: Principal) -> int:
    """How many wait for somebody; 0 for whoever may not see them."""
    if not may_see(principal):
        return 0
    waiting = (
        select(func.count())
        .select_from(WITH_INVOICE)
        .where(visible_to(principal), job.c.stopped_at.is_not(None))
    )
    with reading() as connection:
        return int(connection.scalar(waiting) or 0)


def retry(principal: Principal, job_id: object, *, now: datetime) -> str:
    """Begin a job anew that was given up, and say so; a second time changes nothing.

    Raises PermissionDenied, and NotFound for a job that the person may not see.
    """
    audit.require(principal, Permission.EDIT_BILLING, act="retry a job", now=now)
    with unit_of_work() as connection:
        known = (
            select(job.c.id, job.c.turn, job.c.what)
            .select_from(WITH_INVOICE)
            .where(job.c.id == _id(job_id), visible_to(principal))
        )
        found = connection.execute(known).first()
        if found is None:
            raise NotFound("job")
        begun = connection.execute(
            update(job)
            .where(job.c.id == found.id, job.c.stopped_at.is_not(None))
            .values(stopped_at=None, due_at=now + jobs.STALL, turn=found.turn + 1, tries=0)
        )
        if begun.rowcount != 1:
            return "It is under way already."
        jobs.hand_over(connection, found.id, turn=found.turn + 1)
        audit.note(
            connection,
            firm_id=principal.firm_id,
            user_id=principal.user_id,
            text=f"{principal.name} had this tried again: {found.what}",
            at=now,
        )
    return "It is being tried again."


def _id(value: object) -> int:
    is_id = isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGEST_ID
    return value if is_id and isinstance(value, int) else 0
