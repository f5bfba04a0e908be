"""Several workers at the same schedules, and people who pause one meanwhile (R124)."""

from datetime import UTC, date, datetime
from functools import partial

from assure_app.billing import schedule_changes, schedules_run
from assure_app.billing.verification import verify
from tests.concurrency.test_refund_rivals import all_at_once
from tests.support.desk import Desk
from tests.support.scheduling import make_contact, periods, run, set_up, stored

JULY = datetime(2026, 7, 31, 12, tzinfo=UTC)
WORKERS = 6


def test_workers_at_once_make_each_period_once(desk: Desk) -> None:
    make_contact(desk.client_id)
    made = [set_up(desk, title=f"Schedule {each}") for each in range(3)]

    all_at_once(*[partial(run, JULY)] * WORKERS)
    left = run(JULY)

    assert left == 0
    for each in made:
        assert periods(each) == [date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31)]
        assert stored(each)["generated_count"] == 3
    assert verify() == []


def test_pausing_meanwhile_loses_and_doubles_nothing(desk: Desk) -> None:
    made = set_up(desk)
    asked = schedule_changes.start(desk.jane, "pause", made, now=desk.now)
    pause = partial(
        schedule_changes.change,
        *(desk.jane, "pause", made),
        version=asked.version,
        expected=asked.expected,
        now=desk.now,
    )

    outcomes = all_at_once(pause, *[partial(schedules_run.generate_next, now=JULY)] * 4)
    run(JULY)

    is_paused = stored(made)["status"] == "Paused"
    assert outcomes == ({"done": 5} if is_paused else {"done": 4, "ScheduleChanged": 1})
    assert periods(made) == (
        [] if is_paused else [date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31)]
    )
