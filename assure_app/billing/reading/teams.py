"""The teams page and its dialogs, for those who manage the firm."""

import secrets
from collections.abc import Collection

from sqlalchemy import and_, func, or_, select

from assure_app.billing.reading.members import MOST_MATCHES, picked
from assure_app.billing.reading.settings_rows import (
    Choice,
    Picked,
    TeamForm,
    TeamLoss,
    TeamRow,
    TeamStart,
)
from assure_app.billing.teams import counted
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Permission, Principal, TeamRights, names_of, union
from assure_app.models.tables import firm_user, team, team_member

_MOST_LOSERS = 10


def page(principal: Principal) -> tuple[TeamRow, ...]:
    """Every team of the firm by name; there are at most a hundred."""
    principal.require(Permission.MANAGE_FIRM)
    size = (
        select(func.count())
        .where(team_member.c.team_id == team.c.id)
        .correlate(team)
        .scalar_subquery()
        .label("size")
    )
    every = select(team, size).where(team.c.firm_id == principal.firm_id)
    with reading() as connection:
        rows = connection.execute(every.order_by(func.lower(team.c.name))).all()
    return tuple(
        TeamRow(
            id=row.id,
            name=row.name,
            rights=names_of(
                TeamRights(
                    view_billing=row.view_billing,
                    edit_billing=row.edit_billing,
                    all_clients=row.all_clients,
                )
            ),
            members=counted(int(row.size)),
        )
        for row in rows
    )


def start(principal: Principal, team_id: int) -> TeamStart:
    """What the dialog for a team opens with; 0 is a new team. Raises NotFound."""
    principal.require(Permission.MANAGE_FIRM)
    token = secrets.token_urlsafe(12)
    if not team_id:
        return TeamStart(form_token=token)
    wanted = select(team).where(team.c.id == team_id, team.c.firm_id == principal.firm_id)
    with reading() as connection:
        row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound("team")
    form = TeamForm(
        name=row.name,
        view_billing=row.view_billing,
        edit_billing=row.edit_billing,
        all_clients=row.all_clients,
    )
    return TeamStart(team_id=row.id, form=form, form_token=token)


def members(
    principal: Principal, team_id: int, *, added: Collection[int], removed: Collection[int]
) -> Picked:
    """Who belongs to the team once what was picked so far is saved; the first 50."""
    principal.require(Permission.MANAGE_FIRM)
    there = select(team_member.c.user_id).where(team_member.c.team_id == team_id)
    stays = and_(firm_user.c.id.in_(there), firm_user.c.id.not_in(removed))
    wanted = select(firm_user.c.id, firm_user.c.name).where(
        firm_user.c.firm_id == principal.firm_id, or_(stays, firm_user.c.id.in_(added))
    )
    with reading() as connection:
        return picked(connection, wanted, firm_user.c.name, ("member", "members"))


def matching_people(
    principal: Principal,
    team_id: int,
    search: str,
    *,
    added: Collection[int],
    removed: Collection[int],
) -> tuple[Choice, ...]:
    """At most 20 people of the firm whose name or email holds the text, and who are not in yet."""
    principal.require(Permission.MANAGE_FIRM)
    text = search.replace("\x00", "").strip()
    if not text:
        return ()
    there = select(team_member.c.user_id).where(team_member.c.team_id == team_id)
    wanted = (
        select(firm_user.c.id, firm_user.c.name)
        .where(
            firm_user.c.firm_id == principal.firm_id,
            firm_user.c.is_active,
            or_(
                firm_user.c.name.icontains(text, autoescape=True),
                firm_user.c.email.icontains(text, autoescape=True),
            ),
            or_(firm_user.c.id.not_in(there), firm_user.c.id.in_(removed)),
            firm_user.c.id.not_in(added),
        )
        .order_by(firm_user.c.name)
        .limit(MOST_MATCHES)
    )
    with reading() as connection:
        return tuple(Choice(id=row.id, name=row.name) for row in connection.execute(wanted))


def loss(principal: Principal, team_id: int) -> TeamLoss:
    """Who would lose what with this team, by the union of the teams left to them (R136)."""
    started = start(principal, team_id)
    lost = []
    for name, rights in _members_rights(principal, team_id).items():
        with_team, without = (
            union(rights.values()),
            union(each for other, each in rights.items() if other != team_id),
        )
        gone = [right for right in names_of(with_team) if right not in names_of(without)]
        if gone:
            lost.append(f"{name[1]} loses {_listed(gone)}.")
    more = len(lost) - _MOST_LOSERS
    return TeamLoss(
        team_id=started.team_id,
        name=started.form.name,
        sentences=tuple(lost[:_MOST_LOSERS]) or ("Nobody loses anything.",),
        more=f"So do {more} more people." if more > 0 else "",
    )


def _members_rights(
    principal: Principal, team_id: int
) -> dict[tuple[int, str], dict[int, TeamRights]]:
    """The teams of each member whom teams give anything; owners and admins hold it anyway."""
    of_team = select(team_member.c.user_id).where(team_member.c.team_id == team_id)
    joined = firm_user.join(team_member, team_member.c.user_id == firm_user.c.id).join(
        team, and_(team.c.id == team_member.c.team_id, team.c.firm_id == firm_user.c.firm_id)
    )
    found = (
        select(firm_user.c.id.label("user_id"), firm_user.c.name.label("person"), team)
        .select_from(joined)
        .where(
            firm_user.c.firm_id == principal.firm_id,
            firm_user.c.id.in_(of_team),
            firm_user.c.is_active,
            ~firm_user.c.is_owner,
            ~firm_user.c.is_admin,
        )
        .order_by(func.lower(firm_user.c.name))
    )
    rights: dict[tuple[int, str], dict[int, TeamRights]] = {}
    with reading() as connection:
        for row in connection.execute(found):
            rights.setdefault((row.user_id, row.person), {})[row.id] = TeamRights(
                view_billing=row.view_billing,
                edit_billing=row.edit_billing,
                all_clients=row.all_clients,
            )
    return rights


def _listed(words: list[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
