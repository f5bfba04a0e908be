"""`assure reconcile`: the comparison from the command line, with a table of what agreed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rich.table import Table
from sqlalchemy import select

from assure_app.billing import reconciliation, reconciliation_run
from assure_app.billing.reconciliation_runs import Run
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import NotFound
from assure_app.domain.money import full_text
from assure_app.models.tables import firm, reconciliation_difference, stripe_account

BY = "assure reconcile"
_WAIT_SECONDS = 1
_PATIENCE_SECONDS = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What came of one account; `problem` is why there is no answer."""

    firm: str
    run: Run
    differences: tuple[str, ...]
    problem: str = ""


def run(firm_name: str, *, is_full: bool, now: Callable[[], datetime]) -> list[Compared]:
    """Compare every account, or those of one firm, and wait for the end.

    Raises NotFound for a firm that does not exist.
    """
    compared = []
    for firm_id, name in _firms(firm_name):
        for begun in reconciliation.begin_firm(firm_id, started_by=BY, is_full=is_full, now=now()):
            done, problem = _to_the_end(begun, now)
            compared.append(
                Compared(firm=name, run=done, differences=_open(begun.account_id), problem=problem)
            )
    return compared


def table(compared: list[Compared]) -> Table:
    """What was compared, to the cent."""
    shown = Table("Firm", title="Books and Stripe")
    for heading in ("Payments", "Fees", "Refunds", "Payouts", "Differences"):
        shown.add_column(heading, justify="right", overflow="fold")
    for each in compared:
        done = each.run
        shown.add_row(
            each.firm,
            f"{done.payments:,}\n{full_text(done.payments_cents)}",
            full_text(done.fees_cents),
            f"{done.refunds:,}\n{full_text(done.refunds_cents)}",
            f"{done.payouts:,}\n{full_text(done.payouts_cents)}",
            each.problem or f"{len(each.differences):,}",
        )
    return shown


def _to_the_end(begun: Run, now: Callable[[], datetime]) -> tuple[Run, str]:
    """Go on with a run until it is finished, beside any worker that does the same."""
    known, waited = begun, 0
    while waited < _PATIENCE_SECONDS:
        before = (known.phase, known.reached, known.cursor)
        try:
            known = reconciliation_run.advance(begun.id, now=now())
        except StripeSilent:
            return known, "Stripe could not be asked"
        if known.finished_at is not None:
            return known, known.problem
        if (known.phase, known.reached, known.cursor) == before:
            time.sleep(_WAIT_SECONDS)
            waited += _WAIT_SECONDS
    return known, "Another worker did not come to an end"


def _firms(name: str) -> list[tuple[int, str]]:
    """Firms that have an account."""
    wanted = (
        select(firm.c.id, firm.c.name)
        .where(firm.c.id.in_(select(stripe_account.c.firm_id)))
        .order_by(firm.c.id)
    )
    with reading() as connection:
        rows = connection.execute(wanted.where(firm.c.name == name) if name else wanted).all()
    if name and not rows:
        raise NotFound("firm")
    return [(row.id, row.name) for row in rows]


def _open(account_id: str) -> tuple[str, ...]:
    table_ = reconciliation_difference
    wanted = select(table_.c.sentence).where(
        table_.c.account_id == account_id, table_.c.closed_at.is_(None)
    )
    with reading() as connection:
        return tuple(connection.execute(wanted.order_by(table_.c.id)).scalars())
