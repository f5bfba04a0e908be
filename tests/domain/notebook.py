"""An invoice kept by hand: the independent model that histories are compared with.

It sums no rows and imports no rule. It keeps running counts, as a bookkeeper with a pencil would,
and moves them at each event by the words of the requirements.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

State = Literal["waiting", "done", "dead"]


@dataclass(kw_only=True)
class Slip:
    """One row, as the bookkeeper remembers it: amounts are positive whichever way they went."""

    direction: Literal["in", "back", "taken"]
    amount: int
    state: State
    of: int = -1
    may_go_back: int = 0
    given_back: int = 0

    def word(self) -> str:
        """The status column."""
        if self.state == "done" and self.direction == "in" and self.given_back == self.amount:
            return "Refunded"
        return {"waiting": "Pending", "done": "Completed", "dead": "Failed"}[self.state]


class Notebook:
    """One invoice. `owed` below zero is what was paid too much."""

    def __init__(self, *, total: int, due: date) -> None:
        self.total = total
        self.due = due
        self.owed = total
        self.confirmed = 0
        self.on_its_way = 0
        self.slips: dict[int, Slip] = {}
        self.is_sent = False
        self.is_cancelled = False
        self.was_looked_at = False

    def badge(self, today: date) -> str:
        if self.is_cancelled:
            return "Cancelled"
        if not self.is_sent:
            return "Draft"
        if self.confirmed >= self.total:
            return "Paid"
        if self.confirmed > 0:
            return "Partially paid"
        if today > self.due:
            return "Overdue"
        return "Viewed" if self.was_looked_at else "Sent"

    def shelf(self, today: date) -> set[str]:
        badge = self.badge(today)
        if badge == "Draft":
            return {"Drafts"}
        if badge in {"Paid", "Cancelled"}:
            return set()
        return {"Overdue"} if today > self.due else {"Awaiting"}

    def is_open(self, today: date) -> bool:
        return self.badge(today) in {"Sent", "Viewed", "Partially paid", "Overdue"}

    def may_pay(self, amount: int, today: date) -> bool:
        return self.is_open(today) and 0 < amount <= self.owed

    def may_cancel(self, today: date) -> bool:
        return self.is_open(today) and self.on_its_way == 0

    def may_settle(self, number: int) -> bool:
        return self.slips[number].state == "waiting"

    def may_fail(self, number: int) -> bool:
        slip = self.slips[number]
        return slip.state == "waiting" or (slip.direction == "back" and slip.state == "done")

    def may_give_back(self, number: int, amount: int) -> bool:
        slip = self.slips[number]
        came_in = slip.direction == "in" and slip.state == "done"
        return came_in and 0 < amount <= slip.may_go_back

    def comes_in(self, number: int, amount: int, state: State) -> None:
        self.slips[number] = Slip(direction="in", amount=amount, state=state, may_go_back=amount)
        self.owed -= amount
        if state == "done":
            self.confirmed += amount
        else:
            self.on_its_way += amount

    def goes_back(self, number: int, of: int, amount: int, state: State) -> None:
        self.slips[number] = Slip(direction="back", amount=amount, state=state, of=of)
        if state == "done":
            self.slips[of].given_back += amount
        self._leaves(of, amount)

    def is_taken(self, number: int, of: int, amount: int) -> None:
        self.slips[number] = Slip(direction="taken", amount=amount, state="done", of=of)
        self._leaves(of, amount)

    def settles(self, number: int) -> None:
        slip = self.slips[number]
        slip.state = "done"
        if slip.direction == "in":
            self.on_its_way -= slip.amount
            self.confirmed += slip.amount
        else:
            self.slips[slip.of].given_back += slip.amount

    def fails(self, number: int) -> None:
        slip = self.slips[number]
        if slip.direction == "in":
            self.on_its_way -= slip.amount
            self.owed += slip.amount
        else:
            self.owed -= slip.amount
            self.confirmed += slip.amount
            self.slips[slip.of].may_go_back += slip.amount
            if slip.state == "done":
                self.slips[slip.of].given_back -= slip.amount
        slip.state = "dead"

    def _leaves(self, of: int, amount: int) -> None:
        self.slips[of].may_go_back -= amount
        self.owed += amount
        self.confirmed -= amount
        if self.confirmed == 0:
            self.was_looked_at = False
