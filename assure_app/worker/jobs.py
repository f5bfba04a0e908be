"""Which function of billing does a job, by the name that `db.jobs.enqueue` was given."""

from collections.abc import Callable
from datetime import datetime

from assure_app.billing import backfill, job_runs, off_session

DOERS: dict[str, Callable[..., object]] = {backfill.JOB: off_session.ask}
"""Each is called with the job's arguments and `now`. It may raise: then it is tried again later."""


def run(job_id: int, turn: int, *, now: Callable[[], datetime]) -> int | None:
    """Do the job if this turn of it still counts; whose tabs should look again, None for nobody's.

    Never raises for what the job itself raised: that is written to its row.
    """
    begun = job_runs.begin(job_id, turn, now=now())
    if begun is None:
        return None
    try:
        DOERS[begun.name](now=now(), **begun.arguments)
    except Exception as error:  # noqa: BLE001 - whatever it is, a person has to hear of it
        job_runs.fail(begun, error, now=now())
    else:
        job_runs.finish(begun, now=now())
    return begun.firm_id
