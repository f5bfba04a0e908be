"""Whatever happens to an invoice, in whatever order: figures, badge, tiles and limits stay true.

Each event is put to the rules and to an independent notebook. Both must agree whether it may happen
at all, and on everything that can be seen afterwards (R008, R009, R045, R080, R088, R090, R146,
R147).
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from assure_app.domain.errors import BillingError
from assure_app.domain.invoice_status import Tile, status
from assure_app.domain.ledger import LedgerRow, figures, refundable_cents, reversed_cents
from assure_app.domain.transitions import Kind, RowStatus
from tests.domain.desk import Desk
from tests.domain.notebook import Notebook

FIRST_DAY = date(2026, 5, 1)
INVOICES = 2
BYTES_PER_EVENT = 3
LEAST_EVENTS, MOST_EVENTS = 8, 20
BYTES_DRAWN = MOST_EVENTS * BYTES_PER_EVENT + 1


class Books:
    """A firm's invoices, kept twice: by the rules (`desks`) and by hand (`notebooks`)."""

    def __init__(self, *, total_cents: int, days_to_pay: int) -> None:
        self.today = FIRST_DAY
        due_date = FIRST_DAY + timedelta(days=days_to_pay)
        totals = [total_cents + index for index in range(INVOICES)]
        self.desks = [Desk(total_cents=total, due_date=due_date) for total in totals]
        self.notebooks = [Notebook(total=total, due=due_date) for total in totals]
        self.arrived_late: set[tuple[int, int]] = set()
        self.seen_rows: list[list[LedgerRow]] = [[] for _ in totals]
        self.day_passes(0)

    def day_passes(self, days: int) -> None:
        self.today += timedelta(days=days)
        for desk in self.desks:
            desk.today = self.today

    def send(self, index: int) -> None:
        if not self.notebooks[index].is_sent:
            self.notebooks[index].is_sent = True
            self.desks[index].send()

    def view(self, index: int) -> None:
        if self.notebooks[index].is_sent:
            self.notebooks[index].was_looked_at = True
            self.desks[index].view()

    def cancel(self, index: int) -> None:
        may = self.notebooks[index].may_cancel(self.today)
        if attempt(self.desks[index].cancel, may=may) is not None:
            self.notebooks[index].is_cancelled = True

    def pay(self, index: int, percent: int, *, online: bool) -> None:
        desk, notebook = self.desks[index], self.notebooks[index]
        amount = share(notebook.owed, percent)
        row_status = RowStatus.PENDING if online else RowStatus.COMPLETED
        may = notebook.may_pay(amount, self.today)
        number = attempt(lambda: desk.pay(amount, row_status), may=may)
        if number is not None:
            notebook.comes_in(number, amount, "waiting" if online else "done")

    def arrives_late(self, index: int, pick: int) -> None:
        """A payment that failed turns out to have gone through: new money, whatever is owed."""
        desk, notebook = self.desks[index], self.notebooks[index]
        failed = [
            number
            for number, slip in notebook.slips.items()
            if slip.direction == "in" and slip.state == "dead"
        ]
        if not failed:
            return
        number = failed[pick % len(failed)]
        if (index, number) not in self.arrived_late:
            self.arrived_late.add((index, number))
            amount = notebook.slips[number].amount
            notebook.comes_in(desk.receive(amount), amount, "done")

    def refund(self, index: int, pick: int, percent: int, *, by_stripe: bool) -> None:
        desk, notebook = self.desks[index], self.notebooks[index]
        if not notebook.slips:
            return
        of = pick % len(notebook.slips)
        amount = share(notebook.slips[of].may_go_back, percent)
        row_status = RowStatus.PENDING if by_stripe else RowStatus.COMPLETED
        may = notebook.may_give_back(of, amount)
        number = attempt(lambda: desk.refund(of, amount, row_status), may=may)
        if number is not None:
            notebook.goes_back(number, of, amount, "waiting" if by_stripe else "done")

    def bank_takes_back(self, index: int, pick: int) -> None:
        desk, notebook = self.desks[index], self.notebooks[index]
        if not notebook.slips:
            return
        of = pick % len(notebook.slips)
        amount = notebook.slips[of].may_go_back
        may = notebook.may_give_back(of, amount)
        number = attempt(lambda: desk.take_back(of), may=may)
        if number is not None:
            notebook.is_taken(number, of, amount)

    def settle(self, index: int, pick: int) -> None:
        desk, notebook = self.desks[index], self.notebooks[index]
        if not notebook.slips:
            return
        number = pick % len(notebook.slips)
        move = lambda: desk.move(number, RowStatus.COMPLETED)  # noqa: E731  one line beside its act
        if attempt(move, may=notebook.may_settle(number)) is not None:
            notebook.settles(number)

    def fail(self, index: int, pick: int) -> None:
        desk, notebook = self.desks[index], self.notebooks[index]
        if not notebook.slips:
            return
        number = pick % len(notebook.slips)
        move = lambda: desk.move(number, RowStatus.FAILED)  # noqa: E731
        if attempt(move, may=notebook.may_fail(number)) is not None:
            notebook.fails(number)
            check_failed_row_left_no_trace(desk, number)

    def check(self, index: int) -> None:
        """Everything that must hold of one invoice after any event."""
        desk, notebook = self.desks[index], self.notebooks[index]
        check_money(desk, notebook)
        check_rows(desk, notebook)
        check_rows_only_grow(self.seen_rows[index], desk.rows)
        self.seen_rows[index] = list(desk.rows)
        assert desk.status.value == notebook.badge(self.today)
        assert {tile.value for tile in desk.tiles} == notebook.shelf(self.today)

    def check_tiles_add_up_to_receivables(self) -> None:
        """Awaiting and Overdue together are what clients owe, to the cent (R072)."""
        in_tiles = sum(
            desk.figures.balance_cents
            for desk in self.desks
            for tile in desk.tiles & {Tile.AWAITING, Tile.OVERDUE}
        )
        receivable = sum(
            max(0, notebook.owed)
            for notebook in self.notebooks
            if notebook.is_sent and not notebook.is_cancelled
        )
        assert in_tiles == receivable


