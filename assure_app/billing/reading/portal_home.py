"""The portal's first page and its frame: one client's own invoices and payments (R054, R142)."""

from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, exists, func, select

from assure_app.billing import portal_links
from assure_app.billing.invoice_record import facts_of
from assure_app.billing.reading import autopay_client_words, autopay_words
from assure_app.billing.reading.portal_methods import saved_rows
from assure_app.billing.reading.portal_money import RETURNED, money_row
from assure_app.billing.reading.portal_rows import (
    ClosedInvoice,
    InvoiceCard,
    MoneyRow,
    Place,
    PortalFrame,
    PortalHome,
)
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.client_view import Standing, due_text, standing
from assure_app.domain.invoice_status import Stage
from assure_app.domain.money import full_text
from assure_app.domain.portal_access import PortalPerson, PortalPrincipal
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import checkout, client, firm, invoice, payment

OUTSTANDING_LIMIT = 100
RECENT_LIMIT = 10
_IS_BEING_CHARGED = (
    exists()
    .where(
        checkout.c.invoice_id == invoice.c.id,
        # As the index says it, or SQLite would not see that the index serves.
        (checkout.c.state == "new") | (checkout.c.state == "open"),
        checkout.c.method_id.is_not(None),
    )
    .label("is_being_charged")
)
"""Whether a saved method is charged for an invoice at this moment: then it is not asked for."""


def portal_frame(person: PortalPerson, chosen: PortalPrincipal) -> PortalFrame:
    """The frame around every page, for the client that the person is looking at."""
    with reading() as connection:
        names = {
            row.id: row
            for row in connection.execute(
                select(client.c.id, client.c.name, firm.c.name.label("firm"), firm.c.timezone)
                .join(firm, firm.c.id == client.c.firm_id)
                .where(client.c.id.in_([each.client_id for each in person.contacts]))
            )
        }
        owed = _owed(connection, person) if len(person.contacts) > 1 else {}
    here = names[chosen.client_id]
    places = tuple(
        Place(
            client=names[each.client_id].name,
            firm=names[each.client_id].firm,
            owes=full_text(owed[each.client_id]) if owed.get(each.client_id) else "",
            href=_home_href(person, each),
            is_current=each.client_id == chosen.client_id,
        )
        for each in person.contacts
    )
    return PortalFrame(
        firm=here.firm,
        client=here.name,
        person=chosen.name,
        role=chosen.role.label,
        home_href=_home_href(person, chosen),
        timezone=here.timezone,
        places=places if len(places) > 1 else (),
    )


def portal_home(viewer: PortalPrincipal, *, now: datetime) -> PortalHome:
    """What the client owes, what is on its way, and what was paid last."""
    with reading() as connection:
        zone = str(connection.scalar(select(firm.c.timezone).where(firm.c.id == viewer.firm_id)))
        today = day_of(now, zone)
        pays = viewer.may_pay and portal_links.takes_payments(connection, viewer.firm_id)
        methods = saved_rows(connection, viewer, timezone=zone, today=today)
        open_ones = select(invoice, _IS_BEING_CHARGED).where(
            _of(viewer), invoice.c.stage == Stage.OPEN.value
        )
        rows = connection.execute(
            open_ones.order_by(invoice.c.due_on, invoice.c.id).limit(OUTSTANDING_LIMIT)
        ).all()
        stands = autopay_words.stands(connection, [row.id for row in rows], timezone=zone, now=now)
        coming = {
            key: autopay_client_words.in_short(each, may_pay=viewer.may_pay, today=today)
            for key, each in stands.items()
        }
        totals = connection.execute(_totals(viewer, today)).one()
        money = partial(_money, connection, viewer, timezone=zone, today=today)
        return PortalHome(
            is_loaded=True,
            balance=full_text(int(totals.balance or 0)),
            summary=_summary(int(totals.owed), int(totals.late or 0)),
            pending=full_text(int(totals.pending)) if totals.pending else "",
            outstanding=tuple(
                _card(row, today, pays=pays, autopay=coming.get(row.id, "")) for row in rows
            ),
            more=_more(int(totals.invoices), len(rows)),
            processing=money(RowStatus.PENDING),
            paid=money(RowStatus.COMPLETED, RowStatus.REFUNDED),
            closed=_cancelled(connection, viewer, today),
            shows_methods=pays or bool(methods),
            can_add=pays,
            methods=methods,
        )


