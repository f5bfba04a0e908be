"""The members page and its dialogs, for those who manage the firm."""

import secrets
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from assure_app.billing import people
from assure_app.billing.people import Person
from assure_app.billing.reading.settings_rows import (
    Choice,
    MemberForm,
    MemberRow,
    MembersPage,
    MemberStart,
    Picked,
)
from assure_app.db.unit_of_work import reading
from assure_app.domain.membership import Role, role_of
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import client, client_assignment, firm_user, team, team_member

MOST_ROWS = 50
MOST_MATCHES = 20


def page(principal: Principal, search: str = "") -> MembersPage:
    """The firm's people by name, those who can sign in first; at most 50 that match."""
    principal.require(Permission.MANAGE_FIRM)
    with reading() as connection:
        matching = _matching(principal, search)
        rows = connection.execute(
            matching.order_by(firm_user.c.is_active.desc(), func.lower(firm_user.c.name)).limit(
                MOST_ROWS
            )
        ).all()
        count = int(connection.scalar(select(func.count()).select_from(matching.subquery())) or 0)
        ids = [row.id for row in rows]
        teams, clients = _teams(connection, ids), _clients(connection, ids)
    shown = tuple(
        _row(principal, row, teams.get(row.id, []), clients.get(row.id, 0)) for row in rows
    )
    hidden = f"The first {MOST_ROWS} of {count:,}. Search to find the others."
    return MembersPage(rows=shown, note=hidden if count > MOST_ROWS else "")


def start(principal: Principal, user_id: int) -> MemberStart:
    """What the dialog for a person opens with. Raises NotFound."""
    principal.require(Permission.MANAGE_FIRM)
    with reading() as connection:
        person = people.find(connection, principal.firm_id, user_id)
        teams = _choices(connection, principal, user_id)
    return MemberStart(
        user_id=person.id,
        email=person.email,
        form=_form(person, teams),
        teams=teams,
        is_active=person.is_active,
        is_invited=person.is_invited,
        is_me=person.id == principal.user_id,
        by_owner=principal.is_owner,
        form_token=secrets.token_urlsafe(12),
    )


def team_choices(principal: Principal) -> tuple[Choice, ...]:
    """Every team of the firm, none of them chosen."""
    principal.require(Permission.MANAGE_FIRM)
    with reading() as connection:
        return _choices(connection, principal, 0)


def assigned_clients(
    principal: Principal, user_id: int, *, added: Collection[int], removed: Collection[int]
) -> Picked:
    """The clients the person is to see once what was picked so far is saved; the first 50."""
    principal.require(Permission.MANAGE_FIRM)
    of_firm = client.c.firm_id == principal.firm_id
    assigned = select(client_assignment.c.client_id).where(client_assignment.c.user_id == user_id)
    stays = and_(client.c.id.in_(assigned), client.c.id.not_in(removed))
    wanted = select(client.c.id, client.c.name).where(of_firm, or_(stays, client.c.id.in_(added)))
    with reading() as connection:
        return picked(connection, wanted, client.c.name, ("client", "clients"))


def matching_clients(
    principal: Principal,
    user_id: int,
    search: str,
    *,
    added: Collection[int],
    removed: Collection[int],
) -> tuple[Choice, ...]:
    """At most 20 of the firm's clients whose name holds the text, and who are not picked yet."""
    principal.require(Permission.MANAGE_FIRM)
    text = search.replace("\x00", "").strip()
    if not text:
        return ()
    assigned = select(client_assignment.c.client_id).where(client_assignment.c.user_id == user_id)
    wanted = (
        select(client.c.id, client.c.name)
        .where(
            client.c.firm_id == principal.firm_id,
            client.c.name.icontains(text, autoescape=True),
            or_(client.c.id.not_in(assigned), client.c.id.in_(removed)),
            client.c.id.not_in(added),
        )
        .order_by(client.c.name)
        .limit(MOST_MATCHES)
    )
    with reading() as connection:
        return tuple(Choice(id=row.id, name=row.name) for row in connection.execute(wanted))


