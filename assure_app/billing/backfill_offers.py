"""The question about past invoices as stored: asked once, answered once (R114, R119, R121)."""

from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain import backfill as rules
from assure_app.domain.backfill import Answer
from assure_app.domain.calendar import day_of
from assure_app.models.tables import backfill_item, backfill_offer, firm


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOffer:
    """An offer as stored; `charged_id` is the method that whoever accepted it agreed to."""

    id: int
    firm_id: int
    client_id: int
    method_id: int
    offered_on: date
    offered_at: datetime
    answer: Answer
    answered_at: datetime | None
    answered_by_id: int | None
    charged_id: int | None
    closed_at: datetime | None


# Built once: building a statement takes longer than running it.
_OF_CLIENT = select(*(backfill_offer.c[field.name] for field in fields(StoredOffer))).where(
    backfill_offer.c.client_id == bindparam("client_id"),
    backfill_offer.c.firm_id == bindparam("firm_id"),
)


def ask(
    connection: Connection, *, firm_id: int, client_id: int, method_id: int, now: datetime
) -> None:
    """Have the client asked, now that its first method is saved; the caller holds the client.

    Nothing is looked at yet: what there is to ask about is read when somebody of the client looks.
    """
    zone = str(connection.scalar(select(firm.c.timezone).where(firm.c.id == firm_id)))
    connection.execute(
        insert(backfill_offer).values(
            firm_id=firm_id,
            client_id=client_id,
            method_id=method_id,
            offered_on=day_of(now, zone),
            offered_at=now,
            answer=Answer.WAITING.value,
        )
    )


def of_client(connection: Connection, *, firm_id: int, client_id: int) -> StoredOffer | None:
    """The client's offer; None when nothing was ever saved."""
    known = {"client_id": client_id, "firm_id": firm_id}
    row = connection.execute(_OF_CLIENT, known).mappings().first()
    return None if row is None else StoredOffer(**{**row, "answer": Answer(row["answer"])})


def is_left_to_client(connection: Connection, invoice: InvoiceRecord) -> bool:
    """Whether the invoice was on file and past due when the client first saved a method: whether it
    is charged by that, the client alone says (R118, R119, R122)."""
    offer = of_client(connection, firm_id=invoice.firm_id, client_id=invoice.client_id)
    if offer is None or invoice.opened_at is None:
        return False
    return rules.is_left_to_client(
        opened_at=invoice.opened_at,
        due_on=invoice.due_on,
        offered_at=offer.offered_at,
        offered_on=offer.offered_on,
    )


def answer(
    connection: Connection,
    offer: StoredOffer,
    given: Answer,
    *,
    contact_id: int,
    charged_id: int | None = None,
    now: datetime,
) -> bool:
    """Keep the answer; False when somebody else's was first."""
    kept = connection.execute(
        update(backfill_offer)
        .where(
            backfill_offer.c.id == offer.id,
            backfill_offer.c.answer == Answer.WAITING.value,
        )
        .values(
            answer=given.value, answered_at=now, answered_by_id=contact_id, charged_id=charged_id
        )
    )
    return kept.rowcount == 1


def close(connection: Connection, offer: StoredOffer, *, now: datetime) -> None:
    """Note that what came of it was seen, once."""
    is_it = (backfill_offer.c.id == offer.id) & backfill_offer.c.closed_at.is_(None)
    connection.execute(update(backfill_offer).where(is_it).values(closed_at=now))


def add_item(
    connection: Connection, offer: StoredOffer, *, invoice_id: int, checkout_id: int
) -> None:
    """Keep that this asking is the back-fill's."""
    values = {"offer_id": offer.id, "invoice_id": invoice_id, "checkout_id": checkout_id}
    connection.execute(insert(backfill_item).values(values))
