"""Leaving work behind in a transaction: it is done after the commit, and never without it.

Our row in `job` is the truth: it says what is to be done, when it is taken up again, and whether it
was done. The engine (DBOS) gets a message that only names the row, in tables of its own in the same
database, so that both commit or roll back together. Should it lose every message, the rows that
are due are handed to it anew.
"""

import json
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.db import job_tables
from assure_app.db.engine import build
from assure_app.models.tables import job as jobs

if TYPE_CHECKING:
    from dbos import DBOSClient

APP = "assure"
VERSION = "1"
"""Of what is left to do: changed only when a message of before could not be understood any more."""
JOBS, TICKS = "jobs", "ticks"
"""The engine's queues, and what it runs for a message in each."""
STALL = timedelta(minutes=2)
"""How long after it was handed to the engine a job is handed to it once more."""


def enqueue(
    connection: Connection,
    job: str,
    key: str,
    *,
    firm_id: int,
    now: datetime,
    what: str = "",
    invoice_id: int | None = None,
    **arguments: int | str,
) -> bool:
    """Have the job of this name done once this transaction has committed; False when one with the
    same key is there already, done or not.

    `what` says to people what is to be done, should it ever wait for one of them, as “Charge of
    INV-1042”; `invoice_id` narrows them to those who may see that invoice. Neither is an argument.
    `worker/jobs.py` says which function of billing a name stands for; it gets the arguments and
    `now`, and may be called several times for one job: killed half-way, or tried again after it
    raised.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {
        "firm_id": firm_id,
        "name": job,
        "key": key,
        "what": (what or job.capitalize())[:200],
        "invoice_id": invoice_id,
        "arguments": json.dumps(arguments),
        "turn": 1,
        "tries": 0,
        "failure": "",
        "created_at": now,
        "due_at": now + STALL,
    }
    insert = dialect.insert(jobs).values(values).on_conflict_do_nothing()
    job_id = connection.scalar(insert.returning(jobs.c.id))
    if job_id is None:
        return False
    hand_over(connection, job_id, turn=1)
    return True


def hand_over(connection: Connection, job_id: int, *, turn: int) -> None:
    """Give the engine a message to run the job, in this transaction."""
    _send(connection, JOBS, f"job/{job_id}/{turn}", job_id, turn)


def begin_tick(connection: Connection, name: str, *, period: int, now: datetime) -> None:
    """Give the engine a message to do what is due of a periodic work, in this transaction."""
    _send(connection, TICKS, f"tick/{name}/{period}/{now.timestamp():.3f}", name)


def prepare(url: str) -> None:
    """Make the engine's tables, or bring them to this version's; nothing when they are."""
    engine = build(url)
    try:
        with engine.connect() as connection:
            if job_tables.version(connection) == job_tables.VERSION:
                return
    finally:
        engine.dispose()
    from dbos import DBOS

    DBOS.migrate(url, schema=job_tables.SCHEMA)


def make_ready() -> None:
    """Do now what the first job of this process would otherwise have to wait for: an import."""
    import dbos  # noqa: F401


def _send(connection: Connection, queue: str, message: str, *arguments: int | str) -> None:
    from dbos import WorkflowSerializationFormat

    _client(connection.engine).enqueue_in_transaction(
        connection,
        {
            "workflow_name": queue,
            "queue_name": queue,
            "workflow_id": message,
            "app_version": VERSION,
            "serialization_type": WorkflowSerializationFormat.PORTABLE,
        },
        *arguments,
    )


@lru_cache(maxsize=2)
def _client(engine: Engine) -> "DBOSClient":
    from dbos import DBOSClient

    # It never connects by itself: all it does happens on the connection it is given.
    return DBOSClient(
        system_database_engine=engine,
        dbos_system_schema=job_tables.SCHEMA,
        application_name=APP,
        lazy=True,
    )
