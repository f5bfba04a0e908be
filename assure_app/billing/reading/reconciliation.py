"""What the reconciliation page shows: the last comparison, what differs, and what was settled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, select

from assure_app.billing import reconciliation, reconciliation_runs
from assure_app.billing.reading.invoice_rows import timezone_of
from assure_app.billing.reading.reconciliation_rows import (
    AsideStart,
    DifferenceRow,
    Figure,
    ReconciliationView,
    RunRow,
)
from assure_app.billing.reconciliation_runs import Run
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_of, day_text, moment_text
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.reconciliation_facts import Mending
from assure_app.models.tables import (
    invoice,
    reconciliation_difference,
    reconciliation_run,
    stripe_account,
)

MOST_SHOWN = 50
MOST_SETTLED = 10
MOST_RUNS = 10
_LABELS = {
    Mending.BOOK: "Book it",
    Mending.TAKE_FEE: "Take over Stripe’s fee",
    Mending.ASK_AGAIN: "Ask Stripe again",
    Mending.SET_ASIDE: "Not for an invoice",
    Mending.HAND_OVER: "Open in Stripe exceptions",
}


@dataclass(slots=True)
class _Place:
    """In whose words moments are told."""

    zone: str
    now: datetime
    may_mend: bool = False


def page(principal: Principal, *, now: datetime) -> ReconciliationView:
    """The page as this person may see it. Raises PermissionDenied, which is noted."""
    try:
        reconciliation.require_to_look(principal, act="look at the reconciliation", now=now)
    except reconciliation.NeedsAllClients as refusal:
        return ReconciliationView(why_not=refusal.sentence)
    may_mend = principal.has(Permission.EDIT_BILLING)
    with reading() as connection:
        place = _Place(timezone_of(connection, principal), now, may_mend)
        runs = _runs(connection, principal)
        waiting = _differences(connection, principal, is_open=True)
        settled = _differences(connection, principal, is_open=False)
        has_account = connection.execute(
            select(stripe_account.c.account_id)
            .where(stripe_account.c.firm_id == principal.firm_id)
            .limit(1)
        ).first()
    last = next((run for run in runs if run.finished_at is not None), None)
    going = next((run for run in runs if run.finished_at is None), None)
    headline, detail, tone = _standing(last, len(waiting), place)
    return ReconciliationView(
        headline=headline,
        detail=detail,
        tone=tone,
        figures=() if last is None or last.problem else _figures(last),
        open=tuple(_row(row, place) for row in waiting[:MOST_SHOWN]),
        more=f"Only the first {MOST_SHOWN} are shown." if len(waiting) > MOST_SHOWN else "",
        settled=tuple(_row(row, place) for row in settled),
        runs=tuple(_run_row(run, place) for run in runs if run.finished_at is not None),
        progress=-1 if going is None else going.percent,
        has_account=has_account is not None,
        may_look=True,
        may_mend=may_mend,
    )


def aside_start(principal: Principal, difference_id: object, *, now: datetime) -> AsideStart:
    """What the dialog begins with. Raises PermissionDenied and NotFound."""
    known = reconciliation.find(principal, difference_id, now=now)
    cents = known.stripe_cents
    return AsideStart(
        id=known.id, sentence=known.sentence, amount="" if cents is None else full_text(cents)
    )


def _standing(last: Run | None, open_count: int, place: _Place) -> tuple[str, str, str]:
    """How it stands, in one line, a second one, and a tone."""
    if last is None:
        return (
            "Nothing has been compared yet.",
            "This happens every night by itself, and whenever you press Check now.",
            "none",
        )
    ended = moment_text(_ended(last), place.zone, now=place.now)
    since = day_text(day_of(last.since, place.zone), today=day_of(place.now, place.zone))
    until = _moment(last.until, place)
    when = f"Compared {ended}. It covers {since} to {until}; what is newer comes next time."
    if last.problem:
        return "Stripe could not be asked.", f"{when} {last.problem}", "warn"
    if open_count:
        noun = "difference" if open_count == 1 else "differences"
        counted = f"{MOST_SHOWN}+" if open_count > MOST_SHOWN else str(open_count)
        return f"{counted} {noun}", when, "bad"
    if not last.payments and not last.refunds:
        return "Everything agrees: no payments and no refunds in these days", when, "good"
    payments = _counted(last.payments, "payment")
    refunds = _counted(last.refunds, "refund")
    return (
        f"Everything agrees: {payments}, {full_text(last.payments_cents)}, {refunds}, to the cent",
        when,
        "good",
    )


def _figures(run: Run) -> tuple[Figure, ...]:
    return (
        Figure(
            name="Payments",
            amount=full_text(run.payments_cents),
            note=_counted(run.payments, "payment"),
        ),
        Figure(name="Stripe fees", amount=full_text(run.fees_cents), note="of these payments"),
        Figure(
            name="Refunds",
            amount=full_text(run.refunds_cents),
            note=_counted(run.refunds, "refund"),
        ),
        Figure(
            name="Disputes",
            amount=full_text(run.disputes_cents),
            note=_counted(run.disputes, "dispute"),
        ),
        Figure(
            name="Payouts",
            amount=full_text(run.payouts_cents),
            note=_counted(run.payouts, "payout"),
        ),
    )


def _runs(connection: Connection, principal: Principal) -> list[Run]:
    """The latest, the newest first."""
    ids = connection.execute(
        select(reconciliation_run.c.id)
        .where(reconciliation_run.c.firm_id == principal.firm_id)
        .order_by(reconciliation_run.c.id.desc())
        .limit(MOST_RUNS)
    ).scalars()
    return [reconciliation_runs.by_id(connection, run_id) for run_id in ids]


def _differences(connection: Connection, principal: Principal, *, is_open: bool) -> list[Any]:
    table = reconciliation_difference
    wanted = (
        select(table, invoice.c.number)
        .outerjoin(invoice, invoice.c.id == table.c.invoice_id)
        .where(table.c.firm_id == principal.firm_id)
    )
    if is_open:
        wanted = wanted.where(table.c.closed_at.is_(None)).order_by(table.c.id)
        return list(connection.execute(wanted.limit(MOST_SHOWN + 1)))
    closed = wanted.where(table.c.closed_at.is_not(None))
    latest = closed.order_by(table.c.closed_at.desc(), table.c.id.desc())
    return list(connection.execute(latest.limit(MOST_SETTLED)))


def _row(row: Any, place: _Place) -> DifferenceRow:
    mending = Mending(row.mending)
    settled = "" if row.closed_at is None else _moment(row.closed_at, place)
    return DifferenceRow(
        id=row.id,
        sentence=row.sentence,
        books_says=row.books_says,
        books_amount=_amount(row.books_cents),
        stripe_says=row.stripe_says,
        stripe_amount=_amount(row.stripe_cents),
        object_id=row.object_id,
        found=_moment(row.found_at, place),
        number=row.number or "",
        href=f"/invoices?invoice={quote(row.number or '', safe='')}",
        act=mending.value if place.may_mend and not settled else "",
        label=_LABELS[mending],
        settled=settled,
        settled_by=row.closed_by,
        how=row.how,
        can_undo=bool(row.is_set_aside) and place.may_mend,
    )


def _run_row(run: Run, place: _Place) -> RunRow:
    if run.problem:
        result = "Stripe could not be asked"
    elif run.differences:
        result = _counted(run.differences, "difference")
    else:
        result = "Agreed to the cent"
    return RunRow(
        id=run.id,
        when=_moment(_ended(run), place),
        by=run.started_by or "Automatic",
        span=_span(run, place),
        payments=f"{run.payments:,}",
        amount=full_text(run.payments_cents),
        refunds=f"{run.refunds:,}",
        payouts=f"{run.payouts:,}",
        result=result,
        is_clean=not run.problem and not run.differences,
    )


def _span(run: Run, place: _Place) -> str:
    today = day_of(place.now, place.zone)
    first = day_text(day_of(run.since, place.zone), today=today)
    last = day_text(day_of(run.until, place.zone), today=today)
    return f"{first} to {last}"


def _ended(run: Run) -> datetime:
    return run.finished_at or run.started_at


def _moment(moment: datetime, place: _Place) -> str:
    return moment_text(moment, place.zone, now=place.now)


def _amount(cents: int | None) -> str:
    return "" if cents is None else full_text(cents)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
