"""The invoice list on a real database of each kind (R069, R072, R136, R139, R140)."""

from base64 import urlsafe_b64encode
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import insert, select

from assure_app.billing.reading import invoice_list
from assure_app.billing.reading.cursor import Cursor, encode
from assure_app.billing.reading.invoice_conditions import tile_condition
from assure_app.billing.reading.invoice_query import SORTS, Query
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import InvalidInput, PermissionDenied
from assure_app.domain.invoice_status import Status, Tile, tiles
from assure_app.models.tables import client_assignment, invoice
from tests.factories import MOMENT, make_client, make_invoice, make_payment
from tests.support.desk import Desk
from tests.support.stored import facts_of

TODAY = date(2026, 5, 22)


def numbers(desk: Desk, **query: object) -> list[str]:
    page = invoice_list.page(desk.jane, Query(**query), now=desk.now)  # type: ignore[arg-type]
    return [row.number for row in page.rows]


def many(desk: Desk, count: int) -> list[str]:
    with unit_of_work() as connection:
        other = make_client(connection, desk.jane.firm_id, name="Okafor Dental PLLC")
        for serial in range(count):
            make_invoice(
                connection,
                (desk.client_id, other)[serial % 2],
                number=f"INV-{996 + serial}",
                issued_on=TODAY - timedelta(days=serial // 4),
                due_on=TODAY + timedelta(days=serial % 7 - 3),
                total_cents=(serial % 5 + 1) * 10_000,
            )
    return [f"INV-{996 + serial}" for serial in range(count)]


@pytest.mark.parametrize(("sort", "descending"), [*product(SORTS, (True, False))])
def test_paging_shows_every_invoice_once_forwards_and_backwards(
    desk: Desk, sort: str, descending: bool
) -> None:
    wanted = many(desk, 123)
    query = Query(sort=sort, descending=descending)

    pages = [invoice_list.page(desk.jane, query, now=desk.now)]
    while pages[-1].next_cursor:
        step = replace(query, cursor=pages[-1].next_cursor)
        pages.append(invoice_list.page(desk.jane, step, now=desk.now))
    back = [pages[-1]]
    while back[-1].previous_cursor:
        step = replace(query, cursor=back[-1].previous_cursor)
        back.append(invoice_list.page(desk.jane, step, now=desk.now))

    seen = [row.number for page in pages for row in page.rows]
    assert [len(page.rows) for page in pages] == [50, 50, 23]
    assert sorted(seen) == sorted(wanted)
    assert [page.rows for page in reversed(back)] == [page.rows for page in pages]


@pytest.mark.parametrize("name", ["Ж" * 83, "🙂" * 200, '"' * 200, "Harbor\u00a0Pine", "a\u200bb"])
def test_a_client_of_any_name_is_paged_by(desk: Desk, name: str) -> None:
    with unit_of_work() as connection:
        client_id = make_client(connection, desk.jane.firm_id, name=name)
        for _ in range(51):
            make_invoice(connection, client_id)
    query = Query(sort="client", descending=False)

    first = invoice_list.page(desk.jane, query, now=desk.now)
    second = invoice_list.page(desk.jane, replace(query, cursor=first.next_cursor), now=desk.now)

    assert (len(first.rows), len(second.rows)) == (50, 1)


@pytest.mark.parametrize("is_backward", [True, False])
def test_a_place_past_the_end_shows_the_first_page(desk: Desk, is_backward: bool) -> None:
    number = desk.invoice()
    day = date(2099, 1, 1) if is_backward else date(2000, 1, 1)
    cursor = encode(Cursor((day, 1), is_backward), sort="date")

    page = invoice_list.page(desk.jane, Query(cursor=cursor), now=desk.now)

    assert [row.number for row in page.rows] == [number]
    assert page.cursor == ""
    assert numbers(desk, cursor=cursor, search="nothing like it") == []


def test_numbers_sort_by_value_and_not_by_letter(desk: Desk) -> None:
    many(desk, 8)

    shown = numbers(desk, sort="number", descending=False)

    assert shown == [f"INV-{number}" for number in range(996, 1004)]


def test_a_row_says_what_the_invoice_says(desk: Desk) -> None:
    with unit_of_work() as connection:
        late = make_invoice(connection, desk.client_id, number="INV-1", due_on=date(2026, 5, 21))
        make_payment(connection, late, amount_cents=25_050)
        make_payment(
            connection, late, source="online", method="ACH", status="Pending", amount_cents=5_000
        )

    (row,) = invoice_list.page(desk.jane, Query(), now=desk.now).rows

    assert (row.number, row.client, row.issued, row.due) == (
        "INV-1",
        "Patel Family",
        "May 1",
        "May 21",
    )
    assert (row.total, row.balance, row.pending) == ("$1,000.00", "$699.50", "$50.00")
    assert row.status == "Partially paid"
    assert row.is_late


def test_a_hidden_balance_is_neither_found_nor_sorted_by(desk: Desk) -> None:
    desk.invoice(number="INV-1", total_cents=90_000, balance_cents=70_000, cancelled_at=MOMENT)
    desk.invoice(number="INV-2", total_cents=20_000)
    desk.invoice(number="INV-3", total_cents=30_000, draft=True)

    assert numbers(desk, sort="balance") == ["INV-3", "INV-2", "INV-1"]
    assert numbers(desk, search="700") == []
    assert numbers(desk, search="900") == ["INV-1"]


def test_a_row_names_its_address_encoded(desk: Desk) -> None:
    desk.invoice(number="A/1 #2")

    (row,) = invoice_list.page(desk.jane, Query(), now=desk.now).rows

    assert row.href == "/invoices?invoice=A%2F1%20%232"


def test_a_paid_and_a_cancelled_invoice_show_no_balance(desk: Desk) -> None:
    desk.invoice(number="INV-1", cancelled_at=MOMENT)
    with unit_of_work() as connection:
        paid = make_invoice(connection, desk.client_id, number="INV-2", due_on=date(2026, 5, 1))
        make_payment(connection, paid, amount_cents=100_000)

    rows = invoice_list.page(desk.jane, Query(sort="number"), now=desk.now).rows

    assert [(row.status, row.balance, row.is_late) for row in rows] == [
        ("Paid", "", False),
        ("Cancelled", "", False),
    ]


def test_tiles_count_and_add_up_to_what_is_owed(desk: Desk) -> None:
    desk.invoice(draft=True)
    desk.invoice(due_on=TODAY)
    desk.invoice(due_on=TODAY - timedelta(days=1), is_autopay_failed=True)
    desk.invoice(due_on=TODAY - timedelta(days=9), total_cents=50)

    page = invoice_list.page(desk.jane, Query(), now=desk.now)

    assert [(tile.name, tile.count, tile.open_balance) for tile in page.tiles] == [
        ("Drafts", 1, ""),
        ("Awaiting", 1, "$1,000.00"),
        ("Overdue", 2, "$1,000.50"),
        ("Failed", 1, ""),
    ]
    assert (page.matching, page.total) == (4, 4)


def test_overdue_follows_the_firms_midnight(desk: Desk) -> None:
    desk.invoice(due_on=TODAY)
    before_midnight = datetime(2026, 5, 23, 3, 59, 59, tzinfo=UTC)

    seen = [
        invoice_list.page(desk.jane, Query(), now=now).rows[0].status
        for now in (before_midnight, before_midnight + timedelta(seconds=1))
    ]

    assert seen == ["Sent", "Overdue"]


def test_the_tiles_in_sql_are_the_tiles_of_the_rule(desk: Desk) -> None:
    with unit_of_work() as connection:
        for draft, due, failed, paid, cancelled in product((0, 1), (-1, 0, 1), *[(0, 1)] * 3):
            made = make_invoice(
                connection,
                desk.client_id,
                draft=bool(draft),
                due_on=TODAY + timedelta(days=due),
                is_autopay_failed=bool(failed),
                cancelled_at=MOMENT if cancelled else None,
            )
            if paid and not draft:
                make_payment(connection, made, amount_cents=100_000)

    with reading() as connection:
        every = connection.execute(select(invoice)).all()
        for tile in Tile:
            in_sql = set(
                connection.execute(
                    select(invoice.c.id).where(tile_condition(tile, TODAY))
                ).scalars()
            )
            in_rule = {
                row.id
                for row in every
                if tile
                in tiles(
                    facts_of(row),
                    TODAY,
                )
            }
            assert in_sql == in_rule


def test_a_status_filter_shows_who_wears_that_badge(desk: Desk) -> None:
    with unit_of_work() as connection:
        for due, viewed, paid_cents in product((-1, 0), (None, MOMENT), (0, 100, 100_000)):
            made = make_invoice(
                connection, desk.client_id, due_on=TODAY + timedelta(days=due), viewed_at=viewed
            )
            if paid_cents:
                make_payment(connection, made, amount_cents=paid_cents)
        make_invoice(connection, desk.client_id, draft=True)
        make_invoice(connection, desk.client_id, cancelled_at=MOMENT)
    badges = {
        row.number: row.status for row in invoice_list.page(desk.jane, Query(), now=desk.now).rows
    }

    pages = {
        status: invoice_list.page(desk.jane, Query(status=status.value), now=desk.now)
        for status in Status
    }

    assert {row.number: status for status, page in pages.items() for row in page.rows} == badges
    assert {status: page.matching for status, page in pages.items()} == Counter(badges.values())
    assert {page.total for page in pages.values()} == {14}


def test_an_unknown_tile_or_status_narrows_nothing(desk: Desk) -> None:
    number = desk.invoice()

    assert numbers(desk, status="paid?", tile="Lost") == [number]


def test_days_of_issue_are_inclusive(desk: Desk) -> None:
    for day in (1, 2, 3, 4):
        desk.invoice(number=f"INV-{day}", issued_on=date(2026, 5, day))

    assert numbers(desk, issued_from="2026-05-02", issued_to=" 2026-05-03 ") == ["INV-3", "INV-2"]
    assert numbers(desk, issued_from="2026-05-04") == ["INV-4"]
    assert numbers(desk, issued_to="2026-05-01") == ["INV-1"]


@pytest.mark.parametrize(
    ("days", "problems"),
    [
        (
            {"issued_from": "2026-02-31", "issued_to": "soon"},
            {
                "from": "Enter a date that exists, for example 2026-05-22.",
                "to": "Enter a date that exists, for example 2026-05-22.",
            },
        ),
        (
            {"issued_from": "2026-05-02", "issued_to": "2026-05-01"},
            {"to": "The last day comes before the first. Change one of them."},
        ),
    ],
)
def test_days_that_cannot_be_are_refused_with_a_sentence(
    desk: Desk, days: dict[str, str], problems: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        numbers(desk, **days)

    assert refusal.value.problems == problems


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("inv-77", ["INV-77"]),
        ("patel", ["INV-77", "INV-78"]),
        ("77", ["INV-77"]),
        ("nv-7", []),
        ("return 2025", []),
        ("#4521", ["INV-77"]),
        ("4521", ["INV-77"]),
        ("1,000", ["INV-77", "INV-78"]),
        ("$899.00", ["INV-77"]),
        ("#", []),
        ("# ", []),
        ("%", []),
        ("_", []),
        ("'; DROP TABLE invoice; --", []),
        ("\x00", ["INV-77", "INV-78"]),
        ("\ud800", ["INV-77", "INV-78"]),
        ("🙂", []),
    ],
)
def test_search_finds_number_client_reference_and_amount(
    desk: Desk, search: str, found: list[str]
) -> None:
    with unit_of_work() as connection:
        first = make_invoice(connection, desk.client_id, number="INV-77")
        make_payment(connection, first, reference="4521", amount_cents=10_100)
        make_invoice(connection, desk.client_id, number="INV-78", title="Return 2025")

    assert numbers(desk, search=search, sort="number", descending=False) == found


