"""A job's row from written to done, tried again or given up, on both databases, without an engine.

What the engine would be told is looked at in its own table, as the only trace it leaves here.
"""

from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import column, select, table

from assure_app.billing import job_runs, periods
from assure_app.db import job_tables, jobs
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import Unavailable
from assure_app.models.tables import job, notification
from tests.support.desk import Desk

MINUTE = timedelta(minutes=1)


def enqueue(desk: Desk, key: str = "charge:1") -> bool:
    with unit_of_work() as connection:
        return jobs.enqueue(
            connection, "charge", key, firm_id=desk.jane.firm_id, now=desk.now, asking_id=7
        )


def rows() -> list[dict[str, Any]]:
    with reading() as connection:
        return [dict(row) for row in connection.execute(select(job).order_by(job.c.id)).mappings()]


def told() -> list[str]:
    with reading() as connection:
        return list(connection.execute(select(notification.c.text)).scalars())


def messages() -> list[str]:
    with reading() as connection:
        is_postgresql = connection.dialect.name == "postgresql"
        schema = job_tables.SCHEMA if is_postgresql else None
        sent = table("workflow_status", column("workflow_uuid"), schema=schema)
        return sorted(connection.execute(select(sent.c.workflow_uuid)).scalars())


def hand_over_all(desk: Desk, *, after: timedelta) -> int:
    count = 0
    while job_runs.hand_over_next(now=desk.now + after):
        count += 1
    return count


def test_the_same_key_twice_is_one_job_and_one_message(desk: Desk) -> None:
    first, second = enqueue(desk), enqueue(desk)

    assert (first, second) == (True, False)
    assert len(rows()) == 1
    assert messages() == ["job/1/1"]


def test_a_job_of_what_was_rolled_back_is_gone_with_it(desk: Desk) -> None:
    with suppress(Unavailable), unit_of_work() as connection:
        jobs.enqueue(connection, "charge", "k", firm_id=desk.jane.firm_id, now=desk.now)
        raise Unavailable

    assert rows() == []
    assert messages() == []


def test_one_that_nobody_began_is_handed_over_again_and_its_old_message_is_void(
    desk: Desk,
) -> None:
    enqueue(desk)

    early = hand_over_all(desk, after=MINUTE)
    late = hand_over_all(desk, after=3 * MINUTE)

    assert (early, late) == (0, 1)
    assert messages() == ["job/1/1", "job/1/2"]
    assert job_runs.begin(1, 1, now=desk.now) is None
    begun = job_runs.begin(1, 2, now=desk.now)
    assert begun is not None
    assert (begun.name, begun.arguments, begun.tries) == ("charge", {"asking_id": 7}, 1)


def test_done_is_done(desk: Desk) -> None:
    enqueue(desk)
    begun = job_runs.begin(1, 1, now=desk.now)
    assert begun is not None

    job_runs.finish(begun, now=desk.now)

    assert job_runs.begin(1, 1, now=desk.now) is None
    assert hand_over_all(desk, after=timedelta(days=1)) == 0
    assert rows()[0]["done_at"] == desk.now
    assert enqueue(desk) is False


def test_a_slow_turn_that_ends_counts_though_another_was_begun(desk: Desk) -> None:
    enqueue(desk)
    slow = job_runs.begin(1, 1, now=desk.now)
    assert slow is not None
    hand_over_all(desk, after=10 * MINUTE)

    job_runs.finish(slow, now=desk.now + 11 * MINUTE)

    assert job_runs.begin(1, 2, now=desk.now + 11 * MINUTE) is None


def test_what_fails_is_tried_again_later_and_later_and_then_waits_for_a_person(desk: Desk) -> None:
    enqueue(desk)
    now, moments = desk.now, [desk.now]
    for turn in range(1, job_runs.MOST_TRIES + 1):
        begun = job_runs.begin(1, turn, now=now)
        assert begun is not None
        job_runs.fail(begun, Unavailable(), now=now)
        due = rows()[0]["due_at"]
        if due is not None:
            assert job_runs.hand_over_next(now=due - timedelta(seconds=1)) is None
            assert job_runs.hand_over_next(now=due) is not None
            now = due
            moments.append(now)

    (stopped,) = rows()
    pauses = [after - before for before, after in pairwise(moments)]
    assert pauses[:3] == [timedelta(seconds=30), MINUTE, 2 * MINUTE]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)
    assert timedelta(hours=6) < now - desk.now < timedelta(hours=24)
    assert (stopped["stopped_at"], stopped["due_at"], stopped["tries"]) == (now, None, 20)
    assert stopped["failure"] == str(Unavailable())
    assert told() == ["Charge was given up after 20 tries"]
    assert hand_over_all(desk, after=timedelta(days=9)) == 0


def test_an_error_of_our_own_is_logged_and_not_shown(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue(desk)
    begun = job_runs.begin(1, 1, now=desk.now)
    assert begun is not None

    job_runs.fail(begun, KeyError("secret"), now=desk.now)

    assert "secret" in caplog.text
    assert "secret" not in str(rows()[0]["failure"])


def test_old_jobs_are_forgotten_and_stopped_ones_never(desk: Desk) -> None:
    for key in ("a", "b"):
        enqueue(desk, key)
    done = job_runs.begin(1, 1, now=desk.now)
    assert done is not None
    job_runs.finish(done, now=desk.now)

    early = job_runs.forget_next(now=desk.now + timedelta(days=90))
    late = job_runs.forget_next(now=desk.now + timedelta(days=91))

    assert early is None
    assert late is not None
    assert [row["key"] for row in rows()] == ["b"]


def test_a_period_is_begun_once_and_slept_through_ones_are_one(desk: Desk) -> None:
    first = periods.begin("work", MINUTE, now=desk.now)
    again = periods.begin("work", MINUTE, now=desk.now + timedelta(seconds=59))
    after_a_week = periods.begin("work", MINUTE, now=desk.now + timedelta(days=7))
    clock_set_back = periods.begin("work", MINUTE, now=desk.now + timedelta(days=6))

    assert (first, again, after_a_week, clock_set_back) == (True, False, True, True)
    assert len(messages()) == 3
    assert periods.begun() == {
        "work": periods.number_of(desk.now + timedelta(days=6), MINUTE),
    }
