"""What the database itself refuses of refunds at Stripe, on both kinds of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.stripe_refunds import REFUND_STATE_TRANSITIONS, RefundState
from assure_app.models.tables import stripe_refund
from tests.factories import MOMENT, make_client, make_firm, make_invoice, make_payment

CHANGEABLE = {"state", "refund_id", "attempts", "due_at"}
CHARGE = {
    "source": "online",
    "method": "Card",
    "stripe_account_id": "acct_1",
    "stripe_charge_id": "ch_1",
}


@pytest.fixture
def refund(database: str) -> dict[str, Any]:
    """A refund over $40.00 of a charge over $100.00, just about to be asked for."""
    with unit_of_work() as connection:
        invoice_id = make_invoice(connection, make_client(connection, make_firm(connection)))
        paid = make_payment(connection, invoice_id, **CHARGE)
        given = {"reverses_id": paid, "amount_cents": -4_000, "source": "online", "method": "Card"}
        row_ids = [make_payment(connection, invoice_id, **given) for _ in range(2)]
        values = {
            "firm_id": 1,
            "payment_id": row_ids[0],
            "account_id": "acct_1",
            "charge_id": "ch_1",
            "amount_cents": 4_000,
            "token": "token-1",
            "idempotency_key": "key-1",
            "stripe_reason": "duplicate",
            "state": "new",
            "attempts": 0,
            "asked_at": MOMENT,
            "due_at": MOMENT,
        }
        connection.execute(insert(stripe_refund).values(values))
    with reading() as connection:
        return dict(connection.execute(select(stripe_refund)).mappings().one())


def second(refund: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Another refund like this one, for the other row."""
    other = {"id": 2, "payment_id": 3, "token": "t2", "idempotency_key": "k2", "refund_id": "re_2"}
    return refund | other | {"state": "accepted"} | changes


def test_another_refund_has_names_of_its_own(refund: dict[str, Any]) -> None:
    with unit_of_work() as connection:
        connection.execute(update(stripe_refund).values(state="accepted", refund_id="re_1"))
    for name, value in (
        ("payment_id", 2),
        ("token", "token-1"),
        ("idempotency_key", "key-1"),
        ("refund_id", "re_1"),
    ):
        with pytest.raises(IntegrityError), unit_of_work() as connection:
            connection.execute(insert(stripe_refund).values(second(refund, **{name: value})))

    with unit_of_work() as connection:
        connection.execute(insert(stripe_refund).values(second(refund)))


def test_a_refund_that_cannot_be_is_refused(refund: dict[str, Any]) -> None:
    for changes in (
        {"amount_cents": 3_999},
        {"account_id": "acct_2"},
        {"charge_id": "ch_2"},
        {"payment_id": 1},
        {"firm_id": 99},
        {"token": None},
        {"due_at": None},
        {"state": "done"},
        {"state": "new"},
        {"state": "lost"},
        {"id": 1},
    ):
        with pytest.raises(IntegrityError), unit_of_work() as connection:
            connection.execute(insert(stripe_refund).values(second(refund, **changes)))


def test_what_was_asked_cannot_be_changed(refund: dict[str, Any]) -> None:
    for column in sorted(set(stripe_refund.c.keys()) - CHANGEABLE):
        value = refund[column]
        other = value + timedelta(seconds=1) if column.endswith("_at") else None
        other = other or (value + 1 if isinstance(value, int) else f"{value}x")

        with pytest.raises(IntegrityError, match="R094"), unit_of_work() as connection:
            connection.execute(update(stripe_refund).values({column: other}))


def test_a_refund_keeps_its_name_at_stripe_and_is_never_forgotten(refund: dict[str, Any]) -> None:
    with unit_of_work() as connection:
        connection.execute(update(stripe_refund).values(state="accepted", refund_id="re_1"))

    for statement in (update(stripe_refund).values(refund_id="re_2"), delete(stripe_refund)):
        with pytest.raises(IntegrityError, match="R094"), unit_of_work() as connection:
            connection.execute(statement)


@pytest.mark.parametrize("before", RefundState)
def test_a_refund_only_moves_forward(refund: dict[str, Any], before: RefundState) -> None:
    with unit_of_work() as connection:
        connection.execute(update(stripe_refund).values(_columns(before)))
    for after in RefundState:
        if before is after or (before, after) in REFUND_STATE_TRANSITIONS:
            continue
        with pytest.raises(IntegrityError), unit_of_work() as connection:
            connection.execute(update(stripe_refund).values(_columns(after)))


def _columns(state: RefundState) -> dict[str, Any]:
    is_known = state not in {RefundState.NEW, RefundState.REFUSED}
    is_moving = state in {RefundState.NEW, RefundState.ACCEPTED}
    return {
        "state": state.value,
        "refund_id": "re_1" if is_known else None,
        "due_at": MOMENT if is_moving else None,
    }
