"""Acts in a process of their own that is killed with SIGKILL, as by a power cut or the kernel.

The processes are forked from one that has imported the product already: a new interpreter for
each would take longer than everything that is tested in it.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from importlib import import_module
from multiprocessing.context import ForkServerProcess
from typing import Any

import psycopg

from assure_app.db import engine
from tests.support.waiting import wait_until

_WAIT_SECONDS = 120
_AT_WORK = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND backend_type = 'client backend' AND xact_start IS NOT NULL
"""
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(
    [
        "assure_app.billing.stripe_sweep",
        "assure_app.billing.reading.backfill",
        "assure_app.billing.importing.service",
        "assure_app.billing.sending",
        "assure_app.billing.verification",
        "tests.support.online",
        "tests.support.killed",
        "tests.support.working",
        "assure_app.worker.engine",
    ]
)


def die(*_: object) -> None:
    """Kill this process; nothing of it runs any more, no handler and no `finally`."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(place: str, *, turn: int = 1) -> None:
    """From now on this process dies at a place such as "billing.ledger_rows.append before".

    The function is named by its module below `assure_app`, or by its class there; "after" is when
    it has done its work. `turn` is at which call.
    """
    path, _, when = place.partition(" ")
    owner, name = _owner_of(path)
    original = getattr(owner, name)
    calls: list[None] = []

    def dying(*args: Any, **kwargs: Any) -> Any:
        calls.append(None)
        if len(calls) < turn:
            return original(*args, **kwargs)
        if when == "after":
            original(*args, **kwargs)
        return die()

    setattr(owner, name, dying)


def run_and_die(database: str, place: str, act: Callable[..., object], *args: Any) -> None:
    """Do the act in a process of its own that dies at the place, or after the act without one.

    The act is a function that a module holds, and all that is given can be pickled.
    """
    run_apart(_dying, database, place, act, args, status=-signal.SIGKILL)
    if database.startswith("postgresql"):
        _let_go(database)


def run_apart(target: Callable[..., object], *args: Any, status: int = 0) -> None:
    """Run a function in a process of its own, and see that it ends as it should."""
    end(start(target, *args), status=status)


def start(target: Callable[..., object], *args: Any) -> ForkServerProcess:
    """Let a function run in a process of its own; `end` it."""
    child = _forks.Process(target=target, args=args)
    child.start()
    return child


def end(child: ForkServerProcess, *, status: int = 0) -> None:
    """Wait until the process has ended, and see that it ended as it should."""
    child.join(_WAIT_SECONDS)
    if child.is_alive():
        child.kill()
        child.join()
        raise AssertionError("The process did not end.")
    assert child.exitcode == status
    child.close()


def _dying(database: str, place: str, act: Callable[..., object], args: tuple[Any, ...]) -> None:
    engine.configure(database)
    if place:
        die_at(place)
    act(*args)
    die()


def _let_go(database: str) -> None:
    """Wait until PostgreSQL has noticed, too, and holds nothing of the dead one's locked: whoever
    passes over what is locked would find nothing to do."""
    with psycopg.connect(database.replace("+psycopg", "", 1), autocommit=True) as connection:
        wait_until(lambda: connection.execute(_AT_WORK).fetchone() is None)


def _owner_of(path: str) -> tuple[Any, str]:
    """The module, or the class in it, that holds the function, and the function's name."""
    above, _, name = path.rpartition(".")
    try:
        return import_module(f"assure_app.{above}"), name
    except ModuleNotFoundError:
        module, _, owner = above.rpartition(".")
        return getattr(import_module(f"assure_app.{module}"), owner), name
