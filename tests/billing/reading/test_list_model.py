"""The list against the plainest list there is: Python's filter and sorted (R072, R136, R140)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, product
from random import Random
from typing import Any

import pytest
from sqlalchemy import Row, insert, select

from assure_app.billing.reading import invoice_list
from assure_app.billing.reading.invoice_query import SORTS, Query
from assure_app.billing.reading.invoice_rows import neighbours
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.invoice_status import Status, Tile, status, tiles
from assure_app.domain.permissions import Principal
from assure_app.models.tables import client_assignment, invoice, payment
from tests.factories import MOMENT, make_client, make_invoice, make_payment
from tests.support.desk import Desk
from tests.support.stored import facts_of

TODAY = date(2026, 5, 22)
INVOICES = 70
Invoice = Row[Any]
Rule = Callable[[Invoice], bool]


def shown_balance(row: Invoice) -> int:
    is_closed = status(facts_of(row), TODAY) in {Status.PAID, Status.CANCELLED}
    return 0 if is_closed else int(row.balance_cents)


ORDERS: dict[str, Callable[[Invoice], tuple[Any, ...]]] = {
    "number": lambda row: (len(row.number), row.number, row.id),
    "client": lambda row: (row.client_name, row.issued_on, row.id),
    "date": lambda row: (row.issued_on, row.id),
    "due": lambda row: (row.due_on, row.id),
    "total": lambda row: (row.total_cents, row.id),
    "balance": lambda row: (shown_balance(row), row.id),
}


def random_invoices(desk: Desk, seed: int) -> list[int]:
    """A firm's invoices of every kind, many of them alike; gives the clients."""
    random = Random(seed)
    with unit_of_work() as connection:
        clients = [
            make_client(connection, desk.jane.firm_id, name=name)
            for name in ("Alpha", "Bravo", "Charlie")
        ]
        for serial in range(INVOICES):
            due_on = TODAY + timedelta(days=random.randint(-3, 3))
            made = make_invoice(
                connection,
                random.choice(clients),
                number=f"INV-{random.choice((9, 90, 900))}{serial}",
                draft=random.random() < 0.1,
                issued_on=due_on - timedelta(days=random.randint(0, 4)),
                due_on=due_on,
                total_cents=random.choice((10_000, 20_000, 30_000)),
                viewed_at=random.choice((None, MOMENT)),
                cancelled_at=random.choice((None, None, None, None, MOMENT)),
                is_autopay_failed=random.random() < 0.3,
            )
            stored = connection.execute(select(invoice).where(invoice.c.id == made)).one()
            if stored.stage == "open" and random.random() < 0.5:
                cents = random.choice((5_000, stored.total_cents))
                reference = random.choice(("", "9001", "WIRE-7"))
                make_payment(connection, made, amount_cents=cents, reference=reference)
    return clients


def counted_by(tile: Tile) -> Rule:
    return lambda row: tile in tiles(facts_of(row), TODAY)


def wearing(badge: Status) -> Rule:
    return lambda row: status(facts_of(row), TODAY) is badge


def queries(clients: list[int]) -> list[tuple[Query, Rule]]:
    """Every filter, and some together, each with what it means."""
    day = TODAY - timedelta(days=3)
    return [
        (Query(), bool),
        *((Query(tile=tile.value), counted_by(tile)) for tile in Tile),
        *((Query(status=each.value), wearing(each)) for each in Status),
        (Query(client_id=clients[0]), lambda row: row.client_id == clients[0]),
        (Query(issued_from=str(day)), lambda row: row.issued_on >= day),
        (Query(issued_to=str(day)), lambda row: row.issued_on <= day),
        (
            Query(issued_from=str(day), issued_to=str(TODAY), tile="Overdue"),
            lambda row: (
                day <= row.issued_on <= TODAY and Tile.OVERDUE in tiles(facts_of(row), TODAY)
            ),
        ),
        (Query(client_id=clients[1], status="Paid", tile="Awaiting"), lambda row: not row),
        (Query(search="brav"), lambda row: row.client_name == "Bravo"),
        (Query(search="inv-90"), lambda row: row.number.startswith("INV-90")),
        (
            Query(search="200.00", status="Sent"),
            lambda row: (
                20_000 in (row.total_cents, shown_balance(row))
                and status(facts_of(row), TODAY) is Status.SENT
            ),
        ),
    ]


