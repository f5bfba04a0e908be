"""A saved method is charged with nobody present: once, whatever falls silent, and told plainly."""

from typing import Any

from sqlalchemy import select

from assure_app.billing import (
    invoice_record,
    method_rows,
    off_session,
)
from assure_app.billing.off_session import Asked, Blocked
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.payment import Source
from assure_app.models.tables import activity, payment_method
from tests.support.online import PayDesk


def saved(pay_desk: PayDesk, kind: str = "card", **changes: Any) -> int:
    """Anita saves a method; its row's id."""
    pay_desk.start(pay_desk.invoice(), saves=True)
    customer_id = next(reversed(pay_desk.stripe.customers))
    method_id = pay_desk.stripe.save("acct_1ChenAdvisory", customer_id, kind, **changes)
    pay_desk.deliver()
    with reading() as connection:
        row_id = connection.scalar(
            select(payment_method.c.id).where(payment_method.c.method_id == method_id)
        )
    assert row_id is not None
    return int(row_id)


def reserve(
    pay_desk: PayDesk, number: str, method_id: int, source: Source = Source.BACKFILL, key: str = ""
) -> int | Blocked:
    with unit_of_work() as connection:
        method_rows.hold_client(connection, pay_desk.desk.client_id)
        invoice = invoice_record.find_and_lock(connection, pay_desk.desk.jane, number)
        return off_session.reserve(
            connection,
            invoice=invoice,
            method_id=method_id,
            source=source,
            payer="Anita Patel",
            contact_id=pay_desk.anita.contact_id,
            key=key,
            now=pay_desk.now,
        )


def charged(pay_desk: PayDesk, number: str, method_id: int) -> Asked:
    asking_id = reserve(pay_desk, number, method_id)
    assert isinstance(asking_id, int)
    return off_session.ask(asking_id, now=pay_desk.now)


def rows_of(pay_desk: PayDesk, number: str) -> list[dict[str, Any]]:
    invoice_id = pay_desk.desk.stored(number)["id"]
    return [row for row in pay_desk.desk.rows() if row["invoice_id"] == invoice_id]


def test_a_card_pays_the_whole_balance(pay_desk: PayDesk) -> None:
    method_id, number = saved(pay_desk), pay_desk.invoice()

    asked = charged(pay_desk, number, method_id)

    (row,) = rows_of(pay_desk, number)
    assert (asked.is_settled, asked.is_charged, asked.problem) == (True, True, "")
    assert (row["source"], row["status"], row["amount_cents"]) == ("backfill", "Completed", 100_000)
    assert (row["paid_by"], row["method_detail"]) == ("Anita Patel", "Visa •••• 4242")
    assert (row["fee_cents"], row["contact_id"]) == (2930, pay_desk.anita.contact_id)
    with reading() as connection:
        actors = set(
            connection.scalars(
                select(activity.c.actor).where(activity.c.payment_id == row["id"])
            ).all()
        )
    assert verify() == []
    assert actors == {"Back-fill"}
