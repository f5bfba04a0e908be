"""One invoice as its client sees it, and what paying a part of it comes to (R047–R049, R054)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from assure_app.billing import checkouts, client_invoices, method_rows, portal_links
from assure_app.billing.checkouts import Checkout
from assure_app.billing.invoice_record import facts_of
from assure_app.billing.reading import autopay_client_words, autopay_words, paper_links
from assure_app.billing.reading.portal_methods import saved_names
from assure_app.billing.reading.portal_money import RETURNED, money_row
from assure_app.billing.reading.portal_rows import (
    Charge,
    MoneyRow,
    PortalInvoice,
    PortalLine,
)
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_of, long_day_text
from assure_app.domain.client_view import OUTSTANDING, Standing, due_text, standing
from assure_app.domain.line_items import thousandths_text
from assure_app.domain.money import AmountProblem, full_text, input_text, parse_amount
from assure_app.domain.online import suggested_cents, why_amount_refused
from assure_app.domain.portal_access import PaymentNotAllowed, PortalPerson, PortalPrincipal
from assure_app.domain.stripe_refunds import RefundState
from assure_app.models.tables import client, firm, invoice, invoice_line, payment, stripe_refund

_MONEY_LIMIT = 100
_NEVER_SENT = select(stripe_refund.c.id).where(
    stripe_refund.c.payment_id == payment.c.id,
    stripe_refund.c.state == RefundState.REFUSED.value,
)
"""A refund that Stripe refused came to nothing: it is none of the client's history."""
_INVOICE = select(
    invoice, client.c.name.label("client"), firm.c.name.label("firm"), firm.c.timezone
).select_from(
    invoice.join(client, client.c.id == invoice.c.client_id).join(
        firm, firm.c.id == invoice.c.firm_id
    )
)


def portal_invoice(
    person: PortalPerson, pay_token: object, *, now: datetime
) -> tuple[PortalPrincipal, PortalInvoice]:
    """As whom the person sees the invoice behind the link, and what they see of it.

    Raises NotFound for whatever is not theirs to see.
    """
    with reading() as connection:
        viewer = client_invoices.contact_for(connection, person, pay_token)
        row = connection.execute(_INVOICE.where(invoice.c.pay_token == pay_token)).one()
        return viewer, _shown(connection, viewer, row, now)


def charge(
    person: PortalPerson, pay_token: object, amount: str, *, is_part: bool, now: datetime
) -> Charge:
    """What the button will charge for this choice, or the sentence why it cannot (R047).

    Shown only: paying decides anew under a lock.
    """
    with reading() as connection:
        client_invoices.contact_for(connection, person, pay_token)
        row = connection.execute(_INVOICE.where(invoice.c.pay_token == pay_token)).one()
    if standing(facts_of(row), day_of(now, row.timezone)) not in OUTSTANDING:
        return Charge()
    cents = suggested_cents(row.balance_cents)
    if is_part:
        try:
            cents = parse_amount(amount)
        except AmountProblem as problem:
            return Charge(problem=str(problem))
    if problem_text := why_amount_refused(row.balance_cents, cents):
        return Charge(problem=problem_text)
    rest_cents = row.balance_cents - cents
    return Charge(amount=full_text(cents), rest=full_text(rest_cents) if rest_cents else "")


