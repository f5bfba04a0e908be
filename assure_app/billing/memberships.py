"""What a person belongs to: teams, and the clients they are to see (R136)."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete, insert, select

from assure_app.models.tables import client, client_assignment, team, team_member


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """One kind of belonging: its table, the column of the other side, and the other side."""

    table: Table
    column: str
    things: Table


TEAMS = Links(table=team_member, column="team_id", things=team)
CLIENTS = Links(table=client_assignment, column="client_id", things=client)


def add(
    connection: Connection, links: Links, *, firm_id: int, user_id: int, ids: Collection[int]
) -> list[str]:
    """Link the person with those of the ids that are the firm's; the names of the new ones."""
    known = _named(connection, links, firm_id, ids)
    held = _held(connection, links, user_id)
    new = {name: each for each, name in known.items() if each not in held}
    if new:
        rows = [{links.column: each, "user_id": user_id} for each in new.values()]
        connection.execute(insert(links.table), rows)
    return sorted(new)


def remove(
    connection: Connection, links: Links, *, firm_id: int, user_id: int, ids: Collection[int]
) -> list[str]:
    """Undo the links with those of the ids that there are; the names of those undone."""
    known = _named(connection, links, firm_id, ids)
    gone = {each: known[each] for each in _held(connection, links, user_id) & set(known)}
    if gone:
        of_person = links.table.c.user_id == user_id
        connection.execute(
            delete(links.table).where(of_person, links.table.c[links.column].in_(gone))
        )
    return sorted(gone.values())


def _named(
    connection: Connection, links: Links, firm_id: int, ids: Collection[int]
) -> dict[int, str]:
    things = links.things.c
    wanted = select(things.id, things.name).where(things.firm_id == firm_id, things.id.in_(ids))
    return {row.id: row.name for row in connection.execute(wanted)}


def _held(connection: Connection, links: Links, user_id: int) -> set[int]:
    held = select(links.table.c[links.column]).where(links.table.c.user_id == user_id)
    return set(connection.scalars(held))