def test_an_endless_search_is_refused_with_a_sentence(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refusal:
        numbers(desk, search="x" * 10_000)

    assert refusal.value.problems == {"search": "Search for at most 100 characters."}


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "W10",
        "e30",
        "WyJkYXRlIl0",
        "A" * 5000,
        "WyJkYXRlIiwgZmFsc2UsICJub3QgYSBkYXkiLCAxXQ",
        "WyJ0b3RhbCIsIGZhbHNlLCAxLCAxXQ",
        "ü",
        encode(Cursor((date(2026, 5, 1), 1)), sort="date") + " " * 2_000,
    ],
)
def test_a_cursor_made_up_by_hand_is_refused(desk: Desk, cursor: str) -> None:
    desk.invoice()

    with pytest.raises(InvalidInput) as refusal:
        numbers(desk, cursor=cursor)

    assert list(refusal.value.problems) == ["cursor"]


@pytest.mark.parametrize("name", ["\\u0000", "\\ud800"])
def test_a_cursor_with_what_no_name_can_hold_is_refused(desk: Desk, name: str) -> None:
    text = f'["client",false,"{name}","2026-05-01",1]'

    with pytest.raises(InvalidInput):
        numbers(desk, sort="client", cursor=urlsafe_b64encode(text.encode()).decode())