def walk(who: Principal, query: Query, desk: Desk) -> tuple[list[str], list[str], set[int]]:
    """Every number met on the way forwards and on the way back, and what the pages count."""
    page = invoice_list.page(who, query, now=desk.now)
    forwards, counts = [[row.number for row in page.rows]], {page.matching}
    while page.next_cursor:
        page = invoice_list.page(who, replace(query, cursor=page.next_cursor), now=desk.now)
        forwards.append([row.number for row in page.rows])
    backwards = [[row.number for row in page.rows]]
    while page.previous_cursor:
        page = invoice_list.page(who, replace(query, cursor=page.previous_cursor), now=desk.now)
        backwards.append([row.number for row in page.rows])
        counts.add(page.matching)
    return list(chain(*forwards)), list(chain(*reversed(backwards))), counts


@pytest.mark.parametrize(("seed", "is_assigned"), [(1, False), (2, True)])
def test_the_list_is_what_filter_and_sorted_make_of_it(
    desk: Desk, seed: int, is_assigned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invoice_list, "PAGE_SIZE", 20)
    clients = random_invoices(desk, seed)
    who, seen = desk.jane, set(clients)
    if is_assigned:
        who, seen = desk.someone(view_billing=True), {clients[0], clients[1]}
        rows = [{"user_id": who.user_id, "client_id": each} for each in seen]
        with unit_of_work() as connection:
            connection.execute(insert(client_assignment), rows)
    with reading() as connection:
        every = [row for row in connection.execute(select(invoice)) if row.client_id in seen]

    for (query, rule), sort, descending in product(queries(clients), SORTS, (True, False)):
        matching = [row for row in every if rule(row)]
        wanted = [row.number for row in sorted(matching, key=ORDERS[sort], reverse=descending)]
        asked = replace(query, sort=sort, descending=descending)

        forwards, backwards, counts = walk(who, asked, desk)

        assert forwards == wanted, asked
        assert backwards == wanted, asked
        assert counts == {len(wanted)}, asked
        with reading() as connection:
            for number, around in list(zip(wanted, around_each(wanted), strict=True))[::9]:
                assert around == neighbours(connection, who, asked, number, TODAY)


def around_each(numbers: list[str]) -> list[tuple[str, str]]:
    return list(zip(["", *numbers], [*numbers[1:], ""], strict=False))[: len(numbers)]


@pytest.mark.parametrize("seed", [3])
def test_tiles_are_what_counting_makes_of_them(desk: Desk, seed: int) -> None:
    clients = random_invoices(desk, seed)
    assigned = desk.someone(view_billing=True)
    with unit_of_work() as connection:
        row = {"user_id": assigned.user_id, "client_id": clients[2]}
        connection.execute(insert(client_assignment).values(row))
    with reading() as connection:
        every = connection.execute(select(invoice)).all()

    for who, seen in ((desk.jane, set(clients)), (assigned, {clients[2]})):
        visible = [row for row in every if row.client_id in seen]
        page = invoice_list.page(who, Query(), now=desk.now)

        counted = {
            tile: sum(tile in tiles(facts_of(row), TODAY) for row in visible) for tile in Tile
        }
        assert {tile.name: tile.count for tile in page.tiles} == counted
        assert page.total == len(visible)


def test_a_reference_is_found_by_its_beginning(desk: Desk) -> None:
    random_invoices(desk, 4)
    with reading() as connection:
        paid = select(invoice.c.number).join(payment).where(payment.c.reference == "WIRE-7")
        wanted = set(connection.execute(paid).scalars())

    page = invoice_list.page(desk.jane, Query(search="#wire"), now=desk.now)

    assert wanted
    assert {row.number for row in page.rows} == wanted
