"""Money on a schedule: invoices generated and methods charged, against their floors; and one night.

The floors write the same rows by bare SQLAlchemy Core over one kept connection, in as many
transactions, and nothing else: they read nothing, and copy what ours wrote of one. Stripe's answers
come from memory on either side. A night is measured in a process of its own.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from rich.table import Table
from sqlalchemy import Connection, insert, select, update
from sqlalchemy import Table as Rows

from assure_app.billing import autopay, schedules_run
from assure_app.billing.checkouts import METADATA_KEY
from assure_app.db import engine as engines
from assure_app.db.engine import WRITES, engine
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import start_of
from assure_app.domain.hash_chain import GENESIS
from assure_app.models import tables
from assure_app.stripe_gateway import payment_intents
from assure_app.worker.periodic import BY_NAME, do_all_due
from bench.databases import NAMES, durable
from bench.memory import peak_megabytes
from bench.rounds import Deed, Round, median, ratio, take_turns
from tests.support.autopay import AutopayDesk, open_autopay_desk
from tests.support.desk import Desk, open_desk
from tests.support.fake_stripe import FakeStripe
from tests.support.online import open_pay_desk
from tests.support.scheduling import make_contact

ROUNDS = 5
SCHEDULES = 10_000
BATCHES_PER_ROUND = 8
CHARGES_PER_ROUND = 60
NIGHTS = (1_000, 10_000, 100_000)
RATIO_AIM = 0.5
_DAY = date(2026, 5, 31)
_ZONE = "America/New_York"
_NIGHT = datetime(2026, 5, 31, 12, tzinfo=UTC)
_BY_NIGHT = ("schedules", "auto-pay", "overdue", "reminders", "expiring-cards", "tidying")
_EACH_ANEW = {
    "number": "B-{}",
    "pay_token": "bench {}",
    "message_id": "<{}@bench.example>",
    "about": "bench {}",
    "token": "bench {}",
    "idempotency_key": "bench {}",
    "form_token": "bench {}",
    "stripe_charge_id": "ch_bench_{}",
    "stripe_payment_intent_id": "pi_bench_{}",
}
_serial = count(10**9)


def measure(most: int) -> Iterable[Table]:
    """A firm of 10,000 schedules on both databases, then nights of so many open invoices."""
    yield _against_floors()
    yield _nights(most)


def _against_floors() -> Table:
    table = Table(
        title=f"A firm of {SCHEDULES:,} schedules, against bare rows (aim: ratio {RATIO_AIM})"
    )
    for heading in ("Database", "What", "Floor /s", "Ours /s", "Ratio"):
        is_text = heading in {"Database", "What"}
        table.add_column(heading, justify="left" if is_text else "right")
    for name in NAMES:
        for what, contest in (("generated", _generating), ("charged", _charging)):
            with durable(name), FakeStripe().installed() as stripe:
                table.add_row(name, what, *contest(stripe))
    return table


def _generating(_stripe: FakeStripe) -> tuple[str, ...]:
    desk = open_desk()
    make_contact(desk.client_id)
    _add_schedules(desk, SCHEDULES)
    made = _Copies(
        (tables.invoice, tables.invoice_line, tables.search_key, tables.activity),
        (tables.mail_message,),
    )
    made.watch(lambda: schedules_run.generate_next(now=_NIGHT), every=schedules_run.AT_ONCE)
    return _contest(
        ours=lambda: schedules_run.generate_next(now=_NIGHT),
        floor=partial(made.write, schedules_run.AT_ONCE),
        deeds=BATCHES_PER_ROUND,
        each=schedules_run.AT_ONCE,
    )


def _charging(stripe: FakeStripe) -> tuple[str, ...]:
    desk = open_autopay_desk(open_pay_desk(open_desk(), stripe))
    desk.save()
    _add_schedules(desk.pay.desk, SCHEDULES)
    desk.invoice()
    made = _Copies(
        (tables.checkout, tables.payment, tables.activity),
        (tables.mail_message, tables.notification),
    )
    made.watch(lambda: autopay.charge_next(now=desk.now), every=1)
    method_id = next(iter(stripe.methods))

    def ours() -> Sequence[Sequence[Deed]]:
        for _ in range(CHARGES_PER_ROUND):
            desk.invoice()
        return [[partial(autopay.charge_next, now=desk.now)] * CHARGES_PER_ROUND]

    def floor() -> Sequence[Sequence[Deed]]:
        desk.switch(on=False)  # What the floor writes on is no work for auto-pay.
        numbers = [desk.invoice() for _ in range(CHARGES_PER_ROUND)]
        deeds = [
            partial(_charge_bare, desk, made, method_id, desk.pay.desk.stored(each))
            for each in numbers
        ]
        desk.switch(on=True)
        _end_autopay()
        return [deeds]

    return _figures(take_turns({"floor": floor, "ours": ours}, rounds=ROUNDS), each=1)


def _end_autopay() -> None:
    """Whatever is due now is the floor's: auto-pay leaves it alone."""
    due = tables.autopay.c.due_at.is_not(None)
    with unit_of_work() as connection:
        connection.execute(update(tables.autopay).where(due).values(due_at=None))


