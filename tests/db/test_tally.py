"""The tally is what counting gives, whatever is written by whomever at the same time (R072)."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import Connection, delete, func, select, text, update

from assure_app.billing.list_verification import differences
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import client, invoice, invoice_line, invoice_tally
from tests.factories import MOMENT, make_client, make_firm, make_invoice
from tests.support.desk import Desk

TODAY = date(2026, 5, 22)
WRITERS = 6
Write = Callable[[Connection, Random, int], None]


def settle(connection: Connection, random: Random, invoice_id: int) -> None:
    settled_cents = random.choice((0, 40_000, 100_000))
    connection.execute(
        update(invoice)
        .where(invoice.c.id == invoice_id, invoice.c.stage.in_(["open", "paid"]))
        .values(
            settled_cents=settled_cents,
            balance_cents=100_000 - settled_cents,
            stage="paid" if settled_cents == 100_000 else "open",
        )
    )


def postpone(connection: Connection, random: Random, invoice_id: int) -> None:
    due_on = TODAY + timedelta(days=random.randint(-2, 2))
    change(connection, invoice_id, due_on=due_on)


def look(connection: Connection, random: Random, invoice_id: int) -> None:
    change(connection, invoice_id, viewed_at=random.choice((None, MOMENT)))


def fail(connection: Connection, random: Random, invoice_id: int) -> None:
    change(connection, invoice_id, is_autopay_failed=random.random() < 0.5)


def cancel(connection: Connection, random: Random, invoice_id: int) -> None:
    change(connection, invoice_id, stage="cancelled", cancelled_at=MOMENT)


def everything_at_once(connection: Connection, random: Random, invoice_id: int) -> None:
    connection.execute(
        update(invoice).where(invoice.c.id % 3 == invoice_id % 3).values(due_on=TODAY)
    )


WRITES: tuple[Write, ...] = (settle, settle, postpone, look, fail, cancel)


def change(connection: Connection, invoice_id: int, **values: object) -> None:
    connection.execute(update(invoice).where(invoice.c.id == invoice_id).values(**values))


def told() -> list[str]:
    with reading() as connection:
        return list(differences(connection))


@pytest.mark.parametrize("seed", range(3))
def test_it_follows_whatever_is_written(database: str, seed: int) -> None:
    random = Random(seed)
    with unit_of_work() as connection:
        clients = [make_client(connection, make_firm(connection)) for _ in range(2)]
    made: list[int] = []
    for _ in range(12):
        is_draft = random.random() < 0.2
        with unit_of_work() as connection:
            made.append(make_invoice(connection, random.choice(clients), draft=is_draft))
            for _ in range(4):
                write = random.choice((*WRITES, everything_at_once))
                write(connection, random, random.choice(made))
            drafts = select(invoice.c.id).where(invoice.c.stage == "draft")
            for gone in connection.execute(drafts.limit(1)).scalars().all():
                connection.execute(delete(invoice_line).where(invoice_line.c.invoice_id == gone))
                connection.execute(delete(invoice).where(invoice.c.id == gone))
                made.remove(gone)

        assert told() == []


def test_what_is_rolled_back_is_not_counted(desk: Desk) -> None:
    desk.invoice()

    def give_up() -> None:
        with unit_of_work() as connection:
            connection.execute(update(invoice).values(stage="cancelled", cancelled_at=MOMENT))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        give_up()

    assert told() == []


def test_it_follows_writers_at_the_same_time(desk: Desk) -> None:
    with unit_of_work() as connection:
        made = [make_invoice(connection, desk.client_id) for _ in range(12)]
    barrier = threading.Barrier(WRITERS)
    failures: list[BaseException] = []

    def write(seed: int) -> None:
        random = Random(seed)
        barrier.wait()
        try:
            for _ in range(12):
                with unit_of_work() as connection:
                    random.choice(WRITES)(connection, random, random.choice(made))
        except BaseException as error:  # noqa: BLE001 - told by the test itself
            failures.append(error)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert told() == []


def test_rows_of_one_key_melt_into_one(postgresql_database: str) -> None:
    with unit_of_work() as connection:
        client_id = make_client(connection, make_firm(connection))
        for _ in range(20):
            make_invoice(connection, client_id)
        change(connection, 1, stage="cancelled", cancelled_at=MOMENT)

    with unit_of_work() as connection:
        connection.execute(text("SELECT invoice_tally_melt(1)"))

    with reading() as connection:
        kept = connection.execute(
            select(invoice_tally.c.standing, invoice_tally.c.invoices).order_by("standing")
        ).all()
    assert [tuple(row) for row in kept] == [("cancelled", 1), ("sent", 19)]
    assert told() == []


def test_melting_while_others_write_loses_nothing(postgresql_database: str) -> None:
    with unit_of_work() as connection:
        client_id = make_client(connection, make_firm(connection))
        made = [make_invoice(connection, client_id) for _ in range(6)]
    barrier = threading.Barrier(4)

    def write(seed: int) -> None:
        random = Random(seed)
        barrier.wait()
        for _ in range(20):
            with unit_of_work() as connection:
                postpone(connection, random, random.choice(made))
                connection.execute(text("SELECT invoice_tally_melt(1)"))

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told() == []
    with reading() as connection:
        counted = connection.execute(select(func.sum(invoice_tally.c.invoices))).scalar_one()
    assert counted == 6


def test_a_renamed_client_is_renamed_in_the_list(desk: Desk) -> None:
    number = desk.invoice()

    with unit_of_work() as connection:
        connection.execute(
            update(client).where(client.c.id == desk.client_id).values(name="Patel & Sons")
        )

    assert desk.stored(number)["client_name"] == "Patel & Sons"
    assert told() == []
