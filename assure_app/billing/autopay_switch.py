"""Auto-pay of an engagement, on or off (R116): asked about in plain words, then done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from assure_app.billing import audit, autopay_outlook, clients, method_rows, portal_links
from assure_app.billing.reading.schedule_rows import AutopayText, Changed, ChangeStart
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.saved_methods import MethodKind
from assure_app.models.tables import client, engagement, payment_method, schedule, schedule_entry

ACT = "turn auto-pay on or off"
NO_METHOD = "No method"
NOT_CONNECTED = "Nothing is charged until the firm is connected to Stripe in Settings."
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """An engagement with its client, and what auto-pay would charge: "Visa •••• 4242" or ""."""

    id: int
    firm_id: int
    name: str
    client_id: int
    client: str
    is_autopay_on: bool
    method: str


def start(principal: Principal, engagement_id: object, *, now: datetime) -> ChangeStart:
    """The question before it is switched. Raises NotFound, PermissionDenied."""
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    with reading() as connection:
        found = find(connection, principal, engagement_id)
        turns_on = not found.is_autopay_on
        said = _on(connection, found, now) if turns_on else _off(found)
    word = "on" if turns_on else "off"
    return ChangeStart(
        act="on" if turns_on else "off",
        subject_id=found.id,
        title=f"Turn auto-pay {word}",
        subject=f"{found.name} · {found.client}",
        sentences=said,
        button=f"Turn {word}",
        busy=f"Turning {word}…",
    )


def switch(
    principal: Principal, engagement_id: object, *, turns_on: bool, now: datetime
) -> Changed:
    """Turn it on or off; as it is already, it stays. Raises NotFound, PermissionDenied."""
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    word = "on" if turns_on else "off"
    with unit_of_work() as connection:
        found = find(connection, principal, engagement_id)
        changed = connection.execute(
            update(engagement)
            .where(engagement.c.id == found.id, engagement.c.is_autopay_on.is_(not turns_on))
            .values(is_autopay_on=turns_on)
        )
        if changed.rowcount == 1:
            _note(connection, principal, found, f"Auto-pay turned {word}", now)
            audit.note(
                connection,
                firm_id=principal.firm_id,
                user_id=principal.user_id,
                text=f"{principal.name} turned auto-pay {word} for {found.name} of {found.client}",
                at=now,
            )
    return Changed(sentence=f"Auto-pay is {word} for {found.name}.")


def find(connection: Connection, principal: Principal, engagement_id: object) -> Agreed:
    """The engagement with this id, whatever a browser sent; NotFound unless it may be seen."""
    is_id = isinstance(engagement_id, int) and not isinstance(engagement_id, bool)
    if not is_id or not 0 < int(str(engagement_id)) <= _LARGEST_ID:
        raise NotFound("engagement")
    wanted = query().where(engagement.c.id == engagement_id, clients.visible_to(principal))
    row = connection.execute(wanted).first()
    if row is None:
        raise NotFound("engagement")
    return agreed(row)


def agreed(row: Row[Any]) -> Agreed:
    """A row of `query`."""
    return Agreed(
        id=row.id,
        firm_id=row.firm_id,
        name=row.name,
        client_id=row.client_id,
        client=row.client,
        is_autopay_on=row.is_autopay_on,
        method=method_name(row.brand_or_bank, row.last4, row.kind),
    )


def query() -> Select[tuple[object, ...]]:
    """Engagements with their client and its default method."""
    return select(
        engagement.c.id,
        engagement.c.firm_id,
        engagement.c.name,
        engagement.c.client_id,
        engagement.c.is_autopay_on,
        client.c.name.label("client"),
        payment_method.c.brand_or_bank,
        payment_method.c.last4,
        payment_method.c.kind,
    ).select_from(
        engagement.join(client, client.c.id == engagement.c.client_id).outerjoin(
            payment_method,
            (payment_method.c.client_id == client.c.id) & payment_method.c.is_default,
        )
    )


def method_name(brand_or_bank: str | None, last4: str | None, kind: str | None) -> str:
    """ "Visa •••• 4242"; "" for a client without a default method."""
    if kind is None:
        return ""
    return method_rows.name_of(brand_or_bank or "", last4 or "", MethodKind(kind))


def text_of(
    *, is_on: bool | None, engagement_name: str | None, client: str, method: str
) -> AutopayText:
    """Auto-pay in words; `is_on` None is without an engagement (R128)."""
    if is_on is None or engagement_name is None:
        return AutopayText(sentence="Auto-pay belongs to an engagement. This has none.")
    if not is_on:
        return AutopayText(sentence=f"Invoices of {engagement_name} wait for the client to pay.")
    if not method:
        return AutopayText(
            label=NO_METHOD,
            sentence=f"{client} has no payment method saved that can be charged: due invoices of "
            f"{engagement_name} wait for the client to pay.",
        )
    return AutopayText(label="On", method=method, sentence=_charges(engagement_name, method))


def _charges(name: str, method: str) -> str:
    return (
        f"Each invoice of {name} is charged to {method} on its due date, for what is left to pay."
    )


def _off(found: Agreed) -> tuple[str, ...]:
    return (
        f"Invoices of {found.name} are not charged any more: the client pays them by hand.",
        "A charge that is under way already goes on.",
    )


def _on(connection: Connection, found: Agreed, now: datetime) -> tuple[str, ...]:
    """What is charged from now on, and how much of it is due already."""
    if not found.method:
        return (
            _charges(found.name, "the client’s default payment method"),
            f"{found.client} has not saved one yet: nothing is charged until then.",
        )
    if not portal_links.takes_payments(connection, found.firm_id):
        return (_charges(found.name, found.method), NOT_CONNECTED)
    due = autopay_outlook.sentences(
        connection,
        firm_id=found.firm_id,
        client_id=found.client_id,
        engagement_id=found.id,
        now=now,
    )
    return (_charges(found.name, found.method), *due)


def _note(
    connection: Connection, principal: Principal, found: Agreed, text: str, now: datetime
) -> None:
    ids = connection.scalars(select(schedule.c.id).where(schedule.c.engagement_id == found.id))
    entries = [
        {
            "firm_id": found.firm_id,
            "schedule_id": schedule_id,
            "at": now,
            "text": text,
            "actor": principal.name,
            "user_id": principal.user_id,
        }
        for schedule_id in ids
    ]
    if entries:
        connection.execute(schedule_entry.insert(), entries)