def _charge_bare(desk: AutopayDesk, made: "_Copies", method_id: str, paid: dict[str, Any]) -> None:
    """The asking committed, Stripe asked, and the answer's rows committed."""
    asking, *others = made.rows
    new = {"state": "new", "closed_at": None, "payment_intent_id": None, "asked_at": None}
    with made.connection.begin():
        of_invoice = {"invoice_id": paid["id"], "due_at": desk.now}
        asking_id = made.insert(asking[0], asking[1] | new | of_invoice)
    payment_intents.charge_off_session(
        asking[1]["account_id"],
        amount_cents=asking[1]["amount_cents"],
        currency="usd",
        customer_id=desk.customer_id,
        method_id=method_id,
        method_kind="card",
        description=asking[1]["description"],
        metadata={METADATA_KEY: f"bench {next(_serial)}"},
        idempotency_key=f"bench {next(_serial)}",
    )
    with made.connection.begin():
        made.insert_all(others, invoice_id=paid["id"], checkout_id=asking_id)
        settled = {"settled_cents": 100_000, "balance_cents": 0, "stage": "paid", "version": 2}
        of_invoice = tables.invoice.c.id == paid["id"]
        made.connection.execute(update(tables.invoice).where(of_invoice).values(settled))
        done = {"state": "completed", "closed_at": desk.now, "due_at": None}
        asked = tables.checkout.c.id == asking_id
        made.connection.execute(update(tables.checkout).where(asked).values(done))


