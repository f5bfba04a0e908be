"""A firm with invoices, a person in it who may do everything, and a tab of theirs."""

from typing import Any

from sqlalchemy import func, select

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import invoice, payment
from tests.auth.people import make_person, open_session
from tests.factories import make_client, make_firm, make_invoice

JANE, OLGA, SARAH = "jane's session", "olga's session", "sarah's session"


def make_office() -> str:
    """Jane's firm with one invoice over $1,000.00 whose number is given; Olga of another firm."""
    with unit_of_work() as connection:
        firm_id = make_firm(connection)
        client_id = make_client(connection, firm_id, name="Patel Family")
        number = "INV-7001"
        make_invoice(connection, client_id, number=number)
    open_session(make_person("jane@chenadvisory.com", firm_id=firm_id, is_owner=True), JANE)
    open_session(make_person("sarah@chenadvisory.com", firm_id=firm_id), SARAH)
    open_session(make_person("olga@northsidecpa.example", is_owner=True), OLGA)
    return number


def add_invoices(number: str, amount: int) -> None:
    """More invoices of the client who has this one."""
    with unit_of_work() as connection:
        client_id = connection.scalar(select(invoice.c.client_id).where(invoice.c.number == number))
        assert client_id is not None
        for _ in range(amount):
            make_invoice(connection, client_id)


def ledger_rows() -> int:
    with reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(payment)) or 0)


def form(**typed: Any) -> dict[str, Any]:
    """The Record payment form as the browser sends it."""
    fair = {"amount": "10", "method": "Cash", "date": "2026-05-20", "reference": "", "notes": ""}
    return fair | typed