@pytest.mark.parametrize(
    "wrong",
    [{"tile": 1}, {"search": None}, {"client_id": "1"}, {"client_id": -1}, {"client_id": 2**40}],
)
def test_a_query_of_wrong_types_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Query(**wrong)  # type: ignore[arg-type]


def test_everyone_sees_their_own_invoices_only(desk: Desk) -> None:
    desk.invoice(number="INV-1")
    with unit_of_work() as connection:
        other = make_client(connection, desk.jane.firm_id)
        make_invoice(connection, other, number="INV-2")
    assigned = desk.someone(view_billing=True)
    with unit_of_work() as connection:
        connection.execute(
            insert(client_assignment).values(user_id=assigned.user_id, client_id=other)
        )

    seen = {
        "owner": invoice_list.page(desk.jane, Query(sort="number"), now=desk.now),
        "assigned": invoice_list.page(assigned, Query(), now=desk.now),
        "stranger": invoice_list.page(desk.stranger(), Query(client_id=1), now=desk.now),
    }

    assert [row.number for row in seen["owner"].rows] == ["INV-2", "INV-1"]
    assert [row.number for row in seen["assigned"].rows] == ["INV-2"]
    assert [tile.open_balance for tile in seen["assigned"].tiles][1] == "$1,000.00"
    assert (seen["assigned"].matching, seen["assigned"].total) == (1, 1)
    assert seen["stranger"].rows == ()
    assert seen["stranger"].client_name == ""
    with pytest.raises(PermissionDenied):
        invoice_list.page(desk.someone(all_clients=True), Query(), now=desk.now)


def test_a_paid_invoice_says_until_when_a_bank_may_take_it_back(desk: Desk) -> None:
    start = {"source": "online", "stripe_account_id": "acct_1", "amount_cents": 50_000}
    settled = MOMENT + timedelta(days=3)
    with unit_of_work() as connection:
        both, part, check, old = (make_invoice(connection, desk.client_id) for _ in range(4))
        make_payment(connection, both, method="Card", stripe_charge_id="ch_1", **start)
        make_payment(
            connection, both, method="ACH", stripe_charge_id="ch_2", completed_at=settled, **start
        )
        make_payment(connection, part, method="Card", stripe_charge_id="ch_3", **start)
        make_payment(connection, check, amount_cents=100_000)
        long_ago = {"created_at": MOMENT - timedelta(days=121), "completed_at": MOMENT}
        whole = start | long_ago | {"amount_cents": 100_000}
        make_payment(connection, old, method="Card", stripe_charge_id="ch_4", **whole)

    page = invoice_list.page(desk.jane, Query(sort="number", descending=False), now=desk.now)

    words = "May be taken back by the payer’s bank until Sep 19"
    assert [row.unsure for row in page.rows] == [words, "", "", ""]
