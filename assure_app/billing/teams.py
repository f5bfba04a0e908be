"""Teams give rights to their members: making, changing and deleting them (R136, R137)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from assure_app.billing import audit, memberships, people
from assure_app.billing.memberships import TEAMS
from assure_app.billing.people import Person
from assure_app.billing.reading.settings_rows import TeamForm
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.entry import Entry
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Permission, Principal, TeamRights, names_of
from assure_app.models.tables import firm_user, team, team_member

LONGEST_NAME = 100
MOST_TEAMS = 100
MOST_AT_ONCE = 500
_NAMES_TOLD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChange:
    """Who is to join a team and who to leave it; others stay as they are."""

    joining: tuple[int, ...] = ()
    leaving: tuple[int, ...] = ()


NO_MEMBERS = MemberChange()


def create(
    principal: Principal, form: TeamForm, *, members: MemberChange = NO_MEMBERS, now: datetime
) -> str:
    """Make a team and give the sentence to show. Raises InvalidInput by field."""
    _require(principal, now)
    entry = Entry()
    name = _name(entry, form.name)
    _limit(entry, members)
    entry.check()
    with unit_of_work() as connection:
        actor = people.hold_firm(connection, principal)
        count = select(func.count()).where(team.c.firm_id == principal.firm_id)
        if int(connection.scalar(count) or 0) >= MOST_TEAMS:
            entry.refuse("name", f"A firm can have {MOST_TEAMS} teams. Delete one first.")
        _check_free(connection, entry, principal, name)
        values = {"firm_id": principal.firm_id, "name": name} | _rights(form)
        made = connection.execute(insert(team).values(values)).inserted_primary_key or (0,)
        said = [_given(form), *_move(connection, actor, int(made[0]), members)]
        _note(connection, actor, f"made the team {name}: {' · '.join(said)}", now)
    return f"{name} was made."


def change(
    principal: Principal,
    team_id: int,
    *,
    before: TeamForm,
    after: TeamForm,
    members: MemberChange = NO_MEMBERS,
    now: datetime,
) -> str:
    """Change what differs between the two forms, and who belongs to the team.

    Gives the sentence to show. Raises InvalidInput by field, NotFound.
    """
    _require(principal, now)
    entry = Entry()
    name = _name(entry, after.name)
    _limit(entry, members)
    entry.check()
    with unit_of_work() as connection:
        actor = people.hold_firm(connection, principal)
        stored = _find(connection, principal, team_id)
        if after.name == before.name:
            name = stored["name"]
        _check_free(connection, entry, principal, name, but=team_id)
        typed, began = _rights(after), _rights(before)
        wanted = {
            right: typed[right] if typed[right] != began[right] else stored[right]
            for right in typed
        }
        said = _changes(stored, name, wanted)
        connection.execute(update(team).where(team.c.id == team_id).values(name=name, **wanted))
        said += _move(connection, actor, team_id, members)
        if said:
            _note(connection, actor, f"changed the team {stored['name']}: {' · '.join(said)}", now)
    return f"{name} was saved." if said else "Nothing was changed."


def remove(principal: Principal, team_id: int, *, now: datetime) -> str:
    """Delete a team; its members keep what their other teams give them. Raises NotFound."""
    _require(principal, now)
    with unit_of_work() as connection:
        actor = people.hold_firm(connection, principal)
        stored = _find(connection, principal, team_id)
        gone = connection.execute(delete(team_member).where(team_member.c.team_id == team_id))
        connection.execute(delete(team).where(team.c.id == team_id))
        what = f"deleted the team {stored['name']} ({counted(int(gone.rowcount))})"
        _note(connection, actor, what, now)
    return f"{stored['name']} was deleted."


def counted(members: int) -> str:
    """ "1 member", "12 members"."""
    return "1 member" if members == 1 else f"{members:,} members"


def _require(principal: Principal, now: datetime) -> None:
    audit.require(principal, Permission.MANAGE_FIRM, act="change teams", now=now)


def _name(entry: Entry, typed: str) -> str:
    name = entry.line("name", typed, limit=LONGEST_NAME, name="The name")
    if not name:
        entry.refuse("name", "Enter a name for the team.")
    return name


def _limit(entry: Entry, members: MemberChange) -> None:
    if len(members.joining) + len(members.leaving) > MOST_AT_ONCE:
        entry.refuse("members", f"Change at most {MOST_AT_ONCE} members at once, then go on.")


def _check_free(
    connection: Connection, entry: Entry, principal: Principal, name: str, *, but: int = 0
) -> None:
    """Two names that differ in capitals alone would be taken for one another."""
    named = select(team.c.id).where(
        team.c.firm_id == principal.firm_id,
        func.lower(team.c.name) == func.lower(name),
        team.c.id != but,
    )
    if connection.execute(named).first():
        entry.refuse("name", f"There is a team named {name} already.")
    entry.check()


def _find(connection: Connection, principal: Principal, team_id: int) -> RowMapping:
    found = select(team).where(team.c.id == team_id, team.c.firm_id == principal.firm_id)
    row = connection.execute(found).mappings().one_or_none()
    if row is None:
        raise NotFound("team")
    return row


def _rights(form: TeamForm) -> dict[str, bool]:
    """Edit implies View, and is stored so (R137)."""
    return {
        "view_billing": form.view_billing or form.edit_billing,
        "edit_billing": form.edit_billing,
        "all_clients": form.all_clients,
    }


def _given(form: TeamForm) -> str:
    return ", ".join(names_of(TeamRights(**_rights(form)))) or "no rights"


def _changes(stored: RowMapping, name: str, wanted: dict[str, bool]) -> list[str]:
    said = [] if name == stored["name"] else [f"now named {name}"]
    before = set(names_of(TeamRights(**{right: stored[right] for right in wanted})))
    after = set(names_of(TeamRights(**wanted)))
    said += [f"{right} given" for right in sorted(after - before)]
    said += [f"{right} taken away" for right in sorted(before - after)]
    return said


def _move(connection: Connection, actor: Person, team_id: int, members: MemberChange) -> list[str]:
    """Let people of the firm join and leave; who did, in words."""
    joined, left = [], []
    for user_id, name in _people(connection, actor, members.joining):
        belongs = {"firm_id": actor.firm_id, "user_id": user_id}
        joined += [name for _ in memberships.add(connection, TEAMS, **belongs, ids=(team_id,))]
    for user_id, name in _people(connection, actor, members.leaving):
        belongs = {"firm_id": actor.firm_id, "user_id": user_id}
        left += [name for _ in memberships.remove(connection, TEAMS, **belongs, ids=(team_id,))]
    return [
        f"{_listed(names)} {verb}" for names, verb in ((joined, "joined"), (left, "left")) if names
    ]


def _people(connection: Connection, actor: Person, ids: tuple[int, ...]) -> list[tuple[int, str]]:
    known = (
        select(firm_user.c.id, firm_user.c.name)
        .where(firm_user.c.firm_id == actor.firm_id, firm_user.c.id.in_(ids))
        .order_by(firm_user.c.name)
    )
    return [(row.id, row.name) for row in connection.execute(known)]


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMES_TOLD
    listed = ", ".join(names[:_NAMES_TOLD])
    return f"{listed} and {more} more" if more > 0 else listed


def _note(connection: Connection, actor: Person, what: str, now: datetime) -> None:
    text = f"{actor.name} {what}"
    audit.note(connection, firm_id=actor.firm_id, user_id=actor.id, text=text, at=now)