def attempt(act: Callable[[], object], *, may: bool) -> int | None:
    """Do it, or see it refused, exactly as the notebook says; None when it was refused."""
    done: object = None
    refused = True
    with suppress(BillingError):
        done = act()
        refused = False
    assert refused is not may
    if refused:
        return None
    return done if isinstance(done, int) else 0


def share(limit: int, percent: int) -> int:
    """Part of what is possible, all of it at 100, one cent too much at 101, nothing at 0."""
    bounded = max(0, limit)
    return bounded + 1 if percent == 101 else bounded * percent // 100


def check_money(desk: Desk, notebook: Notebook) -> None:
    money = desk.figures
    assert money.balance_cents == max(0, notebook.owed)
    assert money.overpaid_cents == max(0, -notebook.owed)
    assert money.settled_cents == notebook.confirmed
    assert money.pending_cents == notebook.on_its_way
    assert 0 <= money.balance_cents <= desk.total_cents
    assert money.settled_cents >= 0
    assert money == figures(desk.total_cents, reversed(desk.rows))
    for cents in (
        money.balance_cents,
        money.overpaid_cents,
        money.settled_cents,
        money.pending_cents,
    ):
        assert type(cents) is int


def check_rows(desk: Desk, notebook: Notebook) -> None:
    assert len(desk.rows) == len(notebook.slips)
    for row in desk.rows:
        slip = notebook.slips[row.id]
        assert row.status.value == slip.word()
        if row.kind is Kind.PAYMENT:
            left = slip.may_go_back if slip.state == "done" else 0
            assert refundable_cents(row, desk.rows) == left
            assert 0 <= reversed_cents(row, desk.rows) <= row.amount_cents
        else:
            assert refundable_cents(row, desk.rows) == 0


def check_rows_only_grow(before: list[LedgerRow], after: list[LedgerRow]) -> None:
    assert len(after) >= len(before)
    for old, new in zip(before, after, strict=False):
        assert (old.id, old.kind, old.amount_cents, old.reverses_id) == (
            new.id,
            new.kind,
            new.amount_cents,
            new.reverses_id,
        )
        if old.status is RowStatus.FAILED:
            assert new.status is RowStatus.FAILED


def check_failed_row_left_no_trace(desk: Desk, number: int) -> None:
    """Figures and badge are what they would be without the row that failed (R045, R093)."""
    others = [row for row in desk.rows if row.id != number]
    assert desk.figures == figures(desk.total_cents, others)
    assert desk.status is status(desk.facts(others), desk.today)