def _shown(
    connection: Connection, viewer: PortalPrincipal, row: Row[Any], now: datetime
) -> PortalInvoice:
    today = day_of(now, row.timezone)
    stands = standing(facts_of(row), today)
    owes = stands in {Standing.DUE, Standing.OVERDUE}
    lines = _lines(connection, row.id)
    tax_cents = sum(line.tax_cents for line in lines)
    paid_cents = row.settled_cents
    asking = _asking(connection, row.id) if owes else None
    return PortalInvoice(
        number=row.number,
        title=row.title,
        client=row.client,
        standing=stands.value,
        issued=long_day_text(row.issued_on),
        due=long_day_text(row.due_on),
        when=due_text(row.due_on, today) if owes else "",
        is_late=stands is Standing.OVERDUE,
        lines=tuple(_line(line) for line in lines),
        subtotal=full_text(row.total_cents - tax_cents) if tax_cents else "",
        tax=full_text(tax_cents) if tax_cents else "",
        total=full_text(row.total_cents),
        paid=full_text(-paid_cents) if paid_cents else "",
        pending=full_text(row.pending_cents) if row.pending_cents else "",
        balance=full_text(row.balance_cents if stands in OUTSTANDING else 0),
        owes=owes,
        history=_history(connection, row, today),
        autopay=_autopay(connection, viewer, row, asking, now) if owes else "",
        pdf_href=paper_links.client_invoice_href(row.pay_token),
        **_paying(connection, viewer, row, asks=owes and asking is None),
    )


def _asking(connection: Connection, invoice_id: int) -> Checkout | None:
    """The charge of a saved method that is under way at this moment, if there is one."""
    live = checkouts.live_of(connection, invoice_id)
    return None if live is None or live.is_page else live


def _autopay(
    connection: Connection,
    viewer: PortalPrincipal,
    row: Row[Any],
    asking: Checkout | None,
    now: datetime,
) -> str:
    """What is charged by itself at this moment, or by auto-pay next, in the client's words."""
    if asking is not None:
        charged = method_rows.of_row(
            connection, client_id=asking.client_id, row_id=asking.method_id or 0
        )
        return autopay_client_words.being_charged(
            charged.name if charged else "", asking.amount_cents, may_pay=viewer.may_pay
        )
    found = autopay_words.stand(
        connection, row.id, due_on=row.due_on, timezone=row.timezone, now=now
    )
    if found is None:
        return ""
    return autopay_client_words.for_client(
        found,
        balance_cents=row.balance_cents,
        may_pay=viewer.may_pay,
        today=day_of(now, row.timezone),
    )


def _paying(
    connection: Connection, viewer: PortalPrincipal, row: Row[Any], *, asks: bool
) -> dict[str, Any]:
    """Whether and how it can be paid here; said where there is something to pay (R053, R067).

    What is being charged at this moment is not asked for a second time.
    """
    if not asks:
        return {}
    if not portal_links.takes_payments(connection, row.firm_id):
        return {"pay_block": f"{row.firm} takes no online payments. Ask them how to pay."}
    if not viewer.may_pay:
        return {"pay_block": PaymentNotAllowed(viewer.role).sentence}
    cents = suggested_cents(row.balance_cents)
    if problem := why_amount_refused(row.balance_cents, cents):
        return {"pay_block": problem}
    return {
        "can_pay": True,
        "full": full_text(cents),
        "first": input_text(cents),
        "saved": saved_names(connection, viewer),
    }


def _lines(connection: Connection, invoice_id: int) -> list[Row[Any]]:
    return list(
        connection.execute(
            select(invoice_line)
            .where(invoice_line.c.invoice_id == invoice_id)
            .order_by(invoice_line.c.position)
        )
    )


def _line(row: Row[Any]) -> PortalLine:
    detail = f"{thousandths_text(row.quantity_thousandths)} × {full_text(row.unit_price_cents)}"
    if row.tax_rate_thousandths:
        rate = thousandths_text(row.tax_rate_thousandths)
        detail += f" + {rate}% tax {full_text(row.tax_cents)}"
    return PortalLine(
        description=row.description, detail=detail, amount=full_text(row.amount_cents)
    )


def _history(connection: Connection, row: Row[Any], today: date) -> tuple[MoneyRow, ...]:
    stored = connection.execute(
        select(payment, RETURNED)
        .where(payment.c.invoice_id == row.id, ~_NEVER_SENT.exists())
        .order_by(payment.c.id.desc())
        .limit(_MONEY_LIMIT)
    )
    return tuple(
        money_row(
            each,
            number=row.number,
            pay_token=row.pay_token,
            timezone=row.timezone,
            today=today,
            returned_cents=int(each.returned_cents),
        )
        for each in stored
    )