def _owed(connection: Connection, person: PortalPerson) -> dict[int, int]:
    """What each of the person's clients is asked for, in cents."""
    rows = connection.execute(
        select(invoice.c.client_id, func.sum(invoice.c.balance_cents).label("balance"))
        .where(
            invoice.c.client_id.in_([each.client_id for each in person.contacts]),
            invoice.c.opened_at.is_not(None),
            invoice.c.stage == Stage.OPEN.value,
        )
        .group_by(invoice.c.client_id)
    )
    return {row.client_id: int(row.balance) for row in rows}


def _home_href(person: PortalPerson, contact: PortalPrincipal) -> str:
    """The first of several clients needs no name in the address."""
    if contact == person.contacts[0]:
        return "/portal"
    return f"/portal?client={contact.client_id}"


def _of(viewer: PortalPrincipal) -> Any:
    """What is this client's, and not a draft any more (R054)."""
    return (
        (invoice.c.client_id == viewer.client_id)
        & (invoice.c.firm_id == viewer.firm_id)
        & invoice.c.opened_at.is_not(None)
    )


def _totals(viewer: PortalPrincipal, today: date) -> Any:
    owes = invoice.c.balance_cents > 0
    return select(
        func.count().label("invoices"),
        func.sum(invoice.c.balance_cents).label("balance"),
        func.sum(invoice.c.pending_cents).label("pending"),
        func.count().filter(owes).label("owed"),
        func.count().filter(owes & (invoice.c.due_on < today)).label("late"),
    ).where(_of(viewer), invoice.c.stage == Stage.OPEN.value)


def _summary(owed: int, late: int) -> str:
    """ "3 invoices, 1 of them overdue"."""
    if not owed:
        return "Nothing is due."
    count = f"{owed:,} invoice" if owed == 1 else f"{owed:,} invoices"
    if not late:
        return count
    return f"{count}, overdue" if owed == 1 else f"{count}, {late:,} overdue"


def _more(count: int, shown: int) -> str:
    if count <= shown:
        return ""
    return f"These are the {shown:,} that fall due first, of {count:,}."


def _card(row: Row[Any], today: date, *, pays: bool, autopay: str) -> InvoiceCard:
    stands = standing(facts_of(row), today)
    owes = stands is not Standing.PROCESSING and not row.is_being_charged
    when = "being charged now" if row.is_being_charged else due_text(row.due_on, today)
    return InvoiceCard(
        number=row.number,
        title=row.title,
        href=f"/pay/{row.pay_token}",
        standing=stands.value,
        due=day_text(row.due_on, today=today),
        when="" if stands is Standing.PROCESSING else when,
        is_late=stands is Standing.OVERDUE and owes,
        balance=full_text(row.balance_cents),
        total=full_text(row.total_cents),
        paid=full_text(row.settled_cents) if row.settled_cents else "",
        pending=full_text(row.pending_cents) if row.pending_cents else "",
        autopay=autopay if owes else "",
        act=f"Pay {full_text(row.balance_cents)}" if owes and pays else "See invoice",
    )


def _money(
    connection: Connection,
    viewer: PortalPrincipal,
    *statuses: RowStatus,
    timezone: str,
    today: date,
) -> tuple[MoneyRow, ...]:
    rows = connection.execute(
        select(payment, invoice.c.number, invoice.c.pay_token, RETURNED)
        .join(invoice, invoice.c.id == payment.c.invoice_id)
        .where(
            payment.c.client_id == viewer.client_id,
            _of(viewer),
            payment.c.kind == Kind.PAYMENT.value,
            payment.c.status.in_([status.value for status in statuses]),
        )
        .order_by(payment.c.id.desc())
        .limit(RECENT_LIMIT)
    ).all()
    newest_first = sorted(rows, key=lambda row: row.completed_at or row.created_at, reverse=True)
    return tuple(
        money_row(
            row,
            number=row.number,
            pay_token=row.pay_token,
            timezone=timezone,
            today=today,
            returned_cents=int(row.returned_cents),
        )
        for row in newest_first
    )


def _cancelled(
    connection: Connection, viewer: PortalPrincipal, today: date
) -> tuple[ClosedInvoice, ...]:
    rows = connection.execute(
        select(invoice)
        .where(_of(viewer), invoice.c.stage == Stage.CANCELLED.value)
        .order_by(invoice.c.issued_on.desc(), invoice.c.id.desc())
        .limit(RECENT_LIMIT)
    )
    return tuple(
        ClosedInvoice(
            number=row.number,
            href=f"/pay/{row.pay_token}",
            issued=day_text(row.issued_on, today=today),
            standing=Standing.CANCELLED.value,
            total=full_text(row.total_cents),
        )
        for row in rows
    )
