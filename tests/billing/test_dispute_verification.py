"""`verify` finds a dispute that the ledger does not show, and a return that no dispute tells of."""

from sqlalchemy import text

from assure_app.billing.verification import verify
from assure_app.db.engine import engine
from assure_app.db.unit_of_work import unit_of_work
from tests.factories import make_payment
from tests.support.online import PayDesk


def paid(pay_desk: PayDesk) -> str:
    """An invoice paid by card; the charge."""
    charge_id = pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice()))
    pay_desk.deliver()
    return charge_id


def behind_the_guards(statement: str) -> None:
    """Change the database as nothing but a hand in its files could."""
    with unit_of_work() as connection:
        if engine().dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in ("dispute_money", "dispute_row_delete"):
                connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(statement))


def test_a_lost_dispute_without_its_row_is_found(pay_desk: PayDesk) -> None:
    dispute_id = pay_desk.stripe.dispute(paid(pay_desk), "lost")
    pay_desk.deliver()
    assert verify() == []

    behind_the_guards("UPDATE dispute SET withdrawn_cents = 0")

    assert verify() == [f"The dispute {dispute_id} took $0.00, which its ledger rows do not show."]


def test_a_return_that_no_dispute_tells_of_is_found(pay_desk: PayDesk) -> None:
    paid(pay_desk)
    row = pay_desk.row()
    with unit_of_work() as connection:
        stray_id = make_payment(
            connection,
            row["invoice_id"],
            kind="return",
            source="online",
            method="Card",
            reverses_id=row["id"],
        )

    assert verify() == [
        f"The ledger row {stray_id} was taken back by a bank, but no dispute tells of it."
    ]
