"""Choosing the default of a client's saved methods, and removing one, whoever does it (R127, R128).

Strictly inside the client they act for. Removing asks Stripe outside any transaction, after who
asked for it was committed; asked again, it does no more than it did.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import audit, method_needs, method_news, method_rows
from assure_app.billing.method_needs import RemovalEffect
from assure_app.billing.method_rows import StoredMethod
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import BillingError, NotFound
from assure_app.domain.saved_methods import MethodDisabled

WHAT = "payment method"


class MethodNotRemoved(BillingError):
    """Stripe still keeps the method."""

    retryable = True

    def __init__(self, name: str) -> None:
        super().__init__(f"Stripe did not remove {name}. Please try again in a minute.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts on the methods of which client: `name` as the audit log calls them.

    `check` raises when they may not do it, in the transaction of the act.
    """

    firm_id: int
    client_id: int
    name: str
    user_id: int | None
    check: Callable[[Connection], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """The question before a method is removed: which it is, and what that changes."""

    method: StoredMethod
    effect: RemovalEffect


def ask(actor: Actor, row_id: object) -> Removal:
    """What removing one of the client's methods means. Raises NotFound for one that is gone."""
    with reading() as connection:
        actor.check(connection)
        found = _standing(connection, actor, row_id)
        return Removal(method=found, effect=method_needs.of_removal(connection, found))


def make_default(actor: Actor, row_id: object, *, now: datetime) -> str:
    """Make a method the client's one default; gives the sentence to show.

    Raises NotFound, and MethodDisabled for one that takes no payments.
    """
    with unit_of_work() as connection:
        method_rows.hold_client(connection, actor.client_id)
        actor.check(connection)
        chosen = _standing(connection, actor, row_id)
        if not chosen.is_usable:
            raise MethodDisabled(chosen.name)
        if not chosen.is_default:
            method_rows.set_default(connection, actor.client_id, chosen.id)
            _note(connection, actor, f"made {chosen.name} the default", now)
    return f"{chosen.name} is the default now."


def remove(actor: Actor, row_id: object, *, told: str, now: datetime) -> str:
    """Remove a method for good, at Stripe too; gives the sentence to show.

    `told` is the warning that was read before it. Asked twice, it changes nothing more. Raises
    NotFound, WarningChanged when auto-pay depends on it in another way than was told, StripeSilent,
    and MethodNotRemoved when Stripe keeps it all the same.
    """
    with unit_of_work() as connection:
        method_rows.hold_client(connection, actor.client_id)
        actor.check(connection)
        found = _own(connection, actor, row_id)
        if found.removed_at is None:
            method_needs.check_told(connection, found, told)
            _note(connection, actor, f"asked to remove {found.name}", now)
    if found.removed_at is None:
        news = method_news.detach(found.account_id, found.method_id)
        with unit_of_work() as connection:
            news(connection, now=now)
            if _own(connection, actor, row_id).removed_at is None:
                raise MethodNotRemoved(found.name)
    return f"{found.name} was removed."


def _own(connection: Connection, actor: Actor, row_id: object) -> StoredMethod:
    return method_rows.own(
        connection, firm_id=actor.firm_id, client_id=actor.client_id, row_id=row_id
    )


def _standing(connection: Connection, actor: Actor, row_id: object) -> StoredMethod:
    found = _own(connection, actor, row_id)
    if found.removed_at is not None:
        raise NotFound(WHAT)
    return found


def _note(connection: Connection, actor: Actor, what: str, now: datetime) -> None:
    audit.note(
        connection,
        firm_id=actor.firm_id,
        user_id=actor.user_id,
        text=f"{actor.name} {what}",
        at=now,
    )
