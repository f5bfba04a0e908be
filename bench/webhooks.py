"""Stripe's callbacks, taken in and fully applied, against their floor.

The floor checks the same signature and writes the same rows by SQLAlchemy Core, and nothing else:
it reads nothing, asks nobody, and knows beforehand what the hash chain needs. Stripe's own answers
come from memory on our side, so that neither side waits for a network.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import count, product
from typing import Any

from rich.table import Table
from sqlalchemy import Table as Rows
from sqlalchemy import insert, select, update

from assure_app.billing import stripe_events
from assure_app.db.engine import WRITES, engine
from assure_app.db.unit_of_work import FairLock, reading
from assure_app.domain.hash_chain import GENESIS
from assure_app.models.tables import activity, checkout, invoice, mail_message, payment
from assure_app.models.tables import stripe_event as inbox
from assure_app.stripe_gateway import webhooks
from bench.databases import NAMES, durable
from bench.rounds import Deed, Round, median, ratio, take_turns
from tests.support.desk import open_desk
from tests.support.fake_stripe import FakeStripe
from tests.support.online import PayDesk, open_pay_desk
from tests.support.stripe_signed import event_body, signature_of

ROUNDS = 5
EVENTS_PER_ROUND = 80
THREADS = (1, 4)
RATIO_AIM = 0.5
_OF_APPLYING = (payment, activity, mail_message)
_serial = count(1)


def measure() -> Table:
    """Both databases, one thread and four, as a table of ratios."""
    table = Table(title=f"Callbacks against bare inserts (aim: ratio {RATIO_AIM} or more)")
    for heading in ("Database", "Threads", "What", "Floor /s", "Ours /s", "Ratio", "p99 ms"):
        is_text = heading in {"Database", "What"}
        table.add_column(heading, justify="left" if is_text else "right")
    for name, threads, what in product(NAMES, THREADS, (_Accepting, _Applying)):
        # A database each: what one leaves in the inbox would be the other's to apply.
        with durable(name), FakeStripe().installed() as stripe:
            desk = open_pay_desk(open_desk(), stripe)
            figures = _contest(what(desk, _rows_of_one(desk)), threads)
        table.add_row(name, str(threads), what.name, *figures)
    return table


class _Accepting:
    """Until the answer to Stripe: the event is in the inbox for good."""

    name = "accepted"

    def __init__(self, desk: PayDesk, rows: "_Written") -> None:
        self.desk = desk
        self.rows = rows

    def ours(self) -> Deed:
        body = event_body(next(_serial), account=self.rows.account_id)
        return partial(self._receive, body, signature_of(body))

    def floor(self, lock: AbstractContextManager[None]) -> Deed:
        body = event_body(next(_serial), account=self.rows.account_id)
        return partial(self._insert, body, signature_of(body), lock)

    def _receive(self, body: bytes, signature: str) -> None:
        event = webhooks.verify_webhook(body, signature, webhooks.secrets())
        stripe_events.receive(event, now=self.desk.now)

    def _insert(self, body: bytes, signature: str, lock: AbstractContextManager[None]) -> None:
        event = webhooks.verify_webhook(body, signature, webhooks.secrets())
        with lock, engine().connect().execution_options(**WRITES) as held, held.begin():
            held.execute(insert(inbox), self.rows.event | {"event_id": event.id})


class _Applying(_Accepting):
    """Until the payment stands in the ledger, its invoice, its timeline and its letter."""

    name = "applied"

    def ours(self) -> Deed:
        charge_id = self.desk.stripe.pay(self.desk.opened(self.desk.invoice()))
        body = event_body(
            next(_serial),
            account=self.rows.account_id,
            data={"object": {"id": charge_id, "object": "charge"}},
        )
        return partial(self._apply, body, signature_of(body))

    def floor(self, lock: AbstractContextManager[None]) -> Deed:
        accept = super().floor(lock)
        number = self.desk.invoice()
        self.desk.start(number)
        with reading() as connection:
            page = connection.execute(
                select(checkout.c.id, checkout.c.invoice_id).order_by(checkout.c.id.desc()).limit(1)
            ).one()
            last = connection.execute(
                select(activity.c.position, activity.c.hash)
                .where(activity.c.invoice_id == page.invoice_id)
                .order_by(activity.c.position.desc())
                .limit(1)
            ).first()
        position, last_hash = (last.position, last.hash) if last else (0, GENESIS)
        rows = self.rows.of(page.invoice_id, page.id, position=position, last_hash=last_hash)
        return partial(self._write, accept, page.id, page.invoice_id, rows, lock)

    def _apply(self, body: bytes, signature: str) -> None:
        self._receive(body, signature)
        if stripe_events.apply_next(now=self.desk.now) is None:
            raise LookupError("what was received is not there to be applied")

    def _write(
        self,
        accept: Deed,
        page_id: int,
        invoice_id: int,
        rows: list[tuple[Rows, dict[str, Any]]],
        lock: AbstractContextManager[None],
    ) -> None:
        accept()
        with lock, engine().connect().execution_options(**WRITES) as held, held.begin():
            for table, row in rows:
                held.execute(insert(table), row)
            paid = {"settled_cents": 100_000, "balance_cents": 0, "stage": "paid", "version": 2}
            held.execute(update(invoice).where(invoice.c.id == invoice_id).values(paid))
            done = {"state": "completed", "closed_at": self.desk.now, "due_at": None}
            held.execute(update(checkout).where(checkout.c.id == page_id).values(done))


class _Written:
    """What one callback wrote: the pattern of the floor's rows."""

    def __init__(self, event: dict[str, Any], rows: list[tuple[Rows, dict[str, Any]]]) -> None:
        self.event = event
        self.account_id = str(event["account_id"])
        self._rows = rows

    def of(
        self, invoice_id: int, page_id: int, *, position: int, last_hash: str
    ) -> list[tuple[Rows, dict[str, Any]]]:
        """The same rows for another invoice, whose timeline ends with this entry so far."""
        made = []
        for table, row in self._rows:
            new = row | {"invoice_id": invoice_id}
            serial = next(_serial)
            if table is payment:
                new |= {"stripe_charge_id": f"ch_floor_{serial}", "checkout_id": page_id}
            elif table is mail_message:
                new |= {"message_id": f"<{serial}@floor.example>"}
            else:
                position += 1
                new |= {"position": position, "previous_hash": last_hash, "payment_id": None}
                new["hash"] = last_hash = f"{serial:064d}"
            made.append((table, new))
        return made


