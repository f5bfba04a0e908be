"""What the payouts page shows: what arrived in the bank, from which payments, less which fees."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, func, or_, select

from assure_app.billing import payout_books, reconciliation
from assure_app.billing.reading.invoice_rows import timezone_of
from assure_app.billing.reading.payout_rows import PartRow, PayoutDetail, PayoutRow, PayoutsView
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_of, day_text, moment_text
from assure_app.domain.errors import NotFound
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Principal
from assure_app.models.reconciliation import PayoutState
from assure_app.models.tables import (
    client,
    dispute,
    invoice,
    payment,
    payout_part,
    reconciliation_run,
    stripe_account,
    stripe_payout,
    stripe_refund,
)

PAGE_ROWS = 25
MOST_PARTS = 500
_STATES = {
    PayoutState.PENDING: "Scheduled",
    PayoutState.IN_TRANSIT: "On its way",
    PayoutState.PAID: "Paid",
    PayoutState.FAILED: "Failed",
    PayoutState.CANCELED: "Cancelled",
}
_KINDS = {
    "charge": "Card payment",
    "payment": "Bank payment",
    "refund": "Refund",
    "payment_refund": "Refund",
    "refund_failure": "Refund that came back",
    "payment_failure_refund": "Payment that came back",
    "payout_failure": "Payout that came back",
    "stripe_fee": "Stripe fee",
    "topup": "Top-up",
}
_WHY = {
    "account_closed": "The bank account has been closed.",
    "account_frozen": "The bank account is frozen.",
    "bank_account_restricted": "The bank account takes no deposits.",
    "could_not_process": "The bank could not process it.",
    "declined": "The bank declined it.",
    "incorrect_account_holder_name": "The name of the account holder is wrong.",
    "invalid_account_number": "The account number is wrong.",
    "no_account": "The bank knows no such account.",
}


def page(principal: Principal, *, most: int = PAGE_ROWS, now: datetime) -> PayoutsView:
    """The page as this person may see it. Raises PermissionDenied, which is noted."""
    try:
        reconciliation.require_to_look(principal, act="look at the payouts", now=now)
    except reconciliation.NeedsAllClients as refusal:
        return PayoutsView(why_not=refusal.sentence)
    with reading() as connection:
        zone = timezone_of(connection, principal)
        rows = connection.execute(
            select(stripe_payout)
            .where(stripe_payout.c.firm_id == principal.firm_id)
            .order_by(stripe_payout.c.created_at.desc(), stripe_payout.c.id.desc())
            .limit(most + 1)
        ).all()
        balance = _balance(connection, principal)
        moving = connection.scalar(
            select(func.sum(stripe_payout.c.amount_cents)).where(
                stripe_payout.c.firm_id == principal.firm_id,
                or_(
                    stripe_payout.c.state == PayoutState.PENDING.value,
                    stripe_payout.c.state == PayoutState.IN_TRANSIT.value,
                ),
            )
        )
        has_account = connection.execute(
            select(stripe_account.c.account_id)
            .where(stripe_account.c.firm_id == principal.firm_id)
            .limit(1)
        ).first()
    today = day_of(now, zone)
    known = balance is not None
    return PayoutsView(
        rows=tuple(_row(row, today, zone, now) for row in rows[:most]),
        available=full_text(balance.available_cents) if known else "",
        pending=full_text(balance.pending_cents) if known else "",
        balance_as_of=moment_text(balance.finished_at, zone, now=now) if known else "",
        on_its_way=full_text(int(moving or 0)),
        more_from=most + PAGE_ROWS if len(rows) > most else 0,
        has_account=has_account is not None,
        may_look=True,
    )


def detail(principal: Principal, payout_id: object, *, now: datetime) -> PayoutDetail:
    """What one payout carried. Raises PermissionDenied, NeedsAllClients, NotFound."""
    reconciliation.require_to_look(principal, act="look at a payout", now=now)
    with reading() as connection:
        payout = find(connection, principal, payout_id)
        parts = parts_of(connection, payout.id, most=MOST_PARTS + 1)
        gross_cents, fee_cents, net_cents = _sums(connection, payout.id)
    is_exact = payout.is_itemized and net_cents == payout.amount_cents
    note = ""
    if not payout.is_automatic:
        note = "Somebody made this payout by hand in Stripe: Stripe does not say what is in it."
    elif not payout.is_itemized:
        note = "Stripe has not said yet what is in this payout."
    elif len(parts) > MOST_PARTS:
        note = f"Only the first {MOST_PARTS} are shown; the CSV has them all."
    equals = "" if not payout.is_itemized else f"{full_text(gross_cents)} − {full_text(fee_cents)}"
    return PayoutDetail(
        id=payout.id,
        parts=tuple(_part(row) for row in parts[:MOST_PARTS]),
        gross=full_text(gross_cents),
        fee=full_text(fee_cents),
        net=full_text(net_cents),
        sum_text=(
            f"{equals} fees = {full_text(net_cents)}, exactly the payout."
            if is_exact
            else f"{equals} fees = {full_text(net_cents)}, but the payout is "
            f"{full_text(payout.amount_cents)}."
            if payout.is_itemized
            else ""
        ),
        is_exact=is_exact,
        note=note,
        csv_href=f"/payouts/{payout.id}.csv",
    )


def find(connection: Connection, principal: Principal, payout_id: object) -> Any:
    """A payout of the person's firm. Raises NotFound."""
    is_id = isinstance(payout_id, int) and not isinstance(payout_id, bool)
    if is_id and 0 < payout_id < 2**31:  # type: ignore[operator]
        row = connection.execute(
            select(stripe_payout).where(
                stripe_payout.c.id == payout_id, stripe_payout.c.firm_id == principal.firm_id
            )
        ).first()
        if row is not None:
            return row
    raise NotFound("payout")


