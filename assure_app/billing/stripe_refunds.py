"""Giving back through Stripe what came through Stripe (R083–R096).

The reservation comes first: ledger row, what Stripe will be asked, and its key are committed, and
the balance has risen, before Stripe hears of it. So whatever dies when, the same asking is one
refund, and two at once can never take more than the payment.
"""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from assure_app.billing import (
    activity,
    autopay_stops,
    invoice_record,
    ledger_rows,
    refund_books,
    refund_moves,
    refund_record,
    refund_story,
    stripe_accounts,
)
from assure_app.billing.refund_case import ChargeOfPayment, Refundable, WantedRefund
from assure_app.billing.refund_record import TOKEN_KEY, NewStripeRefund, StripeRefund
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import BillingError
from assure_app.domain.ledger import Method
from assure_app.domain.money import short_text
from assure_app.domain.permissions import Principal
from assure_app.domain.refund_reasons import STRIPE_REASON
from assure_app.domain.stripe_refunds import RefundState
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.payment import Source
from assure_app.stripe_gateway import refunds as gateway
from assure_app.stripe_gateway.outcomes import Ok, Outcome, Reason, Refused
from assure_app.stripe_gateway.records import Refund

ASKING_TAKES = timedelta(minutes=1)
"""Longer than any asking: what is still new after it was cut off, and is asked for again."""
SILENCE = timedelta(minutes=5)
"""How long after Stripe was silent, or whoever took it died, it is taken up again."""
UNANSWERED = (
    "Stripe has not answered yet: we keep asking. Nothing will be refunded twice, and this page "
    "shows what becomes of it."
)
_OF_THE_ACCOUNT = {Reason.BAD_KEY, Reason.NO_ACCESS}
"""Refusals that say nothing of the refund: an earlier asking may have been heard all the same."""


class RefundNotMade(BillingError):
    """Stripe refused the refund, or could not make it; no money moved (R093)."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"Stripe did not make this refund, and no money moved. {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A refund that stands in the ledger and is still to be asked for, by its two ids."""

    record_id: int
    payment_id: int


def reserve(
    connection: Connection,
    found: Refundable,
    charge: ChargeOfPayment,
    wanted: WantedRefund,
    principal: Principal,
    *,
    form_token: str,
    form_hash: str,
    now: datetime,
) -> Reservation:
    """Write the pending refund and what Stripe will be asked, in the caller's transaction.

    The caller holds the invoice and has checked rights and amount; after its commit it calls `ask`.
    """
    new = _pending_row(found, charge, wanted, principal, now)
    new = replace(new, form_token=form_token, form_hash=form_hash)
    row = ledger_rows.append(connection, found.invoice, new)
    record_id = refund_record.add(
        connection,
        NewStripeRefund(
            firm_id=found.invoice.firm_id,
            payment_id=row.id,
            account_id=charge.account_id,
            charge_id=charge.charge_id,
            amount_cents=wanted.amount_cents,
            stripe_reason=STRIPE_REASON[wanted.reason],
            state=RefundState.NEW,
            asked_at=now,
            due_at=now + ASKING_TAKES,
            token=secrets.token_urlsafe(24),
            idempotency_key=secrets.token_urlsafe(24),
        ),
    )
    after = found.after(row, now)
    invoice_record.save(connection, found.invoice, after)
    autopay_stops.follow_money_back(connection, after, autopay_stops.A_REFUND, now=now)
    started = f"Refund {short_text(wanted.amount_cents)} of {found.title} started — {wanted.reason}"
    for text in (started, refund_story.status_text(found.invoice, after, now)):
        if text:
            activity.append(
                connection,
                firm_id=found.invoice.firm_id,
                invoice_id=found.invoice.id,
                at=now,
                text=text,
                actor=principal.name,
                user_id=principal.user_id,
                payment_id=row.id,
            )
    return Reservation(record_id=record_id, payment_id=row.id)


def _pending_row(
    found: Refundable,
    charge: ChargeOfPayment,
    wanted: WantedRefund,
    principal: Principal,
    now: datetime,
) -> ledger_rows.NewRow:
    return ledger_rows.NewRow(
        kind=Kind.REFUND,
        source=Source.ONLINE,
        method=found.method,
        amount_cents=-wanted.amount_cents,
        status=RowStatus.PENDING,
        paid_by=principal.name,
        user_id=principal.user_id,
        created_at=now,
        completed_at=None,
        reverses_id=found.payment.id,
        reason=wanted.reason,
        notes=wanted.notes,
        stripe=ledger_rows.StripeRow(
            contact_id=charge.contact_id, method_detail=charge.method_detail
        ),
    )


