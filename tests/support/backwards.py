"""PostgreSQL's rows the other way round, where no query put them in order.

What PostgreSQL returns without ORDER BY is mostly what was written first, until a plan changes or
a row was written again; a query that leans on it fails on another machine only. SQLite has a
setting for this, PostgreSQL has none.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any, Self

import psycopg

_RETURNS_ROWS = ("SELECT", "WITH", "UPDATE", "DELETE")


class BackwardsCursor(psycopg.Cursor[Any]):
    """Gives the last row first unless the statement says what comes first."""

    _rows: deque[Any] | None = None

    def execute(self, query: Any, *given: Any, **more: Any) -> Self:
        super().execute(query, *given, **more)
        statement = str(query).lstrip().upper()
        is_free = statement.startswith(_RETURNS_ROWS) and "ORDER BY" not in statement
        has_rows = is_free and self.description is not None
        self._rows = deque(reversed(super().fetchall())) if has_rows else None
        return self

    def fetchone(self) -> Any:
        if self._rows is None:
            return super().fetchone()
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int = 0) -> list[Any]:
        if self._rows is None:
            return super().fetchmany(size)
        return self._taken(min(size or self.arraysize, len(self._rows)))

    def fetchall(self) -> list[Any]:
        if self._rows is None:
            return super().fetchall()
        return self._taken(len(self._rows))

    def _taken(self, count: int) -> list[Any]:
        rows: Sequence[Any] = self._rows or ()
        assert count <= len(rows)
        return [self.fetchone() for _ in range(count)]
