"""What `assure verify` finds of refunds through Stripe that cannot be."""

from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Connection, delete, update

from assure_app.billing.refund_verification import differences
from assure_app.db.unit_of_work import unit_of_work
from assure_app.models.tables import stripe_refund
from tests.support.online import PayDesk
from tests.support.refunding import refund_desk

GUARDS = ("stripe_refund_frozen", "stripe_refund_delete", "stripe_refund_transition")


class Undone(Exception):
    """Ends the transaction in which the books were made wrong."""


def found(statement: Any) -> list[str]:
    """What is found once this was done behind the guards' back; then undone."""
    told: list[str] = []
    with suppress(Undone), unit_of_work() as connection:
        for guard in GUARDS:
            connection.exec_driver_sql(_without(connection, guard))
        connection.execute(statement)
        told = list(differences(connection))
        raise Undone
    return told


def _without(connection: Connection, guard: str) -> str:
    is_postgresql = connection.dialect.name == "postgresql"
    return f"DROP TRIGGER {guard}" + (" ON stripe_refund" if is_postgresql else "")


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            update(stripe_refund).values(amount_cents=1),
            "The refund 1 at Stripe does not agree with its ledger row 2.",
        ),
        (
            update(stripe_refund).values(charge_id="ch_other"),
            (
                "The refund 1 at Stripe is of another charge than the payment that its ledger row"
                " reverses."
            ),
        ),
        (
            update(stripe_refund).values(state="failed"),
            "The refund 1 at Stripe is failed, but its ledger row 2 is Completed.",
        ),
        (
            delete(stripe_refund),
            "The ledger row 2 refunds a charge, but no refund at Stripe belongs to it.",
        ),
    ],
)
def test_what_cannot_be_is_found(pay_desk: PayDesk, statement: Any, sentence: str) -> None:
    refund_desk(pay_desk).refund("100")

    assert found(statement) == [sentence]