def play(books: Books, event: int, pick: int, percent: int) -> None:
    """One event out of three numbers, so that a history is a string of bytes and shrinks well."""
    index = pick % INVOICES
    row = pick // INVOICES
    acts: tuple[Callable[[], None], ...] = (
        lambda: books.pay(index, percent, online=False),
        lambda: books.pay(index, percent, online=True),
        lambda: books.pay(index, 100, online=True),
        lambda: books.settle(index, row),
        lambda: books.settle(index, row),
        lambda: books.fail(index, row),
        lambda: books.refund(index, row, percent, by_stripe=False),
        lambda: books.refund(index, row, percent, by_stripe=True),
        lambda: books.refund(index, row, 100, by_stripe=True),
        lambda: books.bank_takes_back(index, row),
        lambda: books.arrives_late(index, row),
        lambda: books.view(index),
        lambda: books.day_passes(percent % 8),
        lambda: books.send(index),
        lambda: books.cancel(index) if 90 < percent < 100 else None,
    )
    acts[event % len(acts)]()
    books.check(index)


@settings(max_examples=10_000)
@given(
    total_cents=st.sampled_from([0, 1, 3, 100_00, 1_234_56, 10**11]),
    days_to_pay=st.integers(-2, 10),
    history=st.binary(min_size=BYTES_DRAWN, max_size=BYTES_DRAWN),
)
def test_ten_thousand_histories(total_cents: int, days_to_pay: int, history: bytes) -> None:
    """As many bytes are drawn each time, the last of which says how many events are played: bytes
    that may end anywhere are drawn one by one, which takes as long as what is tested."""
    books = Books(total_cents=total_cents, days_to_pay=days_to_pay)
    books.send(0)
    if days_to_pay % 3:
        books.send(1)

    events = LEAST_EVENTS + history[-1] % (MOST_EVENTS - LEAST_EVENTS + 1)
    for start in range(0, events * BYTES_PER_EVENT, BYTES_PER_EVENT):
        event, pick, percent = history[start : start + BYTES_PER_EVENT]
        play(books, event, pick, min(percent, 101) if percent < 128 else 100)

    books.check_tiles_add_up_to_receivables()


indexes = st.integers(0, INVOICES - 1)
picks = st.integers(0, 12)
percents = st.one_of(st.just(100), st.integers(0, 101))


class Office(RuleBasedStateMachine):
    """The same events, chosen one by one and shrunk to the shortest story that breaks a rule."""

    @initialize(total_cents=st.integers(0, 10**11), days_to_pay=st.integers(-2, 10))
    def open(self, total_cents: int, days_to_pay: int) -> None:
        self.books = Books(total_cents=total_cents, days_to_pay=days_to_pay)
        self.books.send(0)

    @rule(index=indexes, percent=percents)
    def record(self, index: int, percent: int) -> None:
        self.books.pay(index, percent, online=False)

    @rule(index=indexes, percent=percents)
    def start_online(self, index: int, percent: int) -> None:
        self.books.pay(index, percent, online=True)

    @rule(index=indexes, pick=picks)
    def settle(self, index: int, pick: int) -> None:
        self.books.settle(index, pick)

    @rule(index=indexes, pick=picks)
    def fail(self, index: int, pick: int) -> None:
        self.books.fail(index, pick)

    @rule(index=indexes, pick=picks, percent=percents)
    def refund_offline(self, index: int, pick: int, percent: int) -> None:
        self.books.refund(index, pick, percent, by_stripe=False)

    @rule(index=indexes, pick=picks, percent=percents)
    def refund_by_stripe(self, index: int, pick: int, percent: int) -> None:
        self.books.refund(index, pick, percent, by_stripe=True)

    @rule(index=indexes, pick=picks)
    def bank_takes_back(self, index: int, pick: int) -> None:
        self.books.bank_takes_back(index, pick)

    @rule(index=indexes, pick=picks)
    def success_arrives_late(self, index: int, pick: int) -> None:
        self.books.arrives_late(index, pick)

    @rule(index=indexes)
    def client_views(self, index: int) -> None:
        self.books.view(index)

    @rule(index=indexes)
    def send(self, index: int) -> None:
        self.books.send(index)

    @rule(index=indexes)
    def cancel(self, index: int) -> None:
        self.books.cancel(index)

    @rule(days=st.integers(0, 7))
    def day_passes(self, days: int) -> None:
        self.books.day_passes(days)

    @invariant()
    def everything_agrees(self) -> None:
        for index in range(INVOICES):
            self.books.check(index)
        self.books.check_tiles_add_up_to_receivables()


Office.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestOffice = Office.TestCase
