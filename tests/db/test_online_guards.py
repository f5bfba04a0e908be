"""What the database itself refuses of payment pages and charges, on both kinds of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.online import CHECKOUT_TRANSITIONS, CheckoutState
from assure_app.models import Contact
from assure_app.models.tables import checkout, payment, stripe_event
from tests.factories import MOMENT, make_client, make_firm, make_invoice, make_payment
from tests.factories import insert as add

CHANGEABLE = {
    *("state", "session_id", "url", "problem", "expires_at", "closed_at", "due_at"),
    *("asked_at", "payment_intent_id"),
}


@pytest.fixture
def page(database: str) -> dict[str, Any]:
    """A payment page over $100.00 that was just asked for."""
    with unit_of_work() as connection:
        client_id = make_client(connection, make_firm(connection))
        invoice_id = make_invoice(connection, client_id)
        contact_id = add(
            connection, Contact, client_id=client_id, name="Anita", email="a@b.example"
        )
        return make_page(connection, client_id, invoice_id, contact_id)


def make_page(
    connection: Connection, client_id: int, invoice_id: int, contact_id: int, **changes: Any
) -> dict[str, Any]:
    values = {
        "firm_id": 1,
        "client_id": client_id,
        "invoice_id": invoice_id,
        "contact_id": contact_id,
        "payer": "Anita",
        "email": "a@b.example",
        "token": "token-1",
        "idempotency_key": "key-1",
        "form_token": "form-1",
        "form_hash": "hash",
        "account_id": "acct_1",
        "amount_cents": 10_000,
        "currency": "usd",
        "description": "Invoice INV-1",
        "success_url": "http://localhost/pay/x?checkout=token-1",
        "cancel_url": "http://localhost/pay/x",
        "state": "new",
        "problem": "",
        "created_at": MOMENT,
    } | changes
    connection.execute(insert(checkout).values(values))
    return dict(
        connection.execute(select(checkout).order_by(checkout.c.id.desc())).mappings().first() or {}
    )


def second(page: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Another page like this one."""
    other = {"id": page["id"] + 1, "token": "t2", "idempotency_key": "k2", "form_token": "f2"}
    return page | other | changes


def test_an_invoice_has_one_live_page(page: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), unit_of_work() as connection:
        connection.execute(insert(checkout).values(second(page)))

    with unit_of_work() as connection:
        connection.execute(update(checkout).values(state="expired"))
        connection.execute(insert(checkout).values(second(page)))


@pytest.mark.parametrize("name", ["token", "idempotency_key", "form_token"])
def test_a_page_has_names_of_its_own(page: dict[str, Any], name: str) -> None:
    with unit_of_work() as connection:
        connection.execute(update(checkout).values(state="expired"))

    with pytest.raises(IntegrityError), unit_of_work() as connection:
        connection.execute(insert(checkout).values(second(page, **{name: page[name]})))


@pytest.mark.parametrize("column", sorted(set(checkout.c.keys()) - CHANGEABLE))
def test_what_was_asked_cannot_be_changed(page: dict[str, Any], column: str) -> None:
    value = page[column]
    other = value + timedelta(seconds=1) if column.endswith("_at") else None
    other = other or (value + 1 if isinstance(value, int) else f"{value}x"[-3:])
    other = 7 if column == "method_id" else other

    with pytest.raises(IntegrityError, match="R051"), unit_of_work() as connection:
        connection.execute(update(checkout).values({column: other}))


@pytest.mark.parametrize("before", CheckoutState)
def test_a_page_only_moves_forward(page: dict[str, Any], before: CheckoutState) -> None:
    with unit_of_work() as connection:
        connection.execute(
            update(checkout).values(state=before.value, session_id="cs_1", url="https://x")
        )
    for after in CheckoutState:
        move = update(checkout).values(state=after.value)
        if before is after or (before, after) in CHECKOUT_TRANSITIONS:
            continue
        with pytest.raises(IntegrityError, match="R059"), unit_of_work() as connection:
            connection.execute(move)


@pytest.mark.parametrize(
    "changes",
    [{"amount_cents": 49}, {"amount_cents": 100_000_000}, {"state": "open"}, {"client_id": 99}],
)
def test_a_page_that_cannot_be_is_refused(page: dict[str, Any], changes: dict[str, Any]) -> None:
    with unit_of_work() as connection:
        connection.execute(update(checkout).values(state="expired"))

    with pytest.raises(IntegrityError), unit_of_work() as connection:
        connection.execute(insert(checkout).values(second(page, **changes)))


def test_a_page_is_never_forgotten(page: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="R051"), unit_of_work() as connection:
        connection.execute(delete(checkout))


def charged(page: dict[str, Any], **changes: Any) -> dict[str, Any]:
    values = {
        "source": "online",
        "method": "Card",
        "stripe_account_id": "acct_1",
        "stripe_charge_id": "ch_1",
        "checkout_id": page["id"],
    }
    return values | changes


@pytest.mark.parametrize(
    "changes", [{"amount_cents": 9_999}, {"stripe_account_id": "acct_2"}, {"checkout_id": 77}]
)
def test_a_charge_agrees_with_its_page(page: dict[str, Any], changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="R062"), unit_of_work() as connection:
        make_payment(connection, page["invoice_id"], **charged(page, **changes))


@pytest.mark.parametrize(
    ("first", "again", "is_refused"),
    [
        ("Completed", "Completed", True),
        ("Pending", "Completed", True),
        ("Failed", "Failed", True),
        ("Failed", "Completed", False),
    ],
)
def test_a_charge_has_one_row(
    page: dict[str, Any], first: str, again: str, *, is_refused: bool
) -> None:
    with unit_of_work() as connection:
        make_payment(connection, page["invoice_id"], **charged(page, status=first))

    try:
        with unit_of_work() as connection:
            make_payment(connection, page["invoice_id"], **charged(page, status=again))
        was_refused = False
    except IntegrityError:
        was_refused = True

    assert was_refused == is_refused


def test_a_callback_is_never_forgotten(page: dict[str, Any]) -> None:
    values = {
        "event_id": "evt_1",
        "account_id": "acct_1",
        "type": "charge.succeeded",
        "object_id": "ch_1",
        "object_kind": "charge",
        "created_at": MOMENT,
        "received_at": MOMENT,
        "state": "waiting",
        "attempts": 0,
        "due_at": MOMENT,
        "error": "",
    }
    with unit_of_work() as connection:
        connection.execute(insert(stripe_event).values(values))

    with pytest.raises(IntegrityError, match="R058"), unit_of_work() as connection:
        connection.execute(delete(stripe_event))
    with pytest.raises(IntegrityError), unit_of_work() as connection:
        connection.execute(update(stripe_event).values(state="done"))
    with reading() as connection:
        assert connection.execute(select(payment.c.id)).all() == []
