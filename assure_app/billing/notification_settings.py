"""What each person of a firm chose to be told, and how; everybody their own, nobody another's."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import PermissionDenied
from assure_app.domain.notifications import (
    RULES,
    NotificationKind,
    is_mailed_by_default,
    kinds_for,
)
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import notification_setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How one kind of news reaches the person."""

    in_app: bool
    by_email: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """A kind as the settings show it, with what holds now."""

    kind: str
    label: str
    help_text: str
    is_mailable: bool
    in_app: bool
    by_email: bool


def start(principal: Principal) -> tuple[ChoiceRow, ...]:
    """The kinds that the person may hear of, in order; none for who hears of nothing."""
    with reading() as connection:
        chosen = _chosen(connection, principal)
    return tuple(
        ChoiceRow(
            kind=kind.value,
            label=RULES[kind].label,
            help_text=RULES[kind].help_text,
            is_mailable=RULES[kind].is_mailable,
            in_app=choice.in_app,
            by_email=choice.by_email,
        )
        for kind, choice in chosen.items()
    )


def save(principal: Principal, wanted: Mapping[str, Choice]) -> str:
    """Keep what differs from what holds now, and say so; saved twice, it is saved.

    What is not of a kind that the person may hear of is left out. Raises PermissionDenied for who
    may hear of nothing.
    """
    if not kinds_for(principal):
        raise PermissionDenied(Permission.VIEW_BILLING)
    with unit_of_work() as connection:
        for kind, choice in _chosen(connection, principal).items():
            after = wanted.get(kind.value, choice)
            if not RULES[kind].is_mailable:
                after = Choice(in_app=after.in_app, by_email=False)
            if after != choice:
                _write(connection, principal.user_id, kind, after)
    return "Your notifications were saved."


def _chosen(connection: Connection, principal: Principal) -> dict[NotificationKind, Choice]:
    own = select(notification_setting).where(notification_setting.c.user_id == principal.user_id)
    stored = {row.kind: row for row in connection.execute(own)}
    leads = principal.is_owner or principal.is_admin
    return {
        kind: Choice(in_app=stored[kind].in_app, by_email=stored[kind].by_email)
        if kind in stored
        else Choice(in_app=True, by_email=is_mailed_by_default(kind, leads=leads))
        for kind in kinds_for(principal)
    }


def _write(connection: Connection, user_id: int, kind: NotificationKind, choice: Choice) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"in_app": choice.in_app, "by_email": choice.by_email}
    row = {"user_id": user_id, "kind": kind.value, **values}
    insert = dialect.insert(notification_setting).values(row)
    connection.execute(
        insert.on_conflict_do_update(index_elements=["user_id", "kind"], set_=values)
    )