def _rows_of_one(desk: PayDesk) -> _Written:
    """Apply one callback for real, and see what it wrote."""
    number = desk.invoice()
    desk.start(number)
    before = _count()
    desk.stripe.pay(desk.stripe.only_session())
    stripe_events.receive(desk.stripe.event("charge.succeeded"), now=desk.now)
    with reading() as connection:
        event = dict(connection.execute(select(inbox)).mappings().one())
    desk.work()
    rows = [(table, row) for table in _OF_APPLYING for row in _since(table, before[table.name])]
    return _Written({key: value for key, value in event.items() if key != "id"}, rows)


def _count() -> dict[str, int]:
    with reading() as connection:
        return {
            table.name: max([0, *connection.execute(select(table.c.id)).scalars()])
            for table in _OF_APPLYING
        }


def _since(table: Rows, last_id: int) -> list[dict[str, Any]]:
    with reading() as connection:
        found = connection.execute(select(table).where(table.c.id > last_id)).mappings()
        return [{key: value for key, value in row.items() if key != "id"} for row in found]


def _contest(what: _Accepting, threads: int) -> tuple[str, ...]:
    is_sqlite = engine().dialect.name == "sqlite"
    lock: AbstractContextManager[None] = FairLock() if is_sqlite else nullcontext()
    results = take_turns(
        {
            "floor": partial(_plan, partial(what.floor, lock), threads),
            "ours": partial(_plan, what.ours, threads),
        },
        rounds=ROUNDS,
    )
    floor, ours = results["floor"], results["ours"]
    return (
        f"{median(floor, _per_second):,.0f}",
        f"{median(ours, _per_second):,.0f}",
        f"{ratio(ours, floor, _per_second):.2f}",
        f"{1000 * median(ours, lambda one: one.p99_seconds):.1f}",
    )


def _plan(make: Callable[[], Deed], threads: int) -> Sequence[Sequence[Deed]]:
    each = EVENTS_PER_ROUND // threads
    return [[make() for _ in range(each)] for _ in range(threads)]


def _per_second(one: Round) -> float:
    return one.per_second