class _Copies:
    """Writes what one act wrote once more, each key anew, over one kept connection."""

    def __init__(self, *groups: Sequence[Rows]) -> None:
        self.tables = [table for group in groups for table in group]
        self.rows: list[tuple[Rows, dict[str, Any]]] = []
        self._kept: Connection | None = None

    @property
    def connection(self) -> Connection:
        """The one connection; made in the thread that writes."""
        if self._kept is None:
            self._kept = engine().connect().execution_options(**WRITES)
        return self._kept

    def watch(self, act: Callable[[], object], *, every: int) -> None:
        """Do the act for real, and keep what it wrote of the last of `every` things."""
        before = {table.name: _rows_of(table) for table in self.tables}
        act()
        for table in self.tables:
            new = _rows_of(table)[len(before[table.name]) :]
            self.rows += [(table, row) for row in new[-(len(new) // every) :]]

    def write(self, times: int) -> None:
        """The rows so many times, in one transaction."""
        with self.connection.begin():
            for _ in range(times):
                (table, first), *others = self.rows
                free = {"schedule_id": None, "period_on": None}
                invoice_id = self.insert(table, first | free)
                self.insert_all(others, invoice_id=invoice_id)
                bare = update(tables.schedule).where(tables.schedule.c.id == 1)
                self.connection.execute(bare.values(problem=f"{invoice_id}"))

    def insert_all(self, rows: Iterable[tuple[Rows, dict[str, Any]]], **of: int) -> None:
        """The rows as those of another invoice, whose timeline begins with them."""
        position, last_hash, payment_id = 0, GENESIS, None
        for table, row in rows:
            new = row | {name: value for name, value in of.items() if name in row}
            if table is tables.activity:
                position += 1
                new |= {"position": position, "previous_hash": last_hash}
                new["payment_id"] = payment_id if row["payment_id"] else None
                new["hash"] = last_hash = f"{next(_serial):064d}"
            written = self.insert(table, new)
            payment_id = written if table is tables.payment else payment_id

    def insert(self, table: Rows, row: dict[str, Any]) -> int:
        """One row with an id and names of its own."""
        serial = next(_serial)
        fresh = {
            name: each.format(serial)
            for name, each in _EACH_ANEW.items()
            if row.get(name) is not None
        }
        if table is tables.search_key:
            fresh = {"key": f"B-{serial}"}
        written = self.connection.execute(insert(table), row | fresh)
        key = written.inserted_primary_key
        return int(key[0]) if key and isinstance(key[0], int) else 0


def _rows_of(table: Rows) -> list[dict[str, Any]]:
    """Every row without what the database makes itself."""
    made = {column.name for column in table.c if column.computed is not None} | {"id"}
    with reading() as connection:
        found = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        return [{name: row[name] for name in row if name not in made} for row in found]


def _add_schedules(desk: Desk, how_many: int, *, first_id: int = 1) -> None:
    common = {
        "firm_id": desk.jane.firm_id,
        "client_id": desk.client_id,
        "owner_id": desk.jane.user_id,
        "title": "Monthly bookkeeping",
        "frequency": "Monthly",
        "first_on": _DAY,
        "anchor_day": 31,
        "next_on": _DAY,
        "due_at": start_of(_DAY, _ZONE),
        "due_days": 14,
        "sends_itself": True,
        "total_cents": 100_000,
        "status": "Active",
        "generated_count": 0,
        "problem": "",
        "version": 0,
        "form_hash": "",
        "created_at": desk.now,
    }
    line = {
        "position": 1,
        "description": "Bookkeeping",
        "quantity_thousandths": 1000,
        "unit_price_cents": 100_000,
        "amount_cents": 100_000,
        "tax_rate_thousandths": 0,
        "tax_cents": 0,
    }
    ids = range(first_id, first_id + how_many)
    with unit_of_work() as connection:
        schedules = [common | {"id": each, "form_token": f"bench {each}"} for each in ids]
        connection.execute(insert(tables.schedule), schedules)
        lines = [line | {"schedule_id": each} for each in ids]
        connection.execute(insert(tables.schedule_line), lines)


def _contest(*, ours: Deed, floor: Deed, deeds: int, each: int) -> tuple[str, ...]:
    contestants = {"floor": lambda: [[floor] * deeds], "ours": lambda: [[ours] * deeds]}
    return _figures(take_turns(contestants, rounds=ROUNDS), each=each)


def _figures(results: dict[str, list[Round]], *, each: int) -> tuple[str, ...]:
    floor, ours = results["floor"], results["ours"]
    return (
        f"{each * median(floor, _per_second):,.0f}",
        f"{each * median(ours, _per_second):,.0f}",
        f"{ratio(ours, floor, _per_second):.2f}",
    )


def _per_second(one: Round) -> float:
    return one.per_second


def _nights(most: int) -> Table:
    table = Table(
        title="One night: all open invoices fall overdue, one schedule for every ten of them is due"
    )
    for heading in ("Database", "Open", "Seconds", "ms each", "Peak MB", "Grew MB"):
        table.add_column(heading, justify="left" if heading == "Database" else "right")
    for name in NAMES:
        for size in (each for each in NIGHTS if each <= most):
            with durable(name) as address:
                command = [sys.executable, "-m", "bench.schedules", address, str(size)]
                told = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  ours
            table.add_row(name, f"{size:,}", *told.stdout.split())
    return table


def _night(address: str, size: int) -> None:
    engines.configure(address)
    desk = open_desk()
    make_contact(desk.client_id)
    _add_schedules(desk, size // 10)
    _add_open_invoices(desk, size)
    before = peak_megabytes()
    began = time.perf_counter()
    for name in _BY_NIGHT:
        do_all_due(BY_NAME[name], now=lambda: _NIGHT)
    lasted = time.perf_counter() - began
    _require_done(size)
    peak = peak_megabytes()
    figures = (f"{lasted:.1f}", f"{1000 * lasted / size:.1f}", f"{peak}", f"{peak - before}")
    sys.stdout.write(" ".join(figures))


def _add_open_invoices(desk: Desk, how_many: int) -> None:
    common = {
        "firm_id": desk.jane.firm_id,
        "client_id": desk.client_id,
        "client_name": "Patel Family",
        "title": "Advice",
        "issued_on": _DAY - timedelta(days=15),
        "due_on": _DAY - timedelta(days=1),
        "total_cents": 100_000,
        "balance_cents": 100_000,
        "stage": "open",
        "created_at": desk.now,
        "sent_at": desk.now,
        "opened_at": desk.now,
    }
    for first in range(0, how_many, 1_000):
        with unit_of_work() as connection:
            connection.execute(
                insert(tables.invoice),
                [
                    common | {"number": f"N-{each}"}
                    for each in range(first, min(first + 1_000, how_many))
                ],
            )


def _require_done(size: int) -> None:
    """A night that left something undone was measured in vain."""
    with reading() as connection:
        made = connection.execute(
            select(tables.invoice.c.id).where(tables.invoice.c.schedule_id.is_not(None))
        ).all()
        late = select(tables.activity.c.id).where(tables.activity.c.text.contains("verdue"))
        noted = connection.execute(late).all()
    if len(made) != size // 10 or len(noted) < size:
        raise RuntimeError(f"Of {size} only {len(made)} were made and {len(noted)} noted.")


if __name__ == "__main__":
    _night(sys.argv[1], int(sys.argv[2]))
