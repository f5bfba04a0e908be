"""What auto-pay does with an invoice next, or why it stopped, and how the firm reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from assure_app.billing.autopay import LEFT
from assure_app.billing.autopay_story import tries_text, try_label
from assure_app.billing.charge_text import CONFIRM, told_to_firm
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.method_rows import name_of
from assure_app.billing.reading.rows import AutopayNotice
from assure_app.domain import autopay as rules
from assure_app.domain.autopay import AutopayState
from assure_app.domain.backfill import is_left_to_client
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.invoice_status import PAYABLE
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.saved_methods import Expiry, MethodKind, standing_of
from assure_app.models.tables import (
    autopay,
    backfill_offer,
    checkout,
    engagement,
    invoice,
    payment_method,
)

_TRIED = payment_method.alias("tried")
_COLUMNS = (
    *(invoice.c.id, invoice.c.due_on),
    *(autopay.c.state, autopay.c.next_try_at, autopay.c.tries, autopay.c.failures),
    *(autopay.c.failure, autopay.c.stopped_by, engagement.c.is_autopay_on),
    payment_method.c.brand_or_bank,
    payment_method.c.last4,
    payment_method.c.kind,
    payment_method.c.expiry,
    *(backfill_offer.c.offered_at, backfill_offer.c.offered_on, invoice.c.opened_at),
    *(_TRIED.c[name].label(f"tried_{name}") for name in ("brand_or_bank", "last4", "kind")),
    checkout.c.state.label("asking"),
)
_OF_INVOICE = select(*_COLUMNS).select_from(
    autopay.join(invoice, invoice.c.id == autopay.c.invoice_id)
    .join(engagement, engagement.c.id == invoice.c.engagement_id)
    .outerjoin(
        payment_method,
        (payment_method.c.client_id == invoice.c.client_id) & payment_method.c.is_default,
    )
    .outerjoin(checkout, checkout.c.id == autopay.c.checkout_id)
    .outerjoin(_TRIED, _TRIED.c.id == checkout.c.method_id)
    .outerjoin(backfill_offer, backfill_offer.c.client_id == invoice.c.client_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where auto-pay is with an invoice: `on` is the day of the next charge, `method` what it is
    charged to then, "" when there is nothing; `tried` is what was charged last, "" for nothing.
    `over` is the expiry of a card that will be over by that day, "" for every other. With `is_left`
    there will be none: only the client has this invoice charged.
    """

    state: AutopayState
    failures: int
    tries: int
    failure: str
    stopped_by: str
    method: str
    over: str
    tried: str
    on: date
    is_asking: bool
    is_left: bool


def stand(
    connection: Connection,
    invoice_id: int,
    *,
    due_on: date,
    timezone: str,
    now: datetime,
) -> Stand | None:
    """Where auto-pay is with the invoice; None where it has nothing to do with it (any more)."""
    row = connection.execute(_OF_INVOICE.where(autopay.c.invoice_id == invoice_id)).first()
    return None if row is None else _stand(row, due_on, timezone, now)


def stands(
    connection: Connection, invoice_ids: Sequence[int], *, timezone: str, now: datetime
) -> dict[int, Stand]:
    """The same for several invoices at once, by their ids."""
    rows = connection.execute(_OF_INVOICE.where(autopay.c.invoice_id.in_(invoice_ids))).all()
    found = {row.id: _stand(row, row.due_on, timezone, now) for row in rows}
    return {key: each for key, each in found.items() if each is not None}


def of_invoice(
    connection: Connection, held: InvoiceRecord, principal: Principal, *, now: datetime
) -> dict[str, Any]:
    """What the drawer says of it, with what this person can do about it."""
    if held.status(now) not in PAYABLE:
        return {}
    found = stand(connection, held.id, due_on=held.due_on, timezone=held.timezone, now=now)
    if found is None:
        return {}
    heading, text = _for_firm(found, held, held.today(now))
    may = principal.has(Permission.EDIT_BILLING)
    is_still = found.state is not AutopayState.CHARGING and held.balance_cents > 0
    is_over = found.state in {AutopayState.STOPPED, AutopayState.CLIENT, AutopayState.EXHAUSTED}
    return {
        "autopay": AutopayNotice(
            kind=_kind(found),
            heading=heading,
            text=text,
            can_try=may and is_still and bool(found.failures or is_over) and bool(found.method),
            try_label=try_label(found.failures),
            can_stop=may and found.state is AutopayState.WAITING,
            can_go_on=may and found.state is AutopayState.STOPPED,
        )
    }


