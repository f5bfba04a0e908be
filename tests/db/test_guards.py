"""What the database itself refuses, on both kinds of it, whoever asks."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from assure_app.db.engine import engine
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.transitions import TRANSITIONS, Kind, RowStatus
from assure_app.models.tables import activity, audit_entry, invoice, payment
from tests.factories import (
    MOMENT,
    make_audit_entry,
    make_client,
    make_firm,
    make_invoice,
    make_payment,
    make_user,
)

CHANGEABLE = {"status", "completed_at", "fee_cents", "failure_reason"}
REVERSALS = [Kind.REFUND, Kind.RETURN]


@pytest.fixture
def invoice_id(database: str) -> int:
    """A sent invoice over $1,000.00."""
    with unit_of_work() as connection:
        return make_invoice(connection, make_client(connection, make_firm(connection)))


@pytest.fixture
def payment_id(invoice_id: int) -> int:
    """A completed payment of $100.00 on that invoice."""
    with unit_of_work() as connection:
        return make_payment(connection, invoice_id)


def test_a_ledger_row_cannot_be_deleted(payment_id: int) -> None:
    with refused("R011") as connection:
        connection.execute(delete(payment))


def test_a_ledger_row_cannot_be_replaced(payment_id: int) -> None:
    with refused("R011|duplicate key") as connection:
        copy_row(connection, payment, payment_id, {"amount_cents": 1}, replace=True)


def test_a_ledger_row_cannot_be_replaced_by_its_form(payment_id: int, invoice_id: int) -> None:
    with unit_of_work() as connection:
        form = {"id": 77, "form_token": "a form"}
        copy_row(connection, payment, payment_id, form)

    with refused("R011|duplicate key") as connection:
        again = {"id": 78, "form_token": "a form", "amount_cents": 1}
        copy_row(connection, payment, payment_id, again, replace=True)


@pytest.mark.parametrize("table", ["payment", "activity", "audit_entry", "invoice"])
def test_the_ledger_and_its_history_cannot_be_emptied(postgresql_database: str, table: str) -> None:
    with unit_of_work() as connection:
        make_payment(
            connection, make_invoice(connection, make_client(connection, make_firm(connection)))
        )

    with refused("never emptied") as connection:
        connection.execute(text(f"TRUNCATE {table} CASCADE"))


@pytest.mark.parametrize("column", sorted(set(payment.c.keys()) - CHANGEABLE))
def test_what_was_recorded_cannot_be_changed(payment_id: int, column: str) -> None:
    changed = other_value(payment, column)

    with refused("R010") as connection:
        connection.execute(update(payment).values({column: changed}))


@pytest.mark.parametrize("column", ["completed_at", "fee_cents", "failure_reason"])
def test_what_is_learnt_later_can_be_changed(payment_id: int, column: str) -> None:
    changed = other_value(payment, column)

    with unit_of_work() as connection:
        connection.execute(update(payment).values({column: changed}))

    with reading() as connection:
        assert connection.execute(select(payment.c[column])).scalar_one() == changed


def test_the_hidden_row_number_cannot_be_changed(sqlite_database: str) -> None:
    with unit_of_work() as connection:
        client_id = make_client(connection, make_firm(connection))
        make_payment(connection, make_invoice(connection, client_id))

    with refused("R010") as connection:
        connection.exec_driver_sql("UPDATE payment SET rowid = 9")


@pytest.mark.parametrize("kind", Kind)
def test_every_pair_of_statuses(invoice_id: int, kind: Kind) -> None:
    befores = [status for status in RowStatus if status != "Refunded" or kind is Kind.PAYMENT]
    for before in befores:
        for after in RowStatus:
            row_id = row_in_status(invoice_id, kind, before, is_refunded_next=after == "Refunded")
            if before is after or (before, after) in TRANSITIONS[kind]:
                with unit_of_work() as connection:
                    change_status(connection, row_id, after)
                assert status_of(row_id) == after
            else:
                with refused("R012|R090|only_payment_refunded") as connection:
                    change_status(connection, row_id, after)


@pytest.mark.parametrize(("refund_status", "amount_cents"), [("Pending", 100_00), ("Completed", 1)])
def test_a_payment_is_refunded_only_by_completed_refunds_of_all_of_it(
    payment_id: int, invoice_id: int, refund_status: str, amount_cents: int
) -> None:
    with unit_of_work() as connection:
        make_payment(
            connection,
            invoice_id,
            reverses_id=payment_id,
            amount_cents=-amount_cents,
            status=refund_status,
        )

    with refused("R090") as connection:
        change_status(connection, payment_id, RowStatus.REFUNDED)


def test_no_row_begins_as_refunded(invoice_id: int) -> None:
    with refused("R012") as connection:
        make_payment(connection, invoice_id, status="Refunded")


@pytest.mark.parametrize("column", ["firm_id", "client_id"])
def test_a_ledger_row_belongs_to_the_owner_of_its_invoice(invoice_id: int, column: str) -> None:
    with unit_of_work() as connection:
        firm_id = make_firm(connection, name="Northside CPA")
        stranger = {"firm_id": firm_id, "client_id": make_client(connection, firm_id)}[column]

    with refused("R139") as connection:
        make_payment(connection, invoice_id, **{column: stranger})


@pytest.mark.parametrize("kind", REVERSALS)
def test_only_a_payment_of_the_same_invoice_is_reversed(payment_id: int, kind: Kind) -> None:
    with unit_of_work() as connection:
        client_id = connection.execute(select(payment.c.client_id)).scalar_one()
        other_invoice = make_invoice(connection, client_id)

    with refused("R092") as connection:
        make_payment(connection, other_invoice, reverses_id=payment_id, kind=kind.value)


@pytest.mark.parametrize("kind", REVERSALS)
@pytest.mark.parametrize("status", ["Pending", "Failed"])
def test_only_a_completed_payment_is_reversed(invoice_id: int, status: str, kind: Kind) -> None:
    with unit_of_work() as connection:
        unsettled = make_payment(connection, invoice_id, status=status)

    with refused("R092") as connection:
        make_payment(connection, invoice_id, reverses_id=unsettled, kind=kind.value)


def test_a_refund_is_not_reversed(payment_id: int, invoice_id: int) -> None:
    with unit_of_work() as connection:
        refund = make_payment(connection, invoice_id, reverses_id=payment_id, amount_cents=-1)

    with refused("R092|R080") as connection:
        make_payment(connection, invoice_id, reverses_id=refund, amount_cents=-1)


@pytest.mark.parametrize("kind", REVERSALS)
def test_of_a_refunded_payment_nothing_is_left(invoice_id: int, kind: Kind) -> None:
    refunded = row_in_status(invoice_id, Kind.PAYMENT, RowStatus.REFUNDED)

    with refused("R092|R080") as connection:
        make_payment(connection, invoice_id, reverses_id=refunded, amount_cents=-1, kind=kind.value)


@pytest.mark.parametrize("first", ["Pending", "Completed"])
@pytest.mark.parametrize("kind", REVERSALS)
@pytest.mark.parametrize("then", REVERSALS)
def test_refunds_and_returns_never_exceed_their_payment(
    payment_id: int, invoice_id: int, first: str, kind: Kind, then: Kind
) -> None:
    def reverse(connection: Connection, cents: int, **overrides: Any) -> None:
        make_payment(
            connection, invoice_id, reverses_id=payment_id, amount_cents=-cents, **overrides
        )

    with unit_of_work() as connection:
        reverse(connection, 6_000, kind=kind.value, status=first)
        reverse(connection, 9_000, status="Failed")

    with refused("R080") as connection:
        reverse(connection, 4_001, kind=then.value)
    with unit_of_work() as connection:
        reverse(connection, 4_000, kind=then.value, status="Pending")


def test_two_refunds_at_once_never_exceed_their_payment(payment_id: int, invoice_id: int) -> None:
    changes = {"kind": "refund", "amount_cents": -6_000, "reason": "Other"}
    changes["reverses_id"] = payment_id

    def refund(number: int) -> str:
        try:
            with unit_of_work() as connection:
                copy_row(connection, payment, payment_id, changes | {"id": number})
                time.sleep(0.1)  # Time for the rival to look while this one is not committed.
        except IntegrityError as error:
            return str(error.orig)
        return "done"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(refund, [101, 102]))

    assert [("R080" in outcome, outcome == "done") for outcome in outcomes] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize("table", [activity, audit_entry])
def test_history_is_append_only(payment_id: int, table: Table) -> None:
    with unit_of_work() as connection:
        firm_id = connection.execute(select(payment.c.firm_id)).scalar_one()
        make_audit_entry(connection, firm_id)
        row_id = connection.execute(select(table.c.id)).scalar_one()

    with refused("append-only") as connection:
        connection.execute(update(table).values(text="Something else"))
    with refused("append-only") as connection:
        connection.execute(delete(table))
    with refused("R111|R112|duplicate key") as connection:
        copy_row(connection, table, row_id, {"text": "Something else"}, replace=True)


@pytest.mark.parametrize("position", [1, 3, 0])
def test_an_entry_takes_the_next_position(payment_id: int, position: int) -> None:
    with refused("next position") as connection:
        append_entry(connection, position=position)


def test_an_entry_carries_the_hash_before_it(payment_id: int) -> None:
    with refused("the one before it") as connection:
        append_entry(connection, position=2, previous_hash="0" * 64)


def test_a_sent_invoice_is_never_deleted(invoice_id: int) -> None:
    with refused("R011") as connection:
        connection.exec_driver_sql("DELETE FROM invoice_line")
        connection.execute(delete(invoice))


def test_a_draft_can_be_deleted(database: str) -> None:
    with unit_of_work() as connection:
        make_invoice(connection, make_client(connection, make_firm(connection)), draft=True)
        connection.exec_driver_sql("DELETE FROM invoice_line")
        connection.execute(delete(invoice))

    assert everything()["invoice"] == []


def test_a_sent_invoice_cannot_be_replaced(invoice_id: int) -> None:
    with refused("R011|duplicate key") as connection:
        copy_row(connection, invoice, invoice_id, {"number": "INV-1"}, replace=True)


@pytest.mark.parametrize("column", ["client_id", "number", "sent_at"])
def test_what_was_sent_stays(invoice_id: int, column: str) -> None:
    with unit_of_work() as connection:
        firm_id = connection.execute(select(invoice.c.firm_id)).scalar_one()
        changes = {"client_id": make_client(connection, firm_id), "number": "X", "sent_at": None}

    with refused("R010") as connection:
        connection.execute(update(invoice).values({column: changes[column]}))


def test_an_invoice_stays_with_its_firm(database: str) -> None:
    with unit_of_work() as connection:
        make_invoice(connection, make_client(connection, make_firm(connection)), draft=True)
        other_firm = make_firm(connection)

    with refused("R139") as connection:
        connection.execute(update(invoice).values(firm_id=other_firm))


def test_the_total_stays_once_there_are_rows(payment_id: int) -> None:
    with refused("R010") as connection:
        connection.execute(update(invoice).values(total_cents=200_000))


def test_the_total_of_an_invoice_without_rows_may_change(invoice_id: int) -> None:
    with unit_of_work() as connection:
        connection.execute(update(invoice).values(total_cents=200_000))

    assert everything()["invoice"][0].total_cents == 200_000


@contextmanager
def refused(rule: str) -> Iterator[Connection]:
    """Expect that the block is refused by the rule and leaves every row as it was."""
    before = everything()
    with pytest.raises(IntegrityError, match=rule), unit_of_work() as connection:
        yield connection
    assert everything() == before


def everything() -> dict[str, list[Any]]:
    """Every row that a guard protects."""
    with reading() as connection:
        return {
            table.name: list(connection.execute(select(table).order_by(table.c.id)))
            for table in (invoice, payment, activity, audit_entry)
        }


def row_in_status(
    invoice_id: int, kind: Kind, status: RowStatus, *, is_refunded_next: bool = False
) -> int:
    """A new row of this kind; a payment that is (about to be) Refunded with its refund."""
    with unit_of_work() as connection:
        if kind is not Kind.PAYMENT:
            reversed_id = make_payment(connection, invoice_id, amount_cents=20_000)
            return make_payment(
                connection,
                invoice_id,
                reverses_id=reversed_id,
                kind=kind.value,
                status=status.value,
            )
        is_refunded = status is RowStatus.REFUNDED
        start = "Completed" if is_refunded else status.value
        row_id = make_payment(connection, invoice_id, status=start)
        if is_refunded or (is_refunded_next and status is RowStatus.COMPLETED):
            make_payment(connection, invoice_id, reverses_id=row_id)
        if is_refunded_next and status is RowStatus.COMPLETED:
            change_status(connection, row_id, RowStatus.COMPLETED)
        return row_id


def change_status(connection: Connection, row_id: int, status: RowStatus) -> None:
    connection.execute(
        update(payment)
        .where(payment.c.id == row_id)
        .values(status=status.value, completed_at=MOMENT)
    )


def status_of(row_id: int) -> str:
    with reading() as connection:
        query = select(payment.c.status).where(payment.c.id == row_id)
        return str(connection.execute(query).scalar_one())


def other_value(table: Table, column: str) -> Any:
    """A value that the only row of the table does not have in the column."""
    with unit_of_work() as connection:
        row = connection.execute(select(table)).mappings().one()
        if column == "user_id":
            return make_user(connection, row["firm_id"])
    value = row[column]
    if column == "reverses_id":
        return row["id"]
    if column.endswith("_at"):
        return value + timedelta(seconds=1)
    choices: dict[str, Any] = {"checkout_id": 1, "contact_id": 1}
    choices |= {"kind": "refund", "source": "online", "method": "Cash", "form_token": "other"}
    return choices.get(column) or (value + 1 if isinstance(value, int) else f"{value} other")


def copy_row(
    connection: Connection,
    table: Table,
    row_id: int,
    changes: dict[str, Any],
    *,
    replace: bool = False,
) -> None:
    """Insert the row once more with some columns changed; SQLite can be told to replace."""
    row = connection.execute(select(table).where(table.c.id == row_id)).mappings().one()
    given = {name: row[name] for name in row if table.c[name].computed is None}
    statement = insert(table).values(given | changes)
    if replace and engine().dialect.name == "sqlite":
        statement = statement.prefix_with("OR REPLACE")
    connection.execute(statement)


def append_entry(connection: Connection, **changes: Any) -> None:
    last = connection.execute(select(activity)).mappings().one()
    entry = dict(last) | {"id": 99, "previous_hash": last["hash"]} | changes
    connection.execute(insert(activity).values(entry))
