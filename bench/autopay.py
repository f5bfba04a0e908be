"""Charges of auto-pay, and what invoices that wait for their day cost it.

The floor asks the same Stripe from memory and writes the same rows by SQLAlchemy Core, in one
transaction, reading and deciding nothing. What a charge takes must not grow with the invoices that
are open beside it, and neither may what is held in memory.
"""

import tracemalloc
from datetime import date, timedelta
from itertools import count
from time import perf_counter
from typing import Any

from rich.table import Table
from sqlalchemy import insert, select, update

from assure_app.billing import autopay
from assure_app.db.engine import WRITES, engine
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import activity, checkout, invoice, payment
from assure_app.models.tables import autopay as autopay_rows
from assure_app.stripe_gateway import payment_intents
from bench.databases import NAMES, durable
from tests.factories import make_invoice
from tests.support.autopay import AutopayDesk, open_autopay_desk
from tests.support.desk import open_desk
from tests.support.fake_stripe import CHEN, FakeStripe
from tests.support.online import open_pay_desk

SIZES = (1_000, 10_000, 100_000)
CHARGES = 60
LATER = date(2027, 5, 31)
_serial = count(1)


def measure(most: int = SIZES[-1]) -> Table:
    """Both databases, with more and more invoices that wait for their day."""
    table = Table(title="Auto-pay: charges per second beside invoices that wait for their day")
    for heading in ("Database", "Waiting", "Floor /s", "Ours /s", "Ratio", "Memory MB"):
        table.add_column(heading, justify="left" if heading == "Database" else "right")
    for name in NAMES:
        with durable(name), FakeStripe().installed() as stripe:
            desk = open_autopay_desk(open_pay_desk(open_desk(), stripe))
            desk.save()
            waiting = 0
            for size in (each for each in SIZES if each <= most):
                _wait(desk, size - waiting)
                waiting = size
                table.add_row(name, f"{size:,}", *_figures(desk))
    return table


def _figures(desk: AutopayDesk) -> tuple[str, ...]:
    written = _rows_of_one(desk)
    ours = CHARGES / _seconds(desk)
    bare = [int(desk.pay.desk.stored(desk.pay.invoice())["id"]) for _ in range(CHARGES)]
    began = perf_counter()
    for each in bare:
        written.write(desk, each)
    floor = CHARGES / (perf_counter() - began)
    tracemalloc.start()  # Only now: it takes time by itself.
    _seconds(desk)
    megabytes = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return f"{floor:,.0f}", f"{ours:,.0f}", f"{ours / floor:.2f}", f"{megabytes:.1f}"


def _seconds(desk: AutopayDesk) -> float:
    """How long it takes to charge so many invoices that fell due."""
    numbers = [desk.invoice() for _ in range(CHARGES)]
    began = perf_counter()
    while autopay.charge_next(now=desk.now):
        pass
    taken = perf_counter() - began
    if any(desk.pay.desk.stored(number)["stage"] != "paid" for number in numbers):
        raise RuntimeError("Auto-pay left something unpaid.")
    return taken


def _wait(desk: AutopayDesk, number: int) -> None:
    """So many more invoices that auto-pay has looked at and that are due next year."""
    with unit_of_work() as connection:
        first = make_invoice(
            connection,
            desk.pay.desk.client_id,
            engagement_id=desk.engagement_id,
            due_on=LATER,
            number=f"W-{next(_serial)}",
        )
        row = dict(
            connection.execute(select(invoice).where(invoice.c.id == first)).mappings().one()
        )
        for name in ("id", "standing", "open_balance_cents", "number_length"):
            del row[name]
        copies = (
            row | {"number": f"W-{next(_serial)}", "pay_token": f"w{next(_serial)}"}
            for _ in range(number - 1)
        )
        while block := [each for each, _ in zip(copies, range(1_000), strict=False)]:
            connection.execute(insert(invoice), block)
        connection.execute(
            update(autopay_rows)
            .where(autopay_rows.c.due_at <= desk.now)
            .values(due_at=desk.now + timedelta(days=365))
        )


def _rows_of_one(desk: AutopayDesk) -> "_Written":
    """What one charge leaves behind, to be written again without a thought."""
    number = desk.invoice()
    desk.work()
    with reading() as connection:
        found = connection.execute(select(invoice).where(invoice.c.number == number)).mappings()
        paid = dict(found.one())
        rows = {
            table.name: [
                {name: value for name, value in row.items() if name != "id"}
                for row in connection.execute(
                    select(table).where(table.c.invoice_id == paid["id"]).order_by(table.c.id)
                ).mappings()
            ]
            for table in (checkout, payment, activity)
        }
    return _Written(paid, rows)


class _Written:
    """The rows of one charge, and how they are written for another invoice."""

    def __init__(self, paid: dict[str, Any], rows: dict[str, list[dict[str, Any]]]) -> None:
        self._rows = rows
        names = ("balance_cents", "settled_cents", "stage")
        self._figures = {name: paid[name] for name in names}

    def write(self, desk: AutopayDesk, invoice_id: int) -> None:
        """Ask Stripe, and write what a charge leaves behind, in two bare transactions."""
        serial = next(_serial)
        tokens = ("token", "idempotency_key", "form_token")
        asking = self._rows["checkout"][0] | dict.fromkeys(tokens, f"floor {serial}")
        own = {"invoice_id": invoice_id}
        with engine().connect().execution_options(**WRITES) as held, held.begin():
            new = asking | own | {"state": "new", "payment_intent_id": None}
            made = held.execute(insert(checkout), new)
            (asking_id,) = made.inserted_primary_key or (0,)
        payment_intents.charge_off_session(
            CHEN,
            amount_cents=asking["amount_cents"],
            currency="usd",
            customer_id=desk.customer_id,
            method_id=next(iter(desk.pay.stripe.methods)),
            method_kind="card",
            description="Invoice",
            metadata={},
            idempotency_key=f"floor {serial}",
        )
        with engine().connect().execution_options(**WRITES) as held, held.begin():
            row = self._rows["payment"][0] | own
            charged = {"checkout_id": asking_id, "stripe_charge_id": f"ch_floor_{serial}"}
            paid = held.execute(insert(payment), row | charged)
            (payment_id,) = paid.inserted_primary_key or (0,)
            entries = [each | own | {"payment_id": payment_id} for each in self._rows["activity"]]
            held.execute(insert(activity), entries)
            held.execute(
                update(checkout).where(checkout.c.id == asking_id).values(state="completed")
            )
            held.execute(update(invoice).where(invoice.c.id == invoice_id).values(self._figures))
