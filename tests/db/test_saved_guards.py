"""What the database itself refuses of customers and saved methods, on both kinds of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError

from assure_app.db.unit_of_work import unit_of_work
from assure_app.models import Contact
from assure_app.models.tables import checkout, payment_method, stripe_customer
from tests.db.test_online_guards import make_page
from tests.factories import MOMENT, make_client, make_firm, make_invoice
from tests.factories import insert as add

CHANGEABLE = {
    *("brand_or_bank", "last4", "expiry", "is_default"),
    *("added_by_id", "added_by_user_id", "removed_at", "disabled_at", "disabled_reason"),
    "announce_on",
}
CUSTOMER_CHANGEABLE = {"idempotency_key", "asked_at", "gone_at", "customer_id"}


def make_customer(connection: Connection, client_id: int, **changes: Any) -> dict[str, Any]:
    values = {
        "firm_id": 1,
        "client_id": client_id,
        "account_id": "acct_1",
        "token": f"token-{client_id}",
        "idempotency_key": "key-1",
        "name": "Patel Family",
        "email": "a@b.example",
        "customer_id": f"cus_{client_id}",
        "created_at": MOMENT,
        "asked_at": MOMENT,
    } | changes
    connection.execute(insert(stripe_customer).values(values))
    return values


def make_method(connection: Connection, owner_id: int, **changes: Any) -> dict[str, Any]:
    values = {
        "firm_id": 1,
        "client_id": owner_id,
        "account_id": "acct_1",
        "customer_id": f"cus_{owner_id}",
        "method_id": "pm_1",
        "kind": "card",
        "brand_or_bank": "Visa",
        "last4": "4242",
        "expiry": "04/30",
        "is_default": True,
        "added_at": MOMENT,
        "disabled_reason": "",
    } | changes
    connection.execute(insert(payment_method).values(values))
    return values


@pytest.fixture
def client_id(database: str) -> int:
    """A client with one saved card, which is the default."""
    with unit_of_work() as connection:
        made = make_client(connection, make_firm(connection))
        make_customer(connection, made)
        make_method(connection, made)
        return made


def test_a_client_has_one_default(client_id: int) -> None:
    with pytest.raises(IntegrityError), unit_of_work() as connection:
        make_method(connection, client_id, method_id="pm_2")

    with unit_of_work() as connection:
        make_method(connection, client_id, method_id="pm_2", is_default=False)


@pytest.mark.parametrize(
    "changes",
    [
        {"method_id": "pm_1"},
        {"client_id": 99},
        {"customer_id": "cus_of_nobody"},
        {"account_id": "acct_2"},
        {"kind": "link"},
        {"last4": "424242"},
        {"is_default": True, "removed_at": MOMENT},
        {"is_default": True, "disabled_at": MOMENT, "disabled_reason": "The bank."},
        {"disabled_at": MOMENT},
        {"disabled_reason": "The bank."},
    ],
)
def test_a_method_that_cannot_be_is_refused(client_id: int, changes: dict[str, Any]) -> None:
    wanted = {"method_id": "pm_2", "is_default": False} | changes
    with unit_of_work() as connection:
        connection.execute(update(payment_method).values(is_default=False))

    # PostgreSQL does not even take in more than four digits.
    with pytest.raises((IntegrityError, DataError)), unit_of_work() as connection:
        make_method(connection, client_id, **wanted)


def test_whose_a_method_is_cannot_change(client_id: int) -> None:
    with unit_of_work() as connection:
        row = connection.execute(select(payment_method)).one()._asdict()

    for column in set(row) - CHANGEABLE:
        changed = {column: other(column, row[column])}
        with pytest.raises(IntegrityError, match="R127"), unit_of_work() as connection:
            connection.execute(update(payment_method).values(changed))


def test_whose_a_customer_is_cannot_change(client_id: int) -> None:
    with unit_of_work() as connection:
        row = connection.execute(select(stripe_customer)).one()._asdict()

    for column in set(row) - CUSTOMER_CHANGEABLE:
        changed = {column: other(column, row[column])}
        with pytest.raises(IntegrityError, match="R139"), unit_of_work() as connection:
            connection.execute(update(stripe_customer).values(changed))


def other(column: str, value: Any) -> Any:
    if column.endswith("_at"):
        return value + timedelta(seconds=1)
    if column == "kind":
        return "us_bank_account"
    return value + 1 if isinstance(value, int) else f"{value}x"


def test_removed_is_for_ever(client_id: int) -> None:
    with unit_of_work() as connection:
        connection.execute(update(payment_method).values(is_default=False, removed_at=MOMENT))

    with pytest.raises(IntegrityError, match="R127"), unit_of_work() as connection:
        connection.execute(update(payment_method).values(removed_at=None))


@pytest.mark.parametrize("change", [{"customer_id": "cus_other"}, {"customer_id": None}])
def test_a_customer_once_known_stays_who_it_is(client_id: int, change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="R139"), unit_of_work() as connection:
        connection.execute(update(stripe_customer).values(change))


def test_a_client_has_one_standing_customer_in_an_account(client_id: int) -> None:
    another = {"token": "token-2", "customer_id": "cus_2"}
    with pytest.raises(IntegrityError), unit_of_work() as connection:
        make_customer(connection, client_id, **another)

    with unit_of_work() as connection:
        connection.execute(update(stripe_customer).values(gone_at=MOMENT))
        make_customer(connection, client_id, **another)
    with pytest.raises(IntegrityError), unit_of_work() as connection:
        connection.execute(update(stripe_customer).values(gone_at=None))


def test_a_customer_is_a_client_of_the_same_firm(client_id: int) -> None:
    with unit_of_work() as connection:
        firm_id = make_firm(connection, name="Northside CPA")

    with pytest.raises(IntegrityError, match="R139"), unit_of_work() as connection:
        make_customer(connection, client_id, firm_id=firm_id, account_id="acct_2", token="t2")


@pytest.mark.parametrize("table", [payment_method, stripe_customer], ids=lambda it: it.name)
def test_nothing_is_forgotten_or_replaced(client_id: int, table: Any) -> None:
    with pytest.raises(IntegrityError), unit_of_work() as connection:
        connection.execute(delete(table))
    with unit_of_work() as connection:
        row = dict(connection.execute(select(table)).mappings().one())
    if connection.dialect.name == "sqlite":
        with pytest.raises(IntegrityError, match="never replaced"), unit_of_work() as connection:
            connection.execute(insert(table).prefix_with("OR REPLACE").values(row))


@pytest.mark.parametrize(
    "changes",
    [
        {"saves_method": True},
        {"customer_id": "cus_of_nobody"},
        {"customer_id": "cus_1", "account_id": "acct_2"},
    ],
)
def test_a_page_saves_and_offers_what_is_of_its_own_client(
    client_id: int, changes: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), unit_of_work() as connection:
        open_page(connection, client_id, **changes)


def test_what_a_page_saves_and_for_whom_cannot_change(client_id: int) -> None:
    with unit_of_work() as connection:
        open_page(connection, client_id, customer_id="cus_1", saves_method=True)

    for change in ({"saves_method": False}, {"saves_method": False, "customer_id": None}):
        with pytest.raises(IntegrityError, match="R051"), unit_of_work() as connection:
            connection.execute(update(checkout).values(change))


def open_page(connection: Connection, client_id: int, **changes: Any) -> None:
    invoice_id = make_invoice(connection, client_id)
    contact_id = add(connection, Contact, client_id=client_id, name="Anita", email="a@b.example")
    make_page(connection, client_id, invoice_id, contact_id, **changes)
