"""Who is told by mail that a refund was asked for: those who may decide on it."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, select

from assure_app.billing import portal_links
from assure_app.billing.refund_case import Refundable
from assure_app.billing.refund_request_record import RefundRequest
from assure_app.domain.email_address import is_address
from assure_app.domain.money import full_text
from assure_app.domain.refund_approval import RefundTerms
from assure_app.mail import outbox
from assure_app.mail.money_letter import Words, compose
from assure_app.models.tables import client_assignment, firm, firm_user, team, team_member

MOST_TOLD = 10


def post(
    connection: Connection,
    request: RefundRequest,
    found: Refundable,
    terms: RefundTerms,
    *,
    now: datetime,
) -> None:
    """Put a letter to each of them into the outbox, once."""
    name = str(connection.scalar(select(firm.c.name).where(firm.c.id == request.firm_id)))
    amount, number = full_text(request.amount_cents), found.invoice.number
    facts = {
        "Client": found.invoice.client,
        "Invoice": number,
        "Payment": found.title,
        "Reason": request.reason,
        "Notes": request.notes,
    }
    letter = compose(
        name,
        Words(
            subject=f"Refund asked for: {found.invoice.client}, {amount} of invoice {number}",
            headline=f"{request.asker} asks for a refund of {amount}",
            said="Open the invoice to approve or decline it. No money moves until somebody does.",
            facts={name: value for name, value in facts.items() if value},
            label="Open invoice",
            link=portal_links.desk_link(number),
            closing="You get this letter because you may make this refund.",
        ),
    )
    for email in _addresses(connection, request, found, terms):
        outbox.enqueue(
            connection,
            firm_id=request.firm_id,
            invoice_id=request.invoice_id,
            to_email=email,
            from_name=name,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            now=now,
            key=f"refund request {request.id} to {email}",
        )


def _addresses(
    connection: Connection, request: RefundRequest, found: Refundable, terms: RefundTerms
) -> list[str]:
    """Owners first; everybody who holds the rights, sees the client, and did not ask."""
    leads = firm_user.c.is_owner | firm_user.c.is_admin
    assigned = exists().where(
        client_assignment.c.user_id == firm_user.c.id,
        client_assignment.c.client_id == found.invoice.client_id,
    )
    wanted = select(firm_user.c.email).where(
        firm_user.c.firm_id == request.firm_id,
        firm_user.c.is_active,
        firm_user.c.password_hash != "",
        firm_user.c.id != request.asker_id,
        leads | _has_team(team.c.edit_billing),
        leads | _has_team(team.c.all_clients) | assigned,
    )
    if terms.is_through_stripe:
        wanted = wanted.where(firm_user.c.is_stripe_admin)
    order = (firm_user.c.is_owner.desc(), firm_user.c.id)
    found_there = connection.scalars(wanted.order_by(*order).limit(MOST_TOLD))
    return [email for email in found_there if is_address(email)]


def _has_team(right: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        team_member.c.user_id == firm_user.c.id, team.c.id == team_member.c.team_id, right
    )
