"""Who is told of a refund that was asked for: those who may decide on it, and then who asked."""

from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import notifications, portal_links
from assure_app.billing.notification_audience import EDITS
from assure_app.billing.refund_case import Refundable
from assure_app.billing.refund_request_record import RefundRequest
from assure_app.domain.money import full_text
from assure_app.domain.notifications import NotificationKind
from assure_app.domain.refund_approval import RefundTerms, RequestState
from assure_app.mail.invoice_mail import Letter
from assure_app.mail.money_letter import Words, compose
from assure_app.mail.notification_letter import CLOSING, settings_link
from assure_app.models.tables import firm, firm_user

_DECIDED = {
    RequestState.APPROVED: "approved",
    RequestState.DECLINED: "declined",
    RequestState.VOID: "closed: it cannot be made any more",
}


def tell_deciders(
    connection: Connection,
    request: RefundRequest,
    found: Refundable,
    terms: RefundTerms,
    *,
    now: datetime,
) -> None:
    """Tell everybody who holds the rights, sees the client, and did not ask."""
    deciders = EDITS & (firm_user.c.id != request.asker_id)
    if terms.is_through_stripe:
        deciders &= firm_user.c.is_stripe_admin
    amount, number = full_text(request.amount_cents), found.invoice.number
    notifications.tell(
        connection,
        firm_id=request.firm_id,
        kind=NotificationKind.REFUND,
        text=f"{request.asker} asks for a refund of {amount} on {number}: {found.invoice.client}",
        detail=request.reason,
        about=f"refund request {request.id}",
        invoice_id=request.invoice_id,
        client_id=found.invoice.client_id,
        among=deciders,
        letter=lambda: _letter(connection, request, found),
        now=now,
    )


def tell_asker(
    connection: Connection,
    request: RefundRequest,
    found: Refundable,
    after: RequestState,
    *,
    by: str,
    answer: str = "",
    now: datetime,
) -> None:
    """Tell who asked what became of it; who took it back knows."""
    if after not in _DECIDED:
        return
    amount, number = full_text(request.amount_cents), found.invoice.number
    notifications.tell(
        connection,
        firm_id=request.firm_id,
        kind=NotificationKind.REFUND,
        text=f"Your refund of {amount} on {number} was {_DECIDED[after]}",
        detail=f"{by}: {answer}" if answer else by,
        about=f"refund request {request.id} {after.value}",
        invoice_id=request.invoice_id,
        client_id=found.invoice.client_id,
        among=firm_user.c.id == request.asker_id,
        now=now,
    )


def _letter(connection: Connection, request: RefundRequest, found: Refundable) -> Letter:
    name = str(connection.scalar(select(firm.c.name).where(firm.c.id == request.firm_id)))
    amount, number = full_text(request.amount_cents), found.invoice.number
    facts = {
        "Client": found.invoice.client,
        "Invoice": number,
        "Payment": found.title,
        "Reason": request.reason,
        "Notes": request.notes,
    }
    return compose(
        name,
        Words(
            subject=f"Refund asked for: {found.invoice.client}, {amount} of invoice {number}",
            headline=f"{request.asker} asks for a refund of {amount}",
            said="Open the invoice to approve or decline it. No money moves until somebody does.",
            facts={name: value for name, value in facts.items() if value},
            label="Open invoice",
            link=portal_links.desk_link(number),
            closing=CLOSING,
            closing_link=settings_link(),
        ),
    )
