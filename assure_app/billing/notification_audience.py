"""Who of a firm hears of a kind of news: the rights that `may_hear` asks of one person, asked of
all people of a firm at once (R135–R139)."""

from sqlalchemy import ColumnElement, Integer, bindparam, exists, false, func, true

from assure_app.domain.notifications import RULES, Audience, MailedTo, NotificationKind
from assure_app.models.tables import (
    client_assignment,
    firm_user,
    notification_setting,
    team,
    team_member,
)

LEADS = firm_user.c.is_owner | firm_user.c.is_admin


def has_team(right: ColumnElement[bool]) -> ColumnElement[bool]:
    """That some team of the user gives them the right, a column of `team`."""
    return exists().where(
        team_member.c.user_id == firm_user.c.id, team.c.id == team_member.c.team_id, right
    )


EDITS = LEADS | has_team(team.c.edit_billing)
VIEWS = EDITS | has_team(team.c.view_billing)
SEES_ALL = LEADS | has_team(team.c.all_clients)
SIGNS_IN = firm_user.c.is_active & (firm_user.c.password_hash != "")
"""Who was invited and has not come yet is told nothing."""


def hears(kind: NotificationKind, *, is_of_client: bool) -> ColumnElement[bool]:
    """The condition on firm_user; `is_of_client` for news about the parameter client_id."""
    return SIGNS_IN & _may_hear(kind) & _sees(kind, is_of_client=is_of_client)


def _may_hear(kind: NotificationKind) -> ColumnElement[bool]:
    match RULES[kind].audience:
        case Audience.BILLING:
            return VIEWS
        case Audience.EDITORS:
            return EDITS
        case Audience.STRIPE:
            return (LEADS | firm_user.c.is_stripe_admin) & EDITS


def _sees(kind: NotificationKind, *, is_of_client: bool) -> ColumnElement[bool]:
    if is_of_client:
        return SEES_ALL | exists().where(
            client_assignment.c.user_id == firm_user.c.id,
            client_assignment.c.client_id == bindparam("client_id", type_=Integer),
        )
    return true() if RULES[kind].audience is Audience.STRIPE else SEES_ALL


def wants_in_app() -> ColumnElement[bool]:
    """That they want it behind the bell: so does everybody who never chose."""
    return func.coalesce(notification_setting.c.in_app, true())


def wants_mail(kind: NotificationKind) -> ColumnElement[bool]:
    """That they want it by mail, or never chose and get it by the kind's rule."""
    rule = RULES[kind]
    if not rule.is_mailable:
        return false()
    by_rule: dict[MailedTo, ColumnElement[bool]] = {
        MailedTo.NOBODY: false(),
        MailedTo.LEADS: LEADS,
        MailedTo.EVERYBODY: true(),
    }
    return func.coalesce(notification_setting.c.by_email, by_rule[rule.mailed_to])
