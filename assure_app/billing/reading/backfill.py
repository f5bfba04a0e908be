"""Paying past invoices all at once, as whoever may pay sees it: the question, and what comes of it
(R118–R120)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Subquery, func, select

from assure_app.billing import backfill, backfill_offers, method_rows, portal_links
from assure_app.billing.backfill_offers import StoredOffer
from assure_app.billing.reading.backfill_rows import BackfillCard, BackfillRow
from assure_app.db.unit_of_work import reading
from assure_app.domain.backfill import (
    UNDER_WAY,
    Agreed,
    Answer,
    ItemState,
    otherwise,
    progress,
    question,
    summary,
)
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.money import full_text
from assure_app.domain.online import LIVE
from assure_app.domain.portal_access import PortalPrincipal
from assure_app.domain.transitions import RowStatus
from assure_app.models.tables import (
    backfill_item,
    checkout,
    firm,
    invoice,
    payment,
    payment_method,
)

_SHOWN_FOR = timedelta(days=7)
"""How long what came of it is shown to people who do not close it."""
_NOTHING = Agreed(method_id=0, cents={})
_STATES = {
    RowStatus.COMPLETED: ItemState.PAID,
    RowStatus.REFUNDED: ItemState.PAID,
    RowStatus.PENDING: ItemState.PROCESSING,
    RowStatus.FAILED: ItemState.FAILED,
}


def backfill_card(viewer: PortalPrincipal, *, now: datetime) -> tuple[BackfillCard, Agreed]:
    """What to show of it now, and what a click on “Pay all now” agrees to.

    Nothing to whoever may not pay, for no offer, and for one that was declined or is over.
    """
    if not viewer.may_pay:
        return BackfillCard(), _NOTHING
    with reading() as connection:
        offer = backfill_offers.of_client(
            connection, firm_id=viewer.firm_id, client_id=viewer.client_id
        )
        if offer is None or offer.answer is Answer.DECLINED:
            return BackfillCard(), _NOTHING
        zone = str(connection.scalar(select(firm.c.timezone).where(firm.c.id == offer.firm_id)))
        today = day_of(now, zone)
        if offer.answer is Answer.WAITING:
            return _asking(connection, offer, today)
        is_over = offer.answered_at is None or now - offer.answered_at > _SHOWN_FOR
        if offer.closed_at is not None or is_over:
            return BackfillCard(), _NOTHING
        return _answered(connection, offer, today), _NOTHING


def _asking(connection: Connection, offer: StoredOffer, today: date) -> tuple[BackfillCard, Agreed]:
    method = method_rows.autopay_default(
        connection, firm_id=offer.firm_id, client_id=offer.client_id
    )
    if method is None or not portal_links.takes_payments(connection, offer.firm_id):
        return BackfillCard(), _NOTHING
    found = backfill.on_file(connection, offer, today=today)
    if not found:
        return BackfillCard(), _NOTHING
    late = sum(each.due_on < offer.offered_on for each in found)
    card = BackfillCard(
        step="ask",
        otherwise=otherwise(coming=len(found) - late, late=late),
        question=question(len(found)),
        method=method.name,
        total=full_text(sum(each.balance_cents for each in found)),
        count=len(found),
        rows=tuple(
            BackfillRow(
                number=each.number,
                title=each.title,
                due=day_text(each.due_on, today=today),
                amount=full_text(each.balance_cents),
                href=f"/pay/{each.pay_token}",
            )
            for each in found
        ),
    )
    return card, Agreed(method_id=method.id, cents={each.id: each.balance_cents for each in found})


def _answered(connection: Connection, offer: StoredOffer, today: date) -> BackfillCard:
    last = _last_rows(offer)
    found = connection.execute(
        select(
            invoice,
            checkout.c.amount_cents,
            checkout.c.state,
            checkout.c.problem,
            payment.c.status,
            payment.c.failure_reason,
        )
        .select_from(backfill_item)
        .join(invoice, invoice.c.id == backfill_item.c.invoice_id)
        .join(checkout, checkout.c.id == backfill_item.c.checkout_id)
        .outerjoin(last, last.c.checkout_id == checkout.c.id)
        .outerjoin(payment, payment.c.id == last.c.id)
        .where(backfill_item.c.offer_id == offer.id)
        .order_by(checkout.c.id)
    ).all()
    states = _states(found)
    rows = [_row(row, state, today) for row, state in zip(found, states, strict=True)]
    is_running = any(state in UNDER_WAY for state in states)
    return BackfillCard(
        step="run" if is_running else "done",
        method=_method_name(connection, offer),
        total=full_text(sum(row.amount_cents for row in found)),
        rows=tuple(rows),
        count=len(rows),
        done=sum(state not in UNDER_WAY for state in states),
        news=progress(states) if is_running else summary(states),
    )


def _last_rows(offer: StoredOffer) -> Subquery:
    """The newest ledger row of each asking: one that failed may have succeeded after all."""
    of_offer = select(backfill_item.c.checkout_id).where(backfill_item.c.offer_id == offer.id)
    return (
        select(payment.c.checkout_id, func.max(payment.c.id).label("id"))
        .where(payment.c.checkout_id.in_(of_offer))
        .group_by(payment.c.checkout_id)
        .subquery()
    )


def _states(found: Sequence[Row[Any]]) -> list[ItemState]:
    """Where each is; the first that is still to come is the one being asked for."""
    states: list[ItemState] = []
    for row in found:
        if row.status is not None:
            states.append(_STATES[RowStatus(row.status)])
        elif row.state not in {state.value for state in LIVE}:
            states.append(ItemState.FAILED)
        else:
            is_first = ItemState.CHARGING not in states
            states.append(ItemState.CHARGING if is_first else ItemState.WAITING)
    return states


def _row(row: Row[Any], state: ItemState, today: date) -> BackfillRow:
    has_failed = state is ItemState.FAILED
    is_owed = has_failed and row.balance_cents > 0
    reason = (row.failure_reason or row.problem or "It was not charged.") if has_failed else ""
    href = f"/pay/{row.pay_token}"
    return BackfillRow(
        number=row.number,
        title=row.title,
        due=day_text(row.due_on, today=today),
        amount=full_text(row.amount_cents),
        href=href,
        state=state.value,
        reason=reason if is_owed or not has_failed else "Settled in another way since.",
        pay_href=href if is_owed else "",
    )


def _method_name(connection: Connection, offer: StoredOffer) -> str:
    row = connection.execute(
        select(payment_method.c.brand_or_bank, payment_method.c.last4, payment_method.c.kind).where(
            payment_method.c.id == offer.charged_id
        )
    ).one()
    return method_rows.name_of(row.brand_or_bank, row.last4, row.kind)
