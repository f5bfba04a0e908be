"""What the database itself refuses of disputes, on both kinds of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import dispute, dispute_row
from tests.factories import make_payment
from tests.support.online import PayDesk

CHANGEABLE = {
    *("amount_cents", "withdrawn_cents", "reinstated_cents", "reason", "kind", "state"),
    *("is_refundable", "evidence_due_at", "warn_at", "closed_at"),
}
STEPS: dict[type, Any] = {int: 1, str: "x", datetime: timedelta(seconds=1)}
"""What makes another value of one."""


@pytest.fixture
def disputed(pay_desk: PayDesk) -> dict[str, Any]:
    """A lost dispute over $1,000.00, with its row."""
    charge_id = pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice()))
    pay_desk.deliver()
    pay_desk.stripe.dispute(charge_id, "lost")
    pay_desk.deliver()
    with reading() as connection:
        return dict(connection.execute(select(dispute)).mappings().one())


def test_what_is_disputed_cannot_be_changed(disputed: dict[str, Any]) -> None:
    for column in sorted(set(dispute.c.keys()) - CHANGEABLE):
        value = disputed[column]
        other = value + STEPS[type(value)]

        with pytest.raises(IntegrityError, match="R066"), unit_of_work() as connection:
            connection.execute(update(dispute).values({column: other}))


def test_what_cannot_be_is_refused(disputed: dict[str, Any]) -> None:
    assert disputed
    changes: list[dict[str, Any]] = [
        {"withdrawn_cents": 99_999},
        {"state": "needs_response"},
        {"state": "made up"},
        {"kind": "made up"},
        {"closed_at": None},
    ]
    for each in changes:
        with pytest.raises(IntegrityError), unit_of_work() as connection:
            connection.execute(update(dispute).values(each))


def test_a_dispute_is_of_a_charge_in_the_ledger_and_kept_once(disputed: dict[str, Any]) -> None:
    new = {"id": 99, "dispute_id": "dp_other"}
    changes: list[dict[str, Any]] = [
        new | {"charge_id": "ch_other"},
        new | {"firm_id": 7},
        new | {"payment_id": 2},
        {"id": 99},
    ]
    for each in changes:
        with pytest.raises(IntegrityError), unit_of_work() as connection:
            connection.execute(insert(dispute).values(disputed | each))


def test_nothing_of_it_is_forgotten(disputed: dict[str, Any]) -> None:
    assert disputed
    for table in (dispute, dispute_row):
        with pytest.raises(IntegrityError, match="R066"), unit_of_work() as connection:
            connection.execute(delete(table))


def test_its_row_takes_back_its_payment_or_gives_it_back(disputed: dict[str, Any]) -> None:
    with unit_of_work() as connection:
        check_id = make_payment(connection, disputed["invoice_id"])
        refund_id = make_payment(
            connection, disputed["invoice_id"], reverses_id=check_id, amount_cents=-1
        )
    row = insert(dispute_row).values(dispute_id=disputed["id"])
    for payment_id in (disputed["payment_id"], refund_id):
        with pytest.raises(IntegrityError, match="R066"), unit_of_work() as connection:
            connection.execute(row.values(position=2, payment_id=payment_id))
    with pytest.raises(IntegrityError), unit_of_work() as connection:
        connection.execute(row.values(position=1, payment_id=check_id))
