"""Reminding: a day's run takes what its reminders take, whatever the number of open invoices.

Each size is run by a process of its own, whose peak memory is asked of the system. One invoice in
forty has a step that day. The floor is what a reminder leaves behind, written as bare rows.
"""

import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta

from rich.table import Table
from sqlalchemy import insert, select

from assure_app.billing import activity, reminder_plans, reminders
from assure_app.billing.stripe_sweep import Swept
from assure_app.db import engine
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.reminders import Plan
from assure_app.models.tables import client, contact, invoice, mail_message, reminder
from bench.databases import NAMES, durable
from bench.memory import peak_megabytes
from tests.factories import make_invoice
from tests.support.desk import Desk, open_desk

SIZES = (1_000, 10_000, 100_000)
DAYS = 200
CLIENTS = 500
FLOOR_ROUNDS = 200
_FIRST_DUE = date(2026, 2, 1)
_DAY = datetime(2026, 5, 12, 13, 0, tzinfo=UTC)
_LOADED_AT_ONCE = 5_000


def measure() -> Table:
    """Both databases and each size: reminders a second, and the peak of the process's memory."""
    table = Table(title="A day's reminders (aims: linear in reminders, flat in open invoices)")
    for heading in (
        *("Database", "Open invoices", "New plan ms", "Reminders", "Run s", "Reminders /s"),
        *("Bare rows /s", "Nothing due ms", "Peak MB"),
    ):
        table.add_column(heading, justify="left" if heading == "Database" else "right")
    for name in NAMES:
        for size in SIZES:
            with durable(name) as address:
                table.add_row(name, f"{size:,}", *_in_a_process(address, size))
    return table


def _in_a_process(address: str, size: int) -> list[str]:
    command = [sys.executable, "-m", "bench.reminders", address, str(size)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  ours
    return told.stdout.split()


def _fill(desk: Desk, size: int) -> None:
    with unit_of_work() as connection:
        make_invoice(connection, desk.client_id)
        row = connection.execute(select(invoice)).mappings().one()
        made = {name: row[name] for name in row if not invoice.c[name].computed}
        firm_id = desk.jane.firm_id
        known = {"firm_id": firm_id, "created_at": desk.now}
        ids = range(1_000, 1_000 + CLIENTS)
        connection.execute(insert(client), [{"id": i, "name": f"C {i}"} | known for i in ids])
        people = [
            {"client_id": i, "name": "Pat", "email": f"c{i}@client.example", "role": "owner"}
            for i in ids
        ]
        connection.execute(insert(contact), people)
    for first in range(0, size, _LOADED_AT_ONCE):
        rows = [
            made
            | {
                "id": 10 + serial,
                "client_id": 1_000 + serial % CLIENTS,
                "number": f"R-{serial}",
                "due_on": _FIRST_DUE + timedelta(days=serial % DAYS),
                "pay_token": f"link-{serial}",
                "opened_at": _DAY - timedelta(days=100),
                "sent_at": _DAY - timedelta(days=100),
            }
            for serial in range(first, min(size, first + _LOADED_AT_ONCE))
        ]
        with unit_of_work() as connection:
            connection.execute(insert(invoice), rows)


def _run(address: str, size: int) -> None:
    engine.configure(address)
    desk = open_desk()
    _fill(desk, size)
    plan = Plan(is_on=True)
    began = time.perf_counter()
    with unit_of_work() as connection:
        before = _DAY - timedelta(hours=22)
        reminder_plans.save(connection, desk.jane.firm_id, None, plan, now=before)
    planned = time.perf_counter()
    count = sum(each.firm_id is not None for each in iter(_next, None))
    ended = time.perf_counter()
    for _ in range(20):
        _next()
    looked = time.perf_counter()
    figures = (
        f"{(planned - began) * 1000:.1f}",
        f"{count:,}",
        f"{ended - planned:.1f}",
        f"{count / (ended - planned):,.0f}",
        f"{_floor(desk):,.0f}",
        f"{(looked - ended) / 20 * 1000:.2f}",
        f"{peak_megabytes()}",
    )
    sys.stdout.write(" ".join(figures))


def _next() -> Swept | None:
    return reminders.remind_next(now=_DAY)


def _floor(desk: Desk) -> float:
    """The three rows of a reminder, each time in a transaction of their own."""
    with unit_of_work() as connection:
        sent = connection.execute(select(reminder).limit(1)).mappings().one()
        letter = connection.execute(select(mail_message).limit(1)).mappings().one()
    began = time.perf_counter()
    for each in range(FLOOR_ROUNDS):
        with unit_of_work() as connection:
            again = {"id": 1_000_000 + each, "step_days": 100 + each}
            connection.execute(insert(reminder), {**sent, **again})
            message_id = f"<floor-{each}@localhost>"
            new = {"id": 1_000_000 + each, "message_id": message_id}
            connection.execute(insert(mail_message), {**letter, **new})
            activity.append(
                connection,
                firm_id=desk.jane.firm_id,
                invoice_id=sent["invoice_id"],
                at=desk.now,
                text="Reminder sent",
                actor="System",
            )
    return FLOOR_ROUNDS / (time.perf_counter() - began)


if __name__ == "__main__":
    _run(sys.argv[1], int(sys.argv[2]))
