"""What the frame around every firm page shows: whose desk this is, and what they may do."""

from dataclasses import dataclass

from sqlalchemy import select

from assure_app.billing import stopped_jobs, stripe_access, stripe_exceptions
from assure_app.billing.reading import refund_asks
from assure_app.db.unit_of_work import reading
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import firm


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The firm and the person, as texts; `stripe_waiting` is how many exceptions wait for them.

    `jobs_waiting` counts the jobs that were given up.
    `refunds_waiting` counts refunds that they may decide on; `refund_href` leads to the oldest.
    """

    firm: str = ""
    initial: str = ""
    timezone: str = ""
    person: str = ""
    views_billing: bool = False
    edits_billing: bool = False
    manages_firm: bool = False
    looks_after_stripe: bool = False
    acts_on_stripe: bool = False
    stripe_waiting: int = 0
    jobs_waiting: int = 0
    refunds_waiting: int = 0
    refund_href: str = ""


def desk(principal: Principal) -> Desk:
    """The desk of this person, without any amount."""
    with reading() as connection:
        found = connection.execute(
            select(firm.c.name, firm.c.timezone).where(firm.c.id == principal.firm_id)
        ).one()
    waiting = refund_asks.waiting_for(principal)
    return Desk(
        firm=found.name,
        initial=found.name[:1].upper(),
        timezone=found.timezone,
        person=principal.name,
        views_billing=principal.has(Permission.VIEW_BILLING),
        edits_billing=principal.has(Permission.EDIT_BILLING),
        manages_firm=principal.has(Permission.MANAGE_FIRM),
        looks_after_stripe=stripe_access.may_look(principal),
        acts_on_stripe=stripe_access.may_act(principal),
        stripe_waiting=stripe_exceptions.count_open(principal),
        jobs_waiting=stopped_jobs.count(principal),
        refunds_waiting=waiting.count,
        refund_href=waiting.href,
    )
