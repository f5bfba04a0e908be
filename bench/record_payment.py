"""`record_payment` against its floor: the same rows in the same tables, written and nothing else.

The floor checks nothing, reads nothing and remembers in Python what the hash chain needs; triggers,
constraints and durability are the database's own and therefore the same.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from functools import partial
from itertools import count

from rich.table import Table
from sqlalchemy import Connection, bindparam, insert, select, update

from assure_app.billing.manual_payments import PaymentForm, record_payment
from assure_app.db.engine import WRITES, engine
from assure_app.db.unit_of_work import FairLock, reading, unit_of_work
from assure_app.domain.hash_chain import GENESIS
from assure_app.models.tables import activity, invoice, payment
from bench.databases import NAMES, durable
from bench.rounds import Deed, Round, median, ratio, take_turns
from tests.factories import make_invoice
from tests.support.desk import Desk, open_desk

ROUNDS = 7
PAYMENTS_PER_INVOICE = 4
PAYMENTS_PER_ROUND = {1: 160, 8: 480}
TOTAL_CENTS = 100_000
PAYMENT_CENTS = 10_000
RATIO_AIM = 0.5
P99_AIM_MILLISECONDS = 20

_INSERT_PAYMENT = insert(payment)
_INSERT_ACTIVITY = insert(activity).inline()
_UPDATE_INVOICE = update(invoice).where(invoice.c.id == bindparam("invoice_id"))
_serial = count(10**20)


def measure() -> Table:
    """Both databases, one writer and eight, as a table of ratios."""
    table = Table(
        title=f"record_payment against bare inserts (aims: ratio {RATIO_AIM} or more,"
        f" p99 under {P99_AIM_MILLISECONDS} ms with 8 writers)"
    )
    for heading in (
        "Database",
        "Writers",
        "Floor /s",
        "Ours /s",
        "Ratio",
        "p50 ms",
        "p99 ms",
        "Floor p99 ms",
    ):
        table.add_column(heading, justify="left" if heading == "Database" else "right")
    for name in NAMES:
        for writers in PAYMENTS_PER_ROUND:
            with durable(name):
                table.add_row(name, str(writers), *_contest(open_desk(), writers))
    return table


def _contest(desk: Desk, writers: int) -> tuple[str, ...]:
    each = PAYMENTS_PER_ROUND[writers] // writers
    locks: dict[str, AbstractContextManager[None]] = {"floor": nullcontext()}
    if engine().dialect.name == "sqlite":
        locks["floor, one at a time"] = FairLock()
    results = take_turns(
        {
            **{name: partial(_floor, desk, writers, each, lock) for name, lock in locks.items()},
            "ours": partial(_ours, desk, writers, each),
        },
        rounds=ROUNDS,
    )
    floor = max((results[name] for name in locks), key=lambda one: median(one, _per_second))
    ours = results["ours"]
    return (
        f"{median(floor, _per_second):,.0f}",
        f"{median(ours, _per_second):,.0f}",
        f"{ratio(ours, floor, _per_second):.2f}",
        f"{1000 * median(ours, _p50):.1f}",
        f"{1000 * median(ours, _p99):.1f}",
        f"{1000 * median(floor, _p99):.1f}",
    )


def _per_second(one: Round) -> float:
    return one.per_second


def _p50(one: Round) -> float:
    return one.p50_seconds


def _p99(one: Round) -> float:
    return one.p99_seconds


def _ours(desk: Desk, writers: int, each: int) -> list[list[Deed]]:
    return [
        [
            partial(_record, desk, number)
            for number in _invoices(desk, each)
            for _ in range(PAYMENTS_PER_INVOICE)
        ]
        for _ in range(writers)
    ]


def _record(desk: Desk, number: str) -> None:
    form = PaymentForm(amount="100.00", method="Check", date="2026-05-22", reference="4521")
    record_payment(desk.jane, number, form, form_token=str(next(_serial)), now=desk.now)


def _floor(
    desk: Desk, writers: int, each: int, lock: AbstractContextManager[None]
) -> list[list[Deed]]:
    return [_floor_of_one(desk, _invoices(desk, each), lock) for _ in range(writers)]


def _floor_of_one(
    desk: Desk, numbers: Sequence[str], lock: AbstractContextManager[None]
) -> list[Deed]:
    writer = _BareWriter(desk, lock)
    return [
        partial(writer.write, invoice_id, position)
        for invoice_id in _ids(numbers)
        for position in range(1, PAYMENTS_PER_INVOICE + 1)
    ]


class _BareWriter:
    """Writes the rows of one payment over one kept connection, which ends with the writer."""

    def __init__(self, desk: Desk, lock: AbstractContextManager[None]) -> None:
        self._lock = lock
        self._connection: Connection | None = None
        self._last_hash = GENESIS
        person = {"firm_id": desk.jane.firm_id, "user_id": desk.jane.user_id}
        self._payment = person | {
            "client_id": desk.client_id,
            "kind": "payment",
            "source": "manual",
            "method": "Check",
            "amount_cents": PAYMENT_CENTS,
            "status": "Completed",
            "reverses_id": None,
            "reason": "",
            "reference": "4521",
            "notes": "",
            "paid_by": desk.jane.name,
            "created_at": desk.now,
            "completed_at": desk.now + timedelta(hours=1),
            "fee_cents": 0,
            "failure_reason": "",
        }
        self._activity = person | {
            "at": desk.now,
            "text": "Payment $100 recorded — Check #4521",
            "actor": desk.jane.name,
        }

    def write(self, invoice_id: int, position: int) -> None:
        if self._connection is None:
            self._connection = engine().connect().execution_options(**WRITES)
        entry_hash = f"{next(_serial):064d}"
        known = {"invoice_id": invoice_id}
        new = known | {"form_token": str(next(_serial)), "form_hash": entry_hash}
        with self._lock, self._connection.begin():
            written = self._connection.execute(_INSERT_PAYMENT, self._payment | new)
            (payment_id,) = written.inserted_primary_key or (None,)
            entry = known | {
                "position": position,
                "payment_id": payment_id,
                "previous_hash": GENESIS if position == 1 else self._last_hash,
                "hash": entry_hash,
            }
            self._connection.execute(_INSERT_ACTIVITY, self._activity | entry)
            settled_cents = PAYMENT_CENTS * position
            figures = {
                "settled_cents": settled_cents,
                "balance_cents": TOTAL_CENTS - settled_cents,
                "version": position + 1,
            }
            self._connection.execute(_UPDATE_INVOICE, known | figures)
        self._last_hash = entry_hash


def _invoices(desk: Desk, payments: int) -> list[str]:
    """Fresh invoices over $1,000.00 for so many payments; a writer keeps them for itself."""
    with unit_of_work() as connection:
        ids = [
            make_invoice(connection, desk.client_id, total_cents=TOTAL_CENTS)
            for _ in range(-(-payments // PAYMENTS_PER_INVOICE))
        ]
        found = connection.execute(select(invoice.c.number).where(invoice.c.id.in_(ids)))
        return list(found.scalars())


def _ids(numbers: Sequence[str]) -> list[int]:
    with reading() as connection:
        query = select(invoice.c.id).where(invoice.c.number.in_(numbers))
        return list(connection.execute(query).scalars())
