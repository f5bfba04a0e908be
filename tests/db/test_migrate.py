"""Migrating: on an empty database, twice, by several processes at once, and true to the models."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from alembic import command
from assure_app.db import engine as engines
from assure_app.db import migrate, version
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import autopay, checkout, contact, dispute, firm, invoice, payment
from tests.factories import make_firm
from tests.support.databases import PostgresqlDatabases

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes empty databases without any table, of each kind in turn."""
    if request.param == "sqlite":
        yield lambda: f"sqlite:///{tmp_path / uuid4().hex}.db"
        return
    databases: PostgresqlDatabases = request.getfixturevalue("_postgresql_databases")
    names: list[str] = []

    def create() -> str:
        names.append(f"empty_{uuid4().hex}")
        execute(f"CREATE DATABASE {names[-1]} TEMPLATE template0")
        return databases.address(names[-1]).replace("postgresql:", "postgresql+psycopg:", 1)

    def execute(statement: str) -> None:
        with psycopg.connect(databases.address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    yield create
    for name in names:
        execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_an_upgrade_reaches_the_head(new_database: Callable[[], str]) -> None:
    address = new_database()

    migrate.upgrade(address)

    engines.configure(address)
    with reading() as connection:
        assert version.current(connection) == version.head()
    engines.dispose()


def test_an_empty_database_has_no_revision(new_database: Callable[[], str]) -> None:
    engines.configure(new_database())

    with reading() as connection:
        assert version.current(connection) == ""

    engines.dispose()


def test_a_second_upgrade_keeps_every_row(database: str) -> None:
    with unit_of_work() as connection:
        make_firm(connection, name="Chen Advisory")

    migrate.upgrade(database)

    with reading() as connection:
        assert connection.execute(firm.select()).one().name == "Chen Advisory"


def test_processes_that_start_at_once_migrate_once(new_database: Callable[[], str]) -> None:
    address = new_database()
    code = "import sys; from assure_app.db.migrate import upgrade; upgrade(sys.argv[1])"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, address],
            cwd="/",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(3)
    ]
    printed = [process.communicate(timeout=120)[0] for process in processes]

    assert printed == [""] * 3
    assert [process.returncode for process in processes] == [0] * 3
    assert migrate.check(address) == []


def test_invoices_and_contacts_of_before_get_links_and_roles(
    new_database: Callable[[], str],
) -> None:
    address = new_database()
    _upgrade_to("0003", address)
    engines.configure(address)
    with unit_of_work() as connection:
        for statement in _BEFORE_THE_PORTAL.split(";"):
            connection.exec_driver_sql(statement)

    migrate.upgrade(address)

    with reading() as connection:
        tokens = connection.scalars(select(invoice.c.pay_token)).all()
        people = connection.execute(select(contact.c.role, contact.c.is_active)).all()
    assert (len(set(tokens)), {len(token) for token in tokens}) == (3, {32})
    assert [tuple(each) for each in people] == [("owner", True)]
    engines.dispose()


def test_migrations_and_models_agree(database: str) -> None:
    assert migrate.check(database) == []
    assert migrate.check() == []


def test_a_difference_is_told(database: str) -> None:
    with unit_of_work() as connection:
        connection.exec_driver_sql("DROP INDEX ix_payment_invoice")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    told = migrate.check(database)

    assert told[0] == f"The database is at “0001”, not at “{version.head()}”."
    assert [("add_index" in line, "ix_payment_invoice" in line) for line in told[1:]] == [
        (True, True)
    ]


def test_the_alembic_command_agrees(database: str) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "alembic", "check"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database},
        check=False,
        capture_output=True,
        text=True,
    )

    assert (checked.returncode, checked.stdout) == (0, "No new upgrade operations detected.\n")


def test_what_was_under_way_before_is_looked_after_as_it_is_now(
    new_database: Callable[[], str],
) -> None:
    address = new_database()
    _upgrade_to("0012", address)
    engines.configure(address)
    with unit_of_work() as connection:
        for statement in _BEFORE_AUTO_PAY.replace(":at", _AT).split(";"):
            connection.exec_driver_sql(statement)

    migrate.upgrade(address)

    with reading() as connection:
        pages = connection.execute(
            select(checkout.c.source, checkout.c.contact_id, payment.c.amount_cents).join(
                payment, payment.c.checkout_id == checkout.c.id
            )
        ).all()
        woken = connection.execute(select(autopay.c.invoice_id, autopay.c.state)).all()
        warned_at = connection.scalars(select(dispute.c.warn_at)).all()
    assert [tuple(each) for each in pages] == [("online", 1, 1000)]
    assert [tuple(each) for each in woken] == [(1, "waiting")]
    assert warned_at == [datetime(2026, 4, 28, tzinfo=UTC)]
    with pytest.raises(IntegrityError, match="R051"), unit_of_work() as connection:
        connection.execute(checkout.delete())
    assert migrate.check(address) == []
    engines.dispose()


def test_even_checks_and_partial_indexes_are_those_of_the_models(
    new_database: Callable[[], str],
) -> None:
    """Alembic compares neither, so both kinds of making the tables are held side by side."""
    migrated, modelled = (engines.build(new_database()) for _ in range(2))
    migrate.upgrade(migrated.url.render_as_string(hide_password=False))
    SQLModel.metadata.create_all(modelled)

    assert {table: shape(migrated, table) for table in SQLModel.metadata.tables} == {
        table: shape(modelled, table) for table in SQLModel.metadata.tables
    }

    migrated.dispose()
    modelled.dispose()