def picked(connection: Connection, wanted: Select[Any], by: Any, words: tuple[str, str]) -> Picked:
    """The first 50 of what is picked, and how many there are."""
    count = int(connection.scalar(select(func.count()).select_from(wanted.subquery())) or 0)
    rows = connection.execute(wanted.order_by(by).limit(MOST_ROWS)).all()
    one, several = words
    said = f"1 {one}" if count == 1 else f"{count:,} {several}"
    if count > MOST_ROWS:
        said += f", the first {MOST_ROWS} of them here"
    return Picked(rows=tuple(Choice(id=row.id, name=row.name) for row in rows), count=said)


def _matching(principal: Principal, search: str) -> Select[Any]:
    wanted = select(firm_user).where(firm_user.c.firm_id == principal.firm_id)
    text = search.replace("\x00", "").strip()
    if not text:
        return wanted
    return wanted.where(
        or_(
            firm_user.c.name.icontains(text, autoescape=True),
            firm_user.c.email.icontains(text, autoescape=True),
        )
    )


def _teams(connection: Connection, ids: list[int]) -> dict[int, list[Any]]:
    joined = team_member.join(team, team.c.id == team_member.c.team_id)
    found = connection.execute(
        select(team_member.c.user_id, team.c.name, team.c.all_clients)
        .select_from(joined)
        .where(team_member.c.user_id.in_(ids))
        .order_by(func.lower(team.c.name))
    )
    by_person: dict[int, list[Any]] = {}
    for row in found:
        by_person.setdefault(row.user_id, []).append(row)
    return by_person


def _clients(connection: Connection, ids: list[int]) -> dict[int, int]:
    counts = connection.execute(
        select(client_assignment.c.user_id, func.count().label("clients"))
        .where(client_assignment.c.user_id.in_(ids))
        .group_by(client_assignment.c.user_id)
    )
    return {row.user_id: int(row.clients) for row in counts}


def _row(principal: Principal, row: Row[Any], teams: list[Any], clients: int) -> MemberRow:
    role = role_of(is_owner=row.is_owner, is_admin=row.is_admin)
    sees_all = role is not Role.MEMBER or any(each.all_clients for each in teams)
    assigned = "1 client" if clients == 1 else f"{clients:,} clients"
    return MemberRow(
        id=row.id,
        name=row.name,
        email=row.email,
        badges=_badges(row, role),
        teams=", ".join(each.name for each in teams),
        clients="All clients" if sees_all else assigned,
        is_me=row.id == principal.user_id,
        may_change=principal.is_owner or role is not Role.OWNER,
        is_active=row.is_active,
        is_invited=not row.password_hash,
    )


def _badges(row: Row[Any], role: Role) -> tuple[str, ...]:
    said = (
        (role is not Role.MEMBER, role.value),
        (row.is_stripe_admin, Permission.STRIPE_ADMIN.value),
        (not row.is_active, "Deactivated"),
        (row.is_active and not row.password_hash, "Invited"),
    )
    return tuple(word for is_so, word in said if is_so)


def _choices(connection: Connection, principal: Principal, user_id: int) -> tuple[Choice, ...]:
    mine = select(team_member.c.team_id).where(team_member.c.user_id == user_id)
    chosen = set(connection.scalars(mine))
    every = select(team.c.id, team.c.name).where(team.c.firm_id == principal.firm_id)
    return tuple(
        Choice(id=row.id, name=row.name, is_chosen=row.id in chosen)
        for row in connection.execute(every.order_by(func.lower(team.c.name)))
    )


def _form(person: Person, teams: tuple[Choice, ...]) -> MemberForm:
    return MemberForm(
        name=person.name,
        role=person.role.value,
        is_stripe_admin=person.is_stripe_admin,
        team_ids=tuple(each.id for each in teams if each.is_chosen),
    )
