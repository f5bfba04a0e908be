"""One engine for each kind of database, put before one database of the tests after another.

An engine keeps what it compiled. With an engine of its own each test would compile the product's
statements anew, which took half of its time. To one PostgreSQL database after another of the same
address it keeps its connections too: a new one has to learn every table anew.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, event, make_url

from assure_app.db import engine
from tests.support.backwards import BackwardsCursor

KEPT_CONNECTION = "assure-tests-kept"
"""What a connection to PostgreSQL that may outlive its test is called there."""
_kept: dict[str, Engine] = {}


@contextmanager
def behind_the_engine(address: str) -> Iterator[None]:
    """While the block runs, this process's engine reaches the database at this address."""
    url = make_url(address)
    kind = url.get_backend_name()
    if kind not in _kept:
        _kept[kind] = _build(address)
    kept = _kept[kind]
    if kept.url != url:
        kept.dispose()
        kept.url = url
    elif _has_died(kept):
        kept.dispose()
    engine.use(kept)
    try:
        yield
    finally:
        if kind == "postgresql" and engine._current == [kept]:
            engine._current.clear()
        else:
            engine.dispose()


def close_kept() -> None:
    """Close the connections that outlived their test."""
    for kept in _kept.values():
        kept.dispose()


@contextmanager
def listening(**hears: Callable[..., None]) -> Iterator[None]:
    """While the block runs, each hears of its event of the engine."""
    heard_of = engine.engine()
    for name, hear in hears.items():
        event.listen(heard_of, name, hear)
    yield
    for name, hear in hears.items():
        event.remove(heard_of, name, hear)


def _has_died(kept: Engine) -> bool:
    """Whether a test before this one, or whoever cleaned up after it, ended one of its connections:
    it would fail at its next use, whose ever that is."""
    pooled = [kept.raw_connection() for _ in range(kept.pool.checkedin())]  # type: ignore[attr-defined]
    try:
        for each in pooled:
            each.cursor().execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    finally:
        for each in pooled:
            each.close()
    return False


def _build(address: str) -> Engine:
    """The product's own engine, but that it goes where its `url` points at the moment."""
    made = engine.build(address)

    def go_there(dialect: Any, _record: Any, places: list[Any], named: dict[str, Any]) -> None:
        places[:], there = dialect.create_connect_args(made.url)
        named.update(there)
        if made.dialect.name == "postgresql":
            named["cursor_factory"] = BackwardsCursor
            named["application_name"] = KEPT_CONNECTION

    event.listen(made, "do_connect", go_there)
    if made.dialect.name == "sqlite":
        event.listen(made, "connect", _be_quick_and_strict)
    return made


def _be_quick_and_strict(connection: Any, _record: Any) -> None:
    """The disk is not waited for, and rows that nobody put in order come in the unexpected one:
    PostgreSQL too may return them in any."""
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA reverse_unordered_selects = ON")