def test_the_ledger_cannot_be_migrated_away(database: str) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "alembic", "downgrade", "base"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database},
        check=False,
        capture_output=True,
        text=True,
    )

    assert refused.returncode == 1
    assert "What a firm wrote since cannot be told" in refused.stderr
    assert migrate.check(database) == []


def _upgrade_to(revision: str, address: str) -> None:
    with migrate._writing(address) as connection:
        command.upgrade(migrate._config(connection), revision)


_BEFORE_THE_PORTAL = """
INSERT INTO firm (id, name, timezone, invoice_prefix, next_invoice_number, created_at)
VALUES (1, 'Chen', 'UTC', 'INV-', 4, '2026-05-01 15:00:00');
INSERT INTO client (id, firm_id, name, created_at) VALUES (1, 1, 'Patel', '2026-05-01 15:00:00');
INSERT INTO contact (id, client_id, name, email) VALUES (1, 1, 'Anita', 'anita@x.example');
INSERT INTO invoice (firm_id, client_id, number, title, issued_on, due_on, total_cents,
settled_cents, pending_cents, balance_cents, overpaid_cents, stage, is_autopay_failed, created_at,
cancel_reason, written_off_cents, version)
SELECT 1, 1, number, '', '2026-05-01', '2026-05-31', 100, 0, 0, 100, 0, 'draft', false,
'2026-05-01 15:00:00', '', 0, 0 FROM (SELECT 'INV-1' AS number UNION SELECT 'INV-2'
UNION SELECT 'INV-3') AS numbers
"""
"""A small firm's rows, in the words of the tables of then."""


def shape(engine: Engine, table: str) -> dict[str, Any]:
    """Everything the database knows about a table, in an order that does not matter."""
    inspector = inspect(engine)
    return {
        "columns": sorted(
            (column["name"], str(column["type"]), column["nullable"])
            for column in inspector.get_columns(table)
        ),
        "primary key": inspector.get_pk_constraint(table),
        "foreign keys": by_name(named(table, key) for key in inspector.get_foreign_keys(table)),
        "unique": by_name(inspector.get_unique_constraints(table)),
        "checks": by_name(inspector.get_check_constraints(table)),
        "indexes": by_name(inspector.get_indexes(table)),
    }


def named(table: str, key: Any) -> dict[str, Any]:
    """SQLAlchemy does not read the name that SQLite was given with an added column."""
    return {"name": f"fk_{table}_{key['constrained_columns'][0]}"} | {
        part: value for part, value in key.items() if value is not None
    }


def by_name(found: Any) -> dict[str, str]:
    # SQLite's conditions are text clauses, which are equal only to themselves.
    return {each["name"]: str({**each, "dialect_options": texts(each)}) for each in found}


def texts(index: Any) -> dict[str, str]:
    return {name: str(value) for name, value in index.get("dialect_options", {}).items()}


_AT = "'2026-05-01 00:00:00+00'"
_BEFORE_AUTO_PAY = """
INSERT INTO firm (id, name, timezone, invoice_prefix, next_invoice_number, created_at)
VALUES (1, 'Chen', 'America/New_York', 'INV-', 1, :at);
INSERT INTO client (id, firm_id, name, created_at) VALUES (1, 1, 'Patel', :at);
INSERT INTO contact (id, client_id, name, email) VALUES (1, 1, 'Anita', 'a@patel.example');
INSERT INTO engagement (id, firm_id, client_id, name, is_autopay_on) VALUES (1, 1, 1, 'Tax', true);
INSERT INTO stripe_account (account_id, firm_id, is_current, charges_enabled, payouts_enabled,
    details_submitted, disabled_reason) VALUES ('acct_1', 1, true, true, true, true, '');
INSERT INTO invoice (id, firm_id, client_id, engagement_id, number, title, issued_on, due_on,
    total_cents, settled_cents, pending_cents, balance_cents, overpaid_cents, stage,
    is_autopay_failed, created_at, sent_at, opened_at, written_off_cents, version, pay_token,
    cancel_reason)
VALUES (1, 1, 1, 1, 'INV-1', '', '2026-05-01', '2026-05-31', 1000, 0, 1000, 0, 0, 'open', false,
    :at, :at, :at, 0, 0, 'token', '');
INSERT INTO checkout (id, firm_id, client_id, invoice_id, contact_id, payer, email, token,
    idempotency_key, form_token, form_hash, account_id, amount_cents, currency, description,
    success_url, cancel_url, state, problem, created_at)
VALUES (1, 1, 1, 1, 1, 'Anita', 'a@patel.example', 'token', 'key', 'form', 'hash', 'acct_1', 1000,
    'usd', 'Invoice INV-1', '', '', 'new', '', :at);
INSERT INTO payment (firm_id, client_id, invoice_id, kind, source, method, amount_cents, status,
    reason, reference, notes, paid_by, created_at, fee_cents, failure_reason, form_hash,
    stripe_account_id, stripe_charge_id, checkout_id)
VALUES (1, 1, 1, 'payment', 'online', 'Card', 1000, 'Pending', '', '', '', 'Anita', :at, 0, '',
    '', 'acct_1', 'ch_1', 1);
INSERT INTO dispute (firm_id, invoice_id, payment_id, account_id, dispute_id, charge_id,
    amount_cents, withdrawn_cents, reinstated_cents, reason, kind, state, is_refundable,
    evidence_due_at, opened_at)
VALUES (1, 1, 1, 'acct_1', 'dp_1', 'ch_1', 1000, 0, 0, 'general', 'inquiry',
    'warning_needs_response', true, :at, :at)
"""
