"""The demo firm: people, clients and a year of invoices, loaded through the services themselves.

Nothing here is random: the same day gives the same firm, with dates counted back from it.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, insert, update

from assure_app.auth.passwords import hash_password
from assure_app.billing import overdue, stripe_accounts
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.permissions import Principal, TeamRights
from assure_app.models.tables import (
    client,
    contact,
    engagement,
    firm,
    firm_user,
    stripe_account,
    team,
    team_member,
)
from assure_app.sandbox import (
    demo_invoices,
    demo_methods,
    demo_notifications,
    demo_reminders,
    demo_schedules,
)
from assure_app.sandbox.demo_charges import demo_stripe
from assure_app.sandbox.demo_people import CHEN, NORTHSIDE, DemoFirm, DemoUser
from assure_app.stripe_gateway.records import Account

PASSWORD = "demo-demo-demo"  # noqa: S105  printed at every start, and valid in sandbox mode only


def load(*, now: datetime) -> None:
    """Write the demo firms as if they had worked for a year until `now`."""
    password_hash = hash_password(PASSWORD)
    for one in (CHEN, NORTHSIDE):
        started = now - timedelta(days=400)
        with unit_of_work() as connection:
            principals = _insert_firm(connection, one, password_hash, started)
            clients = _insert_clients(connection, one, principals[0].firm_id, started)
            account = Account(
                id=one.account_id,
                charges_enabled=one.is_account_active,
                payouts_enabled=one.is_account_active,
                details_submitted=one.is_account_active,
                disabled_reason="",
            )
            stripe_accounts.connect(connection, principals[0].firm_id, account, now=now)
            # The worker compares the account with the books as soon as it is there.
            at_once = update(stripe_account).where(stripe_account.c.account_id == one.account_id)
            connection.execute(at_once.values(reconcile_at=now))
        with demo_stripe(one.account_id, now) as stripe:
            demo_invoices.load(one, principals, clients, stripe, now=now)
            demo_methods.load(one, clients, stripe, now=now)
        demo_notifications.load(principals[0].firm_id, now=now)
        if one is CHEN:
            demo_schedules.load(principals[0], clients, one.timezone, now=now)
            demo_reminders.load(principals[0], one.timezone, now=now)
    while overdue.note_next(now=now):  # Else the worker would, while somebody looks already.
        pass


def _insert_firm(
    connection: Connection, one: DemoFirm, password_hash: str, at: datetime
) -> list[Principal]:
    values = {"name": one.name, "timezone": one.timezone, "created_at": at}
    firm_id = _inserted_id(connection, firm, values)
    principals = []
    for user in one.users:
        user_id = _inserted_id(
            connection,
            firm_user,
            {
                "firm_id": firm_id,
                "name": user.name,
                "email": user.email,
                "password_hash": password_hash,
                "is_owner": user.is_owner,
                "is_admin": user.is_admin,
                "is_stripe_admin": user.is_stripe_admin,
                "created_at": at,
            },
        )
        principals.append(_principal(user, user_id, firm_id))
        _insert_team(connection, user, user_id, firm_id)
    return principals


def _insert_team(connection: Connection, user: DemoUser, user_id: int, firm_id: int) -> None:
    if not user.team:
        return
    team_id = _inserted_id(
        connection,
        team,
        {
            "firm_id": firm_id,
            "name": user.team,
            "view_billing": user.views_billing,
            "all_clients": user.views_billing,
        },
    )
    connection.execute(insert(team_member).values(team_id=team_id, user_id=user_id))


def _insert_clients(
    connection: Connection, one: DemoFirm, firm_id: int, at: datetime
) -> dict[str, tuple[int, int | None]]:
    """Client and engagement ids by the client's name."""
    ids: dict[str, tuple[int, int | None]] = {}
    for each in one.clients:
        values = {"firm_id": firm_id, "name": each.name, "created_at": at}
        client_id = _inserted_id(connection, client, values)
        connection.execute(
            insert(contact).values(
                client_id=client_id,
                name=each.contact_name,
                email=each.contact_email,
                role=each.contact_role.value,
            )
        )
        engagement_id = None
        if each.engagement:
            agreed = {
                "firm_id": firm_id,
                "client_id": client_id,
                "name": each.engagement,
                "is_autopay_on": each.is_autopay_on,
            }
            engagement_id = _inserted_id(connection, engagement, agreed)
        ids[each.name] = (client_id, engagement_id)
    return ids


def _principal(user: DemoUser, user_id: int, firm_id: int) -> Principal:
    return Principal(
        session_id=0,
        user_id=user_id,
        firm_id=firm_id,
        name=user.name,
        email=user.email,
        is_owner=user.is_owner,
        is_admin=user.is_admin,
        is_stripe_admin=user.is_stripe_admin,
        rights=TeamRights(view_billing=user.views_billing),
    )


def _inserted_id(connection: Connection, table: Table, values: dict[str, object]) -> int:
    result = connection.execute(insert(table).values(values))
    (row_id,) = result.inserted_primary_key or (0,)
    return int(row_id)
