"""What happens by itself when its time comes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assure_app.sandbox.stripe import (
    balance_transactions,
    bank_debits,
    checkout_sessions,
    payouts,
    refunds,
)
from assure_app.sandbox.stripe.partition import Partition
from assure_app.sandbox.stripe.store import Store


def _book_charge(partition: Partition, charge_id: str) -> None:
    """Put a charge on the balance, and send the refunds that waited for money."""
    balance_transactions.book_charge(partition, charge_id)
    refunds.send_waiting(partition)


_ACTS: Mapping[str, Callable[[Partition, str], None]] = {
    "book_charge": _book_charge,
    "expire_session": checkout_sessions.expire_if_open,
    "make_available": balance_transactions.make_available,
    "pay_out": payouts.arrive,
    "send_refund": refunds.arrive,
    "settle_debit": bank_debits.settle_as_expected,
}


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for its moment."""

    sequence: int
    account: str
    kind: str
    object_id: str


def first(store: Store, now: int) -> Task | None:
    """The task that has been due the longest, or None."""
    row = store.row(
        "SELECT sequence, account, kind, object_id FROM task WHERE due_at <= ?"
        " ORDER BY due_at, sequence LIMIT 1",
        (now,),
    )
    return None if row is None else Task(*row)


def next_at(store: Store) -> float | None:
    """When the next task is due, on the sandbox's clock."""
    row = store.row("SELECT min(due_at) AS due_at FROM task")
    return None if row is None or row["due_at"] is None else float(row["due_at"])


def run(partition: Partition, task: Task) -> None:
    """Do a task, once."""
    if forget(partition.store, task):
        _ACTS[task.kind](partition, task.object_id)


def forget(store: Store, task: Task) -> bool:
    """Whether the task was still to be done; it is not any more."""
    return store.write("DELETE FROM task WHERE sequence = ?", (task.sequence,)) == 1
