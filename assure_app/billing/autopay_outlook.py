"""What turning auto-pay on will charge of what an engagement's invoices ask for already (R116)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, func, not_, or_, select

from assure_app.billing.schedule_words import count_text
from assure_app.domain import autopay as rules
from assure_app.domain.autopay import AutopayState
from assure_app.domain.calendar import clock_text, day_of, moment_text
from assure_app.domain.money import full_text
from assure_app.models.tables import autopay, backfill_offer, firm, invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """So many invoices, and the cents of their balances."""

    invoices: int
    cents: int


def sentences(
    connection: Connection, *, firm_id: int, client_id: int, engagement_id: int, now: datetime
) -> tuple[str, ...]:
    """What is charged of what is due by now, and when; one sentence when there is nothing.

    Auto-pay begins in the morning: what is past due waits for the next one, and what is due today
    is charged at once when today's is over.
    """
    zone = str(connection.scalar(select(firm.c.timezone).where(firm.c.id == firm_id)))
    today = day_of(now, zone)
    is_asked = _is_asked(client_id=client_id, engagement_id=engagement_id)
    past = _sum(connection, and_(is_asked, invoice.c.due_on < today))
    due = _sum(connection, and_(is_asked, invoice.c.due_on == today))
    morning = moment_text(rules.next_morning(now, zone), zone, now=now)
    told = []
    if past.invoices:
        told.append(f"{_counted(past, 'past due')}: {full_text(past.cents)} is charged {morning}.")
    if due.invoices:
        told.append(f"{_counted(due, 'due today')}: {_today(due, today, zone, now)}.")
    return tuple(told) or ("No invoice that it charges is due yet.",)


def _today(due: Asked, today: date, zone: str, now: datetime) -> str:
    starts_at = rules.starts_at(today, zone)
    when = "at once" if starts_at <= now else f"today, {clock_text(starts_at, zone)}"
    return f"{full_text(due.cents)} is charged {when}"


def _counted(asked: Asked, state: str) -> str:
    return f"{count_text(asked.invoices)} {'is' if asked.invoices == 1 else 'are'} {state}"


def _is_asked(*, client_id: int, engagement_id: int) -> ColumnElement[bool]:
    """What auto-pay looks after once it is on: not what it was stopped for or gave up, nor what was
    left to the client when they first saved a method (R118)."""
    is_left_to_client = and_(
        invoice.c.opened_at < backfill_offer.c.offered_at,
        invoice.c.due_on < backfill_offer.c.offered_on,
    )
    return and_(
        invoice.c.client_id == client_id,
        invoice.c.engagement_id == engagement_id,
        invoice.c.stage == "open",
        invoice.c.balance_cents > 0,
        invoice.c.pending_cents == 0,
        or_(autopay.c.state.is_(None), autopay.c.state == AutopayState.WAITING.value),
        or_(backfill_offer.c.id.is_(None), not_(is_left_to_client)),
    )


def _sum(connection: Connection, condition: ColumnElement[bool]) -> Asked:
    wanted = (
        select(func.count(), func.coalesce(func.sum(invoice.c.balance_cents), 0))
        .select_from(
            invoice.outerjoin(autopay, autopay.c.invoice_id == invoice.c.id).outerjoin(
                backfill_offer, backfill_offer.c.client_id == invoice.c.client_id
            )
        )
        .where(condition)
    )
    count, cents = connection.execute(wanted).one()
    return Asked(invoices=int(count), cents=int(cents))
