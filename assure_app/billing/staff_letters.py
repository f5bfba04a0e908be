"""Letters to the firm's own people about what Stripe did without them."""

from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.domain.email_address import is_address
from assure_app.mail import outbox
from assure_app.mail.invoice_mail import Letter
from assure_app.models.tables import firm, firm_user

MOST_STAFF = 10
"""As many of the firm's people hear of one thing."""


def addresses(connection: Connection, firm_id: int, *, but_not: str = "") -> list[str]:
    """The addresses of the firm's owners, then its admins; `but_not` pays as a client."""
    leads = firm_user.c.is_owner | firm_user.c.is_admin
    wanted = select(firm_user.c.email).where(
        firm_user.c.firm_id == firm_id,
        firm_user.c.is_active,
        firm_user.c.email != but_not,
        leads,
    )
    order = (firm_user.c.is_owner.desc(), firm_user.c.id)
    found = connection.scalars(wanted.order_by(*order).limit(MOST_STAFF))
    return [email for email in found if is_address(email)]


def post(
    connection: Connection,
    letter: Letter,
    *,
    firm_id: int,
    invoice_id: int,
    about: str,
    now: datetime,
) -> None:
    """Put a letter to each of them into the outbox, once for what it is `about`."""
    name = connection.scalar(select(firm.c.name).where(firm.c.id == firm_id))
    for email in addresses(connection, firm_id):
        key = f"{about} to {email}"
        if not outbox.is_known(connection, key):
            outbox.enqueue(
                connection,
                firm_id=firm_id,
                invoice_id=invoice_id,
                to_email=email,
                from_name=str(name),
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                now=now,
                key=key,
            )
