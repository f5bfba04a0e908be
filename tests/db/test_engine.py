"""The engine: one for the process whoever asks first, and no dead connection handed out."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from assure_app.db import engine as engines
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import Unavailable
from tests.support.waiting import WAIT_SECONDS


def test_threads_that_come_first_together_get_one_engine(sqlite_database: str) -> None:
    assert sqlite_database
    engines.dispose()
    everyone_is_here = threading.Barrier(8)

    def ask(_thread: int) -> Engine:
        everyone_is_here.wait(timeout=WAIT_SECONDS)
        return engines.engine()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(8)))

    assert set(answers) == {engines.engine()}


def test_a_connection_that_died_while_idle_is_replaced(
    postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_IDLE_SECONDS", 0.0)
    engines.engine().dispose()  # So that there is one connection in the pool, and no other.
    lost = backend()
    end(postgresql_database, lost)

    assert backend() != lost


def test_after_one_refusal_no_dead_connection_is_left(
    postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_IDLE_SECONDS", 60.0)
    engines.engine().dispose()  # So that there is one connection in the pool, and no other.
    lost = backend()
    end(postgresql_database, lost)

    # Used a moment ago, it is not asked whether it lives: the unit of work fails and keeps nothing.
    with pytest.raises(Unavailable):
        backend()

    assert backend() != lost


def test_an_error_names_its_statement_without_what_was_written(database: str) -> None:
    assert database

    with pytest.raises(DatabaseError) as failure, unit_of_work() as connection:
        connection.execute(text("INSERT INTO nothing VALUES (:code)"), {"code": "secret 7"})

    assert "secret" not in str(failure.value)


def backend() -> int:
    """The server process behind the connection that the pool hands out."""
    with unit_of_work() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def end(address: str, process_id: int) -> None:
    """Break a connection from the server's side, as a restart of the server does."""
    rival = engines.build(address)
    with rival.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:id, 5000)"), {"id": process_id})
    rival.dispose()