def ask(record_id: int, *, now: datetime) -> StripeRefund:
    """Ask Stripe for a refund that stands reserved, and book its answer; the refund as it is then.

    Asked twice it is one refund. It stays as new while Stripe is silent: whoever looks after it
    later asks again. Nothing is asked of one that is not new any more.
    """
    asking = _take(record_id, now)
    if asking is not None and not (asking.has_lasted(now) and _is_found(asking, now)):
        outcome = gateway.create_refund(
            asking.account_id,
            charge_id=asking.charge_id,
            amount_cents=asking.amount_cents,
            reason=asking.stripe_reason,
            metadata=asking.metadata,
            idempotency_key=asking.key_at(now),
        )
        _settle(asking, outcome, now)
    return _read(record_id)


def look(refund: StripeRefund, *, now: datetime) -> StripeRefund:
    """Ask how a pending refund stands, because nobody told for so long. Raises StripeSilent."""
    told = answer(gateway.retrieve_refund(refund.account_id, refund.refund_id or ""))
    with unit_of_work() as connection:
        if not isinstance(told, Refused):
            refund_books.book(connection, told, now=now)
        known = refund_record.by_id(connection, refund.id)
        if known.state is RefundState.ACCEPTED:
            later = refund_moves.due_at(known.state, known.method, now)
            refund_record.take(connection, known, due_at=later or now + SILENCE)
    return _read(refund.id)


def require_made(refund: StripeRefund) -> None:
    """Raise RefundNotMade when Stripe refused or failed it."""
    if refund.state in {RefundState.REFUSED, RefundState.FAILED}:
        raise RefundNotMade(refund.failure_reason)


def _take(record_id: int, now: datetime) -> StripeRefund | None:
    """Count this asking and have the next one wait; None when there is nothing to ask any more.

    Two may ask at once: the key makes it one refund.
    """
    with unit_of_work() as connection:
        is_asking = refund_record.count_asking(connection, record_id, due_at=now + SILENCE)
        return refund_record.by_id(connection, record_id) if is_asking else None


def _is_found(asking: StripeRefund, now: datetime) -> bool:
    """Whether Stripe has the refund, which is then booked; also when Stripe does not say.

    Once Stripe may have forgotten the key, asking again could refund again (R094).
    """
    try:
        listed = answer(gateway.list_refunds(asking.account_id, asking.charge_id))
    except StripeSilent:
        return True
    if isinstance(listed, Refused):
        return False
    own = [each for each in listed if each.metadata.get(TOKEN_KEY) == asking.token]
    with unit_of_work() as connection:
        for refund in own:
            refund_books.book(connection, refund, now=now)
        return refund_record.by_id(connection, asking.id).state is not RefundState.NEW


def _settle(asking: StripeRefund, outcome: Outcome[Refund], now: datetime) -> None:
    if isinstance(outcome, Refused) and outcome.reason is Reason.NO_ACCESS:
        with suppress(StripeSilent):  # The page says how the account stands, if Stripe tells.
            stripe_accounts.refresh(asking.firm_id, now=now)
    match outcome:
        case Ok(refund):
            with unit_of_work() as connection:
                refund_books.book(connection, refund, now=now)
        case Refused() if asking.attempts == 1 or outcome.reason not in _OF_THE_ACCOUNT:
            _refuse(asking, outcome, now)
        case _:
            pass  # Nobody knows: the reservation stays, and it is due again soon.


def _refuse(asking: StripeRefund, refusal: Refused, now: datetime) -> None:
    """Give the reservation up, once Stripe's own list says that there is no such refund.

    What was refunded in Stripe meanwhile, and is the likely reason, is booked along with it.
    """
    listed: Sequence[Refund] = ()
    try:
        told = answer(gateway.list_refunds(asking.account_id, asking.charge_id))
        listed = () if isinstance(told, Refused) else told
    except StripeSilent:
        if asking.attempts > 1:
            return
    with unit_of_work() as connection:
        invoice = invoice_record.lock_of_firm(
            connection, firm_id=asking.firm_id, invoice_id=asking.invoice_id
        )
        known = refund_record.by_id(connection, asking.id)
        found = [refund_books.find(connection, each) for each in listed]
        is_there = any(each is not None and each.id == known.id for each in found)
        if known.state is RefundState.NEW and not is_there:
            refund_moves.move_on(
                connection,
                invoice,
                known,
                RefundState.REFUSED,
                refund_id=None,
                failure=_sentence(asking, refusal)[:500],
                is_unseen=asking.attempts > 1,
                now=now,
            )
        for refund in reversed(listed):
            refund_books.book(connection, refund, now=now)


def _sentence(asking: StripeRefund, refusal: Refused) -> str:
    """What Stripe's refusal says; sources disagree on whether it takes parts of a bank payment."""
    if asking.method is Method.ACH and refusal.reason is Reason.INVALID:
        return (
            f"{refusal.sentence} If this is a part of a bank payment, try all that is left of it."
        )
    return refusal.sentence


def _read(record_id: int) -> StripeRefund:
    with reading() as connection:
        return refund_record.by_id(connection, record_id)