def parts_of(
    connection: Connection, payout_row_id: int, *, most: int, after_id: int = 0
) -> Sequence[Any]:
    """What a payout carried, beside the invoice and client that each belongs to by now."""
    on_charge = (payment.c.stripe_charge_id == payout_part.c.source_id) & (
        payment.c.stripe_account_id == payout_part.c.account_id
    )
    of_refund = select(stripe_refund.c.payment_id).where(
        stripe_refund.c.account_id == payout_part.c.account_id,
        stripe_refund.c.refund_id == payout_part.c.source_id,
    )
    of_dispute = select(dispute.c.payment_id).where(
        dispute.c.account_id == payout_part.c.account_id,
        dispute.c.dispute_id == payout_part.c.source_id,
    )
    of_charge = select(payment.c.id).where(on_charge, payment.c.status != "Failed")
    cause = func.coalesce(
        of_charge.scalar_subquery(), of_refund.scalar_subquery(), of_dispute.scalar_subquery()
    )
    caused = payment.alias("caused")
    return connection.execute(
        select(payout_part, invoice.c.number, client.c.name.label("client"))
        .select_from(payout_part)
        .outerjoin(caused, caused.c.id == cause)
        .outerjoin(invoice, invoice.c.id == caused.c.invoice_id)
        .outerjoin(client, client.c.id == caused.c.client_id)
        .where(
            payout_part.c.payout_id == payout_row_id,
            payout_part.c.kind != payout_books.OWN_KIND,
            payout_part.c.id > after_id,
        )
        .order_by(payout_part.c.id)
        .limit(most)
    ).all()


def kind_text(row: Any) -> str:
    """What a movement is, in words."""
    if row.kind == "adjustment" and row.source_id.startswith(("dp_", "du_")):
        return "Dispute" if row.amount_cents < 0 else "Dispute won"
    kind = str(row.kind)
    return _KINDS.get(kind, kind.replace("_", " ").capitalize())


def state_text(row: Any) -> str:
    """How a payout stands, in words."""
    return _STATES[PayoutState(row.state)]


def _row(row: Any, today: date, zone: str, now: datetime) -> PayoutRow:
    day = day_text(row.arrives_on, today=today)
    state = PayoutState(row.state)
    said = {
        PayoutState.PAID: f"Arrived {day}",
        PayoutState.FAILED: f"Was due {day}",
        PayoutState.CANCELED: f"Was due {day}",
    }.get(state, f"Expected {day}")
    return PayoutRow(
        id=row.id,
        day=said,
        amount=full_text(row.amount_cents),
        state=_STATES[state],
        bank=row.bank,
        explained=_explained(row) if state is PayoutState.FAILED else "",
        made=moment_text(row.created_at, zone, now=now),
    )


def _explained(row: Any) -> str:
    why = _WHY.get(row.failure_code) or row.failure or "The bank sent it back."
    return (
        f"{why} The money is back in your Stripe balance and goes out with the next payout. Check "
        "the bank account in Stripe."
    )


def _part(row: Any) -> PartRow:
    return PartRow(
        id=row.id,
        what=kind_text(row),
        number=row.number or "",
        href=f"/invoices?invoice={quote(row.number or '', safe='')}",
        client=row.client or "",
        gross=full_text(row.amount_cents),
        fee=full_text(row.fee_cents),
        net=full_text(row.net_cents),
    )


def _sums(connection: Connection, payout_row_id: int) -> tuple[int, int, int]:
    row = connection.execute(
        select(
            func.sum(payout_part.c.amount_cents),
            func.sum(payout_part.c.fee_cents),
            func.sum(payout_part.c.net_cents),
        ).where(
            payout_part.c.payout_id == payout_row_id,
            payout_part.c.kind != payout_books.OWN_KIND,
        )
    ).one()
    return int(row[0] or 0), int(row[1] or 0), int(row[2] or 0)


def _balance(connection: Connection, principal: Principal) -> Any:
    """What the firm's current account had when it was compared last."""
    return connection.execute(
        select(reconciliation_run)
        .join(
            stripe_account,
            stripe_account.c.account_id == reconciliation_run.c.account_id,
        )
        .where(
            reconciliation_run.c.firm_id == principal.firm_id,
            reconciliation_run.c.available_cents.is_not(None),
            stripe_account.c.is_current,
        )
        .order_by(reconciliation_run.c.id.desc())
        .limit(1)
    ).first()
