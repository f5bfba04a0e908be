"""The table of periodic work: everything due is done, tabs hear of it, the inbox is woken."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from assure_app.billing import inbox_bell, stripe_sweep
from assure_app.billing.stripe_sweep import Swept
from assure_app.worker import periodic

NOW = datetime(2026, 5, 22, 15, tzinfo=UTC)


def next_of(due: list[Swept], order: list[str]) -> Callable[..., Swept | None]:
    def take(*, now: datetime) -> Swept | None:
        assert now == NOW
        if not due:
            return None
        order.append(due[0].what)
        return due.pop(0)

    return take


def test_all_that_is_due_is_done_and_whom_it_concerns_hears_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []
    told: list[int] = []
    pages = [Swept(what="checkout 1", firm_id=7), Swept(what="checkout 2", firm_id=None)]
    monkeypatch.setattr(stripe_sweep, "sweep_next", next_of(pages, order))

    periodic.do_all_due(periodic.BY_NAME["payment-pages"], now=lambda: NOW, tell=told.append)

    assert order == ["checkout 1", "checkout 2"]
    assert told == [7]


def test_what_stripe_listed_wakes_the_inbox_once_all_of_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []
    accounts = [Swept(what="events of acct_1", firm_id=None)]
    monkeypatch.setattr(stripe_sweep, "poll_next", next_of(accounts, order))
    end = inbox_bell.listen(lambda: order.append("ring"))

    periodic.do_all_due(periodic.BY_NAME["stripe-events"], now=lambda: NOW)

    end()
    assert order == ["events of acct_1", "ring"]


def test_a_worker_that_ends_begins_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    due = [Swept(what=f"checkout {number}", firm_id=None) for number in range(9)]
    monkeypatch.setattr(stripe_sweep, "sweep_next", next_of(due, order))

    periodic.do_all_due(
        periodic.BY_NAME["payment-pages"], now=lambda: NOW, is_ending=lambda: len(order) == 2
    )

    assert len(order) == 2


def test_every_work_has_a_name_of_its_own_and_none_comes_round_rarely() -> None:
    names = [work.name for work in periodic.WORKS]

    assert len(set(names)) == len(names)
    # What was missed while nothing ran is made up for in the next period, so that may not be far.
    assert all(work.every <= timedelta(hours=1) for work in periodic.WORKS)
