"""Past invoices of a client at a desk of the tests, and the askings of a back-fill."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from assure_app.billing import off_session
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import checkout
from tests.support.online import PayDesk


def past(pay_desk: PayDesk, engagement_id: int, *cents: int, days_ago: int = 10) -> list[str]:
    """Sent invoices over so many cents each, issued so long ago; their numbers."""
    issued = pay_desk.now.date() - timedelta(days=days_ago)
    return [
        pay_desk.invoice(
            total_cents=each,
            engagement_id=engagement_id,
            issued_on=issued,
            due_on=issued + timedelta(days=30),
        )
        for each in cents
    ]


def ask_all(pay_desk: PayDesk, *, most: int = 99) -> None:
    """The worker asks Stripe for what was reserved, oldest first."""
    with reading() as connection:
        wanted = select(checkout.c.id).where(
            checkout.c.source == "backfill", checkout.c.state == "new"
        )
        waiting = connection.execute(wanted.order_by(checkout.c.id)).scalars().all()
    for asking_id in waiting[:most]:
        off_session.ask(asking_id, now=pay_desk.now)


def rows_of(pay_desk: PayDesk, number: str) -> list[dict[str, Any]]:
    """The invoice's ledger, oldest first."""
    invoice_id = pay_desk.desk.stored(number)["id"]
    return [row for row in pay_desk.desk.rows() if row["invoice_id"] == invoice_id]


def statuses(pay_desk: PayDesk, *numbers: str) -> list[list[tuple[str, str, int]]]:
    """Source, status and cents of each invoice's rows."""
    return [
        [(row["source"], row["status"], row["amount_cents"]) for row in rows_of(pay_desk, number)]
        for number in numbers
    ]
