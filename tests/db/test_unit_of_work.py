"""The unit of work: all or nothing, one writer at a time, and served in turn."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from assure_app.db import engine as engines
from assure_app.db.unit_of_work import FairLock, reading, unit_of_work
from assure_app.domain.errors import Busy
from assure_app.models.tables import firm
from tests.factories import make_firm
from tests.support.waiting import WAIT_SECONDS


@pytest.fixture
def firm_ids(database: str) -> tuple[int, int]:
    """Two firms whose next invoice number is 0."""
    with unit_of_work() as connection:
        return (
            make_firm(connection, next_invoice_number=0),
            make_firm(connection, next_invoice_number=0),
        )


def test_increments_by_many_threads_are_all_kept(firm_ids: tuple[int, int]) -> None:
    everyone_is_here = threading.Barrier(8)

    def increment_fifty_times(_thread: int) -> None:
        everyone_is_here.wait(timeout=WAIT_SECONDS)
        for _ in range(50):
            with unit_of_work() as connection:
                increment(connection, firm_ids[0])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(increment_fifty_times, range(8)))

    assert number_of(firm_ids[0]) == 400


def test_nothing_stays_of_a_block_that_raises(firm_ids: tuple[int, int]) -> None:
    def increment_and_fail() -> None:
        with unit_of_work() as connection:
            increment(connection, firm_ids[0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        increment_and_fail()

    assert number_of(firm_ids[0]) == 0
    with unit_of_work() as connection:
        increment(connection, firm_ids[0])
    assert number_of(firm_ids[0]) == 1


def test_a_refusal_of_the_database_stays_one(firm_ids: tuple[int, int]) -> None:
    with pytest.raises(IntegrityError), unit_of_work() as connection:
        make_firm(connection, id=firm_ids[0])


def test_reading_keeps_nothing(firm_ids: tuple[int, int]) -> None:
    with reading() as connection:
        if connection.dialect.name == "postgresql":
            with pytest.raises(DBAPIError, match="read-only"):
                increment_unlocked(connection, firm_ids[0])
        else:
            increment_unlocked(connection, firm_ids[0])

    assert number_of(firm_ids[0]) == 0


def test_reading_sees_one_moment(firm_ids: tuple[int, int]) -> None:
    query = select(firm.c.next_invoice_number).where(firm.c.id == firm_ids[0])
    with reading() as connection:
        assert connection.execute(query).scalar_one() == 0
        with unit_of_work() as writer:
            increment(writer, firm_ids[0])
        assert connection.execute(query).scalar_one() == 0

    assert number_of(firm_ids[0]) == 1


def test_a_lock_held_by_another_process_is_busy(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_BUSY_MILLISECONDS", 20)
    engines.configure(sqlite_database)
    rival = sqlite3.connect(make_url(sqlite_database).database or "", isolation_level=None)
    rival.execute("BEGIN IMMEDIATE")

    with pytest.raises(Busy), unit_of_work():
        pytest.fail("the write lock was held by somebody else")

    rival.close()
    with unit_of_work() as connection:
        make_firm(connection)


def test_a_deadlock_is_busy(postgresql_database: str) -> None:
    with unit_of_work() as connection:
        first, second = make_firm(connection), make_firm(connection)
    both_hold_one = threading.Barrier(2)

    def increment_both(order: tuple[int, int]) -> str:
        try:
            with unit_of_work() as connection:
                increment(connection, order[0])
                both_hold_one.wait(timeout=WAIT_SECONDS)
                increment(connection, order[1])
        except Busy:
            return "busy"
        return "done"

    with ThreadPoolExecutor(2) as threads:
        outcomes = list(threads.map(increment_both, [(first, second), (second, first)]))

    assert sorted(outcomes) == ["busy", "done"]
    assert number_of(first) == number_of(second) == 1002


def test_another_failure_is_not_busy(database: str) -> None:
    with pytest.raises(DBAPIError), unit_of_work() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")


def test_an_operational_error_that_is_no_lock_is_passed_on(sqlite_database: str) -> None:
    with pytest.raises(OperationalError, match="no such table"), unit_of_work() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")


def test_the_lock_serves_in_the_order_of_coming() -> None:
    lock, served = FairLock(), list[int]()

    def wait_for_turn(number: int) -> None:
        with lock:
            served.append(number)

    waiters = [threading.Thread(target=wait_for_turn, args=(number,)) for number in range(20)]
    with lock:
        for count, waiter in enumerate(waiters, start=1):
            waiter.start()
            wait_for_waiters(lock, count)
    for waiter in waiters:
        waiter.join(timeout=WAIT_SECONDS)

    assert served == list(range(20))


def test_the_lock_is_free_after_an_error() -> None:
    lock = FairLock()
    with pytest.raises(ZeroDivisionError), lock:
        raise ZeroDivisionError

    with lock:
        assert lock._is_held
    assert not lock._is_held


def test_sqlite_is_set_up_for_money(sqlite_database: str) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    engines.configure(sqlite_database)  # That of the tests does not wait for the disk.

    with reading() as connection:
        actual = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted
        }

    assert actual == wanted


def increment(connection: Connection, firm_id: int) -> None:
    """Read, then write what follows from it: the pattern that loses updates without a lock."""
    query = select(firm.c.next_invoice_number).where(firm.c.id == firm_id).with_for_update()
    number = connection.execute(query).scalar_one()
    connection.execute(
        update(firm).where(firm.c.id == firm_id).values(next_invoice_number=number + 1)
    )


def increment_unlocked(connection: Connection, firm_id: int) -> None:
    connection.execute(
        update(firm)
        .where(firm.c.id == firm_id)
        .values(next_invoice_number=firm.c.next_invoice_number + 1)
    )


def number_of(firm_id: int) -> int:
    with reading() as connection:
        query = select(firm.c.next_invoice_number).where(firm.c.id == firm_id)
        return int(connection.execute(query).scalar_one())


def wait_for_waiters(lock: FairLock, count: int) -> None:
    """Wait until so many threads are queued."""
    deadline = time.monotonic() + WAIT_SECONDS
    while len(lock._waiters) < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)