def _stand(row: Row[*tuple[Any, ...]], due_on: date, timezone: str, now: datetime) -> Stand | None:
    if AutopayState(row.state) is AutopayState.DONE:
        return None
    if not row.is_autopay_on and row.state != AutopayState.CHARGING.value:
        return None
    on = _next_day(row, due_on, timezone, now)
    return Stand(
        state=AutopayState(row.state),
        failures=row.failures,
        tries=row.tries,
        failure=row.failure,
        stopped_by=row.stopped_by,
        method=_name(row.brand_or_bank, row.last4, row.kind),
        tried=_name(row.tried_brand_or_bank, row.tried_last4, row.tried_kind),
        over=_over(row.expiry, on),
        on=on,
        is_asking=row.asking == "new",
        is_left=_is_left(row, due_on),
    )


def as_sentence(text: str) -> str:
    """The words with an end."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _for_firm(found: Stand, held: InvoiceRecord, today: date) -> tuple[str, str]:
    """A heading, and a sentence or two below it."""
    match found.state:
        case AutopayState.WAITING:
            return _waiting(found, held, day_text(found.on, today=today))
        case AutopayState.CHARGING if found.is_asking:
            text = "Stripe has not answered yet. Auto-pay asks again by itself."
            return "Auto-pay is charging this invoice", text
        case AutopayState.CHARGING:
            return "Auto-pay’s bank payment is under way", "It takes 1–3 business days."
        case AutopayState.STOPPED:
            text = f"{found.stopped_by} stopped it. {held.client} pays by hand."
            return "Auto-pay is stopped for this invoice", text
        case AutopayState.EXHAUSTED:
            text = f"{held.client} was asked to pay. Call them, and try again when it can work."
            heading = f"Auto-pay stopped after {tries_text(found.failures)}"
            return heading, f"{_to_firm(found.failure)} {text}"
        case _:
            return "Auto-pay waits for the client", _for_client(found, held)


def _for_client(found: Stand, held: InvoiceRecord) -> str:
    """What the client has to do, who was told so."""
    if found.failure == CONFIRM:
        return f"{CONFIRM} {held.client} was sent a link, where they confirm it as they pay."
    text = f"{held.client} was sent a link to pay. Once they have fixed it, try again."
    return f"{_to_firm(found.failure)} {text}"


def _waiting(found: Stand, held: InvoiceRecord, on: str) -> tuple[str, str]:
    if found.is_left:
        return "Auto-pay leaves this invoice to the client", LEFT
    if not found.method:
        text = f"{held.client} has no saved payment method. Auto-pay looks again on {on}."
        return "Auto-pay has nothing to charge", text
    if found.failures:
        failed = f"{tries_text(found.failures)} failed so far."
        text = f"Auto-pay tries again on {on}, with {found.method}. {failed}"
        return _to_firm(found.failure), text
    text = f"The card expires {found.over}, so it may be declined." if found.over else ""
    return f"Auto-pay charges {found.method} on {on}", text


def _kind(found: Stand) -> str:
    if found.state in {AutopayState.CLIENT, AutopayState.EXHAUSTED}:
        return "failed"
    if found.state is AutopayState.WAITING and (found.failures or not found.method):
        return "failed"
    return "plain"


def _to_firm(failure: str) -> str:
    return told_to_firm(as_sentence(failure))


def _name(brand_or_bank: str | None, last4: str | None, kind: str | None) -> str:
    return name_of(brand_or_bank or "", last4 or "", MethodKind(kind)) if kind else ""


def _over(expiry: str | None, on: date) -> str:
    is_over = expiry and standing_of(expiry, on) is Expiry.OVER
    return expiry if expiry and is_over else ""


def _is_left(row: Row[*tuple[Any, ...]], due_on: date) -> bool:
    if row.offered_at is None or row.opened_at is None:
        return False
    return is_left_to_client(
        opened_at=row.opened_at,
        due_on=due_on,
        offered_at=row.offered_at,
        offered_on=row.offered_on,
    )


def _next_day(row: Row[*tuple[Any, ...]], due_on: date, timezone: str, now: datetime) -> date:
    """The day of the next charge: never one that is over."""
    if row.next_try_at is not None:
        return max(day_of(row.next_try_at, timezone), day_of(now, timezone))
    if now < rules.starts_at(due_on, timezone):
        return due_on
    return day_of(now, timezone)
