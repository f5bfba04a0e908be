"""What a client saved to pay with, as the firm's people see it (R127, R136)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import clients, method_needs, method_rows, portal_links
from assure_app.billing.method_rows import StoredMethod
from assure_app.billing.reading.method_words import saved_row
from assure_app.billing.reading.portal_rows import SavedRow
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_of
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import client, contact, firm, firm_user


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientMethods:
    """The saved methods of one client; `client_id` 0 stands for no client.

    `autopay` says which work is charged by the default without anybody asking, "" for none.
    `may_change` is whether the person who looks may also change them, `can_add` whether one can be
    added at this moment.
    """

    client_id: int = 0
    client: str = ""
    rows: tuple[SavedRow, ...] = ()
    autopay: str = ""
    may_change: bool = False
    can_add: bool = False


def of_client(principal: Principal, client_id: int, *, now: datetime) -> ClientMethods:
    """What this client saved. Raises PermissionDenied, and NotFound for one out of reach."""
    principal.require(Permission.VIEW_BILLING)
    with reading() as connection:
        found = connection.execute(
            select(client.c.name, firm.c.timezone)
            .join(firm, firm.c.id == client.c.firm_id)
            .where(client.c.id == client_id, clients.visible_to(principal))
        ).one_or_none()
        if found is None:
            raise NotFound("client")
        methods = method_rows.of_client(connection, firm_id=principal.firm_id, client_id=client_id)
        names = _names(connection, methods)
        today = day_of(now, found.timezone)
        may_change = principal.has(Permission.EDIT_BILLING)
        return ClientMethods(
            client_id=client_id,
            client=found.name,
            rows=tuple(
                saved_row(each, by=names.get(each.id, ""), timezone=found.timezone, today=today)
                for each in methods
            ),
            autopay=_autopay(connection, client_id),
            may_change=may_change,
            can_add=may_change and portal_links.takes_payments(connection, principal.firm_id),
        )


def _autopay(connection: Connection, client_id: int) -> str:
    names = method_needs.autopay_engagements(connection, client_id)
    return f"On auto-pay: {', '.join(names)}" if names else ""


def _names(connection: Connection, methods: Collection[StoredMethod]) -> dict[int, str]:
    """Who added each: one of the client's people, or of the firm's."""
    of_client = {each.added_by_id for each in methods if each.added_by_id is not None}
    of_firm = {each.added_by_user_id for each in methods if each.added_by_user_id is not None}
    contacts = connection.execute(select(contact).where(contact.c.id.in_(of_client)))
    users = connection.execute(select(firm_user).where(firm_user.c.id.in_(of_firm)))
    contact_names = {row.id: row.name for row in contacts}
    user_names = {row.id: row.name for row in users}
    return {
        each.id: contact_names.get(each.added_by_id or 0)
        or user_names.get(each.added_by_user_id or 0, "")
        for each in methods
    }
