"""A process killed between any two steps of a job: it is done, and what it does happens once."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assure_app import clock
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import job
from tests.support import killed, working
from tests.support.desk import Desk
from tests.support.waiting import wait_until

STEPS_OF_RUNNING = [
    "billing.job_runs.begin before",
    "billing.job_runs.begin after",
    "billing.audit.note after",
    "billing.job_runs.finish before",
    "billing.job_runs.finish after",
]


def tries() -> int:
    with reading() as connection:
        return int(connection.scalar(select(job.c.tries)) or 0)


@pytest.mark.parametrize("where", ["db.jobs.hand_over before", "db.jobs.enqueue after"])
def test_killed_before_the_commit_leaves_no_job(desk: Desk, database: str, where: str) -> None:
    killed.run_and_die(database, where, working.enqueue, desk.jane.firm_id, "charge", desk.now)

    with reading() as connection:
        assert connection.execute(select(job)).first() is None


def test_killed_at_any_step_it_is_done_by_the_next_worker_at_once(
    desk: Desk, database: str, tmp_path: Path
) -> None:
    """One job, and a worker after another that dies a step later than the one before it."""
    # Overdue only when all is over: a worker that looks for what is overdue may not be the first.
    later = clock.now() + timedelta(hours=1)
    killed.run_and_die(database, "", working.enqueue, desk.jane.firm_id, "charge", later)

    for where in STEPS_OF_RUNNING:
        killed.run_apart(working.work, database, tmp_path, where, status=-signal.SIGKILL)
    last = killed.start(working.work, database, tmp_path)
    wait_until(lambda: working.left() == 0)
    last.kill()

    killed.end(last, status=-signal.SIGKILL)
    assert desk.audit() == ["charge"]
    assert tries() == len(STEPS_OF_RUNNING) - 1
