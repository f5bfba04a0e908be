"""Verification: silent about what the product wrote, and loud about any single change to it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, select
from typer.testing import CliRunner

from assure_app.billing import activity, list_verification
from assure_app.billing.verification import Tally, differences, verify
from assure_app.cli import app
from assure_app.db.engine import engine
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import activity as activity_table
from tests.factories import MOMENT, make_client, make_firm, make_invoice, make_payment

FIRST = "Invoice INV-1 of firm 1: "


@pytest.fixture
def books(database: str) -> None:
    """INV-1 with payment 1, its partial refund 2 and pending payment 3; INV-2 refunded in full;
    a draft; a paid invoice of another firm."""
    with unit_of_work() as connection:
        client_id = make_client(connection, make_firm(connection), name="Patels")
        first = make_invoice(connection, client_id, number="INV-1")
        make_payment(connection, first, reference="4521")
        make_payment(connection, first, reverses_id=1, amount_cents=-4_000)
        make_payment(connection, first, status="Pending", amount_cents=5_000)
        second = make_invoice(connection, client_id, number="INV-2")
        make_payment(connection, second, amount_cents=20_000)
        make_payment(connection, second, reverses_id=4, amount_cents=-20_000)
        make_invoice(connection, client_id, number="INV-3", draft=True)
        other_client = make_client(connection, make_firm(connection))
        paid = make_invoice(connection, other_client, number="INV-1")
        make_payment(connection, paid, amount_cents=100_000)


def test_nothing_differs_in_what_was_written(books: None) -> None:
    tally = Tally()

    with reading() as connection:
        assert list(differences(connection, tally)) == []

    assert tally == Tally(invoices=4, ledger_rows=6, activity_entries=6)
    assert verify() == []


def test_an_empty_database_is_sound(database: str) -> None:
    assert verify() == []


def test_reading_one_row_at_a_time_comes_to_the_same(
    books: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_verification, "_ROWS_AT_ONCE", 1)

    assert verify() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "UPDATE payment SET amount_cents = 10001 WHERE id = 1",
            [
                "its balance is $890.00, but its ledger comes to $889.99.",
                "its settled amount is $60.00, but its ledger comes to $60.01.",
            ],
        ),
        (
            "UPDATE invoice SET balance_cents = 89001 WHERE id = 1",
            ["its balance is $890.01, but its ledger comes to $890.00."],
        ),
        (
            "UPDATE invoice SET settled_cents = 6001 WHERE id = 1",
            ["its settled amount is $60.01, but its ledger comes to $60.00."],
        ),
        (
            "UPDATE invoice SET pending_cents = 5001 WHERE id = 1",
            ["its pending amount is $50.01, but its ledger comes to $50.00."],
        ),
        (
            "UPDATE invoice SET overpaid_cents = 1 WHERE id = 1",
            ["its overpaid amount is $0.01, but its ledger comes to $0.00."],
        ),
        (
            "UPDATE invoice SET stage = 'paid' WHERE id = 1",
            ["its stage is “paid”, but by its ledger it is “open”."],
        ),
        (
            "UPDATE invoice_line SET amount_cents = 100001 WHERE invoice_id = 1",
            [
                "its total is $1,000.00, but its lines come to $1,000.01.",
                "the amount of line 1 is $1,000.01, but its quantity and price come to $1,000.00.",
            ],
        ),
        (
            "UPDATE invoice_line SET tax_cents = 1 WHERE invoice_id = 1",
            [
                "its total is $1,000.00, but its lines come to $1,000.01.",
                "the tax of line 1 is $0.01, but its rate comes to $0.00.",
            ],
        ),
        (
            (
                "UPDATE invoice_line SET quantity_thousandths = 500, unit_price_cents = 200001,"
                " amount_cents = 100000 WHERE invoice_id = 1"
            ),
            ["the amount of line 1 is $1,000.00, but its quantity and price come to $1,000.01."],
        ),
        (
            "UPDATE payment SET status = 'Refunded' WHERE id = 1",
            ["the payment 1 is Refunded, but by its refunds it is Completed."],
        ),
        (
            "UPDATE payment SET firm_id = 2 WHERE id = 1",
            ["the ledger row 1 belongs to another firm or client."],
        ),
        (
            "UPDATE payment SET reverses_id = 4 WHERE id = 2",
            ["the ledger row 2 reverses no payment of this invoice."],
        ),
        (
            "UPDATE activity SET text = 'payment of 10001 cents' WHERE id = 1",
            ["the activity entry 1 is not as it was written."],
        ),
        (
            "UPDATE activity SET at = '2026-05-22 15:00:00.000001+00:00' WHERE id = 1",
            ["the activity entry 1 is not as it was written."],
        ),
        (
            "UPDATE activity SET hash = '0' || substr(hash, 2) WHERE id = 1",
            [
                "the activity entry 1 is not as it was written.",
                "the activity entry 2 does not follow the one before it.",
            ],
        ),
        (
            "UPDATE activity SET previous_hash = '1' || substr(previous_hash, 2) WHERE id = 1",
            [
                "the activity entry 1 does not follow the one before it.",
                "the activity entry 1 is not as it was written.",
            ],
        ),
        (
            "DELETE FROM activity WHERE id = 2",
            [
                "the activity entry 2 is missing.",
                "no activity entry names the ledger row 2.",
            ],
        ),
        (
            "DELETE FROM activity WHERE id = 3",
            ["no activity entry names the ledger row 3."],
        ),
    ],
)
def test_one_change_is_found(books: None, change: str, told: list[str]) -> None:
    with unguarded() as connection:
        connection.exec_driver_sql(change)

    assert verified() == [f"{FIRST}{sentence}" for sentence in told]


def test_refunds_above_their_payment_are_found(books: None) -> None:
    with unguarded() as connection:
        make_payment(connection, 1, amount_cents=50_000)
        make_payment(connection, 1, reverses_id=1, amount_cents=-6_001)

    assert (
        f"{FIRST}with the refund 8, $100.01 were given back of the payment 1 over $100.00."
    ) in verify()


def test_a_status_no_rule_knows_is_found(sqlite_database: str) -> None:
    with unguarded() as connection:
        client_id = make_client(connection, make_firm(connection))
        make_payment(connection, make_invoice(connection, client_id, number="INV-1"))
        connection.exec_driver_sql("UPDATE payment SET status = 'Complfted'")

    assert verified() == [
        f"{FIRST}the ledger row 1 is a “payment” that is “Complfted”, which cannot be."
    ]


def test_rows_without_their_invoice_are_found(books: None) -> None:
    with unguarded(has_foreign_keys=False) as connection:
        connection.exec_driver_sql("DELETE FROM invoice WHERE id IN (2, 4)")

    assert verified() == [
        "The invoice line 2 belongs to invoice 2, which is missing.",
        "The invoice line 4 belongs to invoice 4, which is missing.",
        "The ledger row 4 belongs to invoice 2, which is missing.",
        "The ledger row 5 belongs to invoice 2, which is missing.",
        "The ledger row 6 belongs to invoice 4, which is missing.",
        "The activity entry 4 belongs to invoice 2, which is missing.",
        "The activity entry 5 belongs to invoice 2, which is missing.",
        "The activity entry 6 belongs to invoice 4, which is missing.",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "UPDATE invoice SET is_autopay_failed = TRUE WHERE id = 1",
            (
                "The tally of firm 1 has 1 ($890.00 open, 0 failed) “partial” due 2026-05-31,"
                " but there are 1 ($890.00 open, 1 failed)."
            ),
        ),
        (
            "UPDATE invoice_tally SET balance_cents = 1 WHERE standing = 'draft'",
            (
                "The tally of firm 1 has 1 ($0.01 open, 0 failed) “draft”,"
                " but there are 1 ($1,000.00 open, 0 failed)."
            ),
        ),
        (
            "DELETE FROM invoice_tally WHERE standing = 'paid'",
            (
                "The tally of firm 2 has 0 ($0.00 open, 0 failed) “paid”,"
                " but there are 1 ($0.00 open, 0 failed)."
            ),
        ),
        (
            "UPDATE invoice SET client_name = 'Nobody' WHERE id = 1",
            "Invoice INV-1 of firm 1: its client is “Nobody” in the list, but is called “Patels”.",
        ),
        (
            "DELETE FROM search_key WHERE invoice_id = 2 AND key = 'inv-2'",
            "Invoice 2 is not found by “inv-2”.",
        ),
        ("DELETE FROM search_key WHERE key = '4521'", "Invoice 1 is not found by “4521”."),
    ],
)
def test_what_only_the_list_reads_is_verified_too(books: None, change: str, told: str) -> None:
    with unguarded() as connection:
        connection.exec_driver_sql(change)

    assert verify() == [told]


def test_the_command_tells_that_all_is_well(books: None) -> None:
    told = CliRunner().invoke(app, ["verify"])

    assert told.output == (
        "Verified 4 invoices, 6 ledger rows, 6 activity entries: no difference.\n"
    )
    assert told.exit_code == 0


def test_the_command_tells_each_difference_and_fails(books: None) -> None:
    with unguarded() as connection:
        connection.exec_driver_sql("UPDATE invoice SET overpaid_cents = 1 WHERE id = 1")

    told = CliRunner().invoke(app, ["verify"])

    assert told.output == (f"{FIRST}its overpaid amount is $0.01, but its ledger comes to $0.00.\n")
    assert told.exit_code == 1


def test_entries_of_one_moment_keep_their_order(database: str) -> None:
    with unit_of_work() as connection:
        firm_id = make_firm(connection)
        invoice_id = make_invoice(connection, make_client(connection, firm_id))
        positions = [
            activity.append(
                connection,
                firm_id=firm_id,
                invoice_id=invoice_id,
                at=MOMENT,
                text=text,
                actor="Zoë 🙂",
            )
            for text in ("first", "second\nwith “quotes”", "third")
        ]

    with reading() as connection:
        query = select(activity_table.c.text).order_by(activity_table.c.position)
        texts = list(connection.execute(query).scalars())
    assert positions == [1, 2, 3]
    assert texts == ["first", "second\nwith “quotes”", "third"]
    assert verify() == []


def verified() -> list[str]:
    """What is said of the ledger: a figure that was changed by force is not in the tally either."""
    return [difference for difference in verify() if not difference.startswith("The tally")]


@contextmanager
def unguarded(*, has_foreign_keys: bool = True) -> Iterator[Connection]:
    """A transaction in which no guard refuses anything; on SQLite no CHECK does either."""
    if engine().dialect.name == "postgresql":
        with unit_of_work() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield connection
        return
    with engine().connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute(f"PRAGMA foreign_keys = {has_foreign_keys}")
        raw.execute("PRAGMA ignore_check_constraints = ON")
        triggers = raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        with connection.begin():
            yield connection
    engine().dispose()
