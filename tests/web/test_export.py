"""Downloading the list (R136, R150)."""

import csv
import io
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select

from assure_app.billing import manual_payments, refunds
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.reading import export, ledger_lines
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.refunds import RefundForm
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import Unavailable
from assure_app.models.tables import client_assignment, payment
from assure_app.web.routes import app
from tests.auth.people import join_team, make_person, open_session
from tests.factories import MOMENT, make_client, make_invoice, make_payment
from tests.support.desk import Desk
from tests.support.engines import listening

ORIGIN = "http://127.0.0.1:8000"
PATH = "/invoices/export.csv"
HEADER = [
    *("Number", "Client", "Title", "Date", "Due", "Status"),
    *("Total", "Paid", "Balance", "Pending", "Overpaid", "Written off"),
]


@pytest.fixture
def jane(desk: Desk) -> str:
    return open_session(desk.jane.user_id, "jane")


async def ask(
    token: str = "", *, method: str = "GET", path: str = PATH, **query: str
) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    cookies = {"assure_session": token} if token else {}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies) as client:
        return await client.request(method, path, params=query)


def cells(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200
    text = answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


async def numbers(token: str, **query: str) -> list[str]:
    return [row[0] for row in cells(await ask(token, **query))[1:]]


async def test_every_figure_of_an_invoice_is_a_plain_decimal(desk: Desk, jane: str) -> None:
    with unit_of_work() as connection:
        made = make_invoice(
            connection, desk.client_id, number="INV-1", title="Return, “2025”\nand more",
            total_cents=270_000,
        )  # fmt: skip
        make_payment(connection, made, amount_cents=25_005)
        make_payment(
            connection, made, amount_cents=5_000, status="Pending", source="online", method="ACH"
        )
        make_invoice(
            connection, desk.client_id, number="INV-2", cancelled_at=MOMENT,
            written_off_cents=100_000, cancel_reason="Nobody shall read this",
        )  # fmt: skip

    answer = await ask(jane, sort="number", order="up")

    assert answer.content.startswith(b"\xef\xbb\xbfNumber,Client")
    assert cells(answer) == [
        HEADER,
        [
            *("INV-1", "Patel Family", "Return, “2025”\nand more", "2026-05-01", "2026-05-31"),
            *("Partially paid", "2700.00", "250.05", "2399.95", "50.00", "0.00", "0.00"),
        ],
        [
            *("INV-2", "Patel Family", "", "2026-05-01", "2026-05-31"),
            *("Cancelled", "1000.00", "0.00", "0.00", "0.00", "0.00", "1000.00"),
        ],
    ]
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    day = export.begin(desk.jane, Query(), now=desk.now).day
    assert day.isoformat() == "2026-05-22"
    assert answer.headers["content-disposition"].startswith('attachment; filename="invoices-20')


async def test_every_payment_of_the_listed_invoices_is_a_line_with_its_reason(
    desk: Desk, jane: str
) -> None:
    first, other = desk.invoice(), desk.invoice()
    start = {"method": "Check", "date": "2026-05-22"}
    form = PaymentForm(amount="400", reference="=4521", **start)
    for number in (first, other):
        paid = manual_payments.record_payment(
            desk.jane, number, form, form_token=f"token-of-{number:>12}", now=desk.now
        )
    back = RefundForm(amount="150", reason="Service not rendered", notes="Agreed, by phone")
    refund = refunds.refund_payment(
        desk.jane, paid.payment_id, back, form_token="token-of-the-refund", now=desk.now
    )

    answer = await ask(jane, path="/invoices/payments.csv", q=other)

    who = ("Jane Chen", "2026-05-22", "2026-05-22")
    assert cells(answer) == [
        list(ledger_lines.COLUMNS),
        [
            *(other, "Patel Family", "Payment", "Check", "", "'=4521", "400.00", "0.00"),
            *("Completed", *who, "", "", "", str(paid.payment_id), ""),
        ],
        [
            *(other, "Patel Family", "Refund", "Check", "", "", "-150.00", "0.00"),
            *("Completed", *who, "Service not rendered", "", "Agreed, by phone"),
            *(str(refund.payment_id), str(paid.payment_id)),
        ],
    ]
    assert answer.headers["content-disposition"].startswith('attachment; filename="payments-20')


async def test_the_filters_and_the_order_of_the_list_are_those_of_the_file(
    desk: Desk, jane: str
) -> None:
    with unit_of_work() as connection:
        other = make_client(connection, desk.jane.firm_id, name="Okafor Dental")
        make_invoice(connection, other, number="INV-1", draft=True, total_cents=300)
        make_invoice(connection, other, number="INV-2", draft=True, total_cents=200)
        make_invoice(connection, other, number="INV-3", total_cents=100)
        make_invoice(connection, desk.client_id, number="INV-4", draft=True)

    assert await numbers(jane, tile="Drafts", q="okafor", sort="total") == ["INV-1", "INV-2"]
    assert await numbers(jane, status="Draft", client=str(other), order="up") == ["INV-1", "INV-2"]
    assert await numbers(jane, q="okafor", sort="total", order="up") == ["INV-3", "INV-2", "INV-1"]
    assert await numbers(jane, **{"from": "2026-05-02"}) == []
    assert await numbers(jane, client="²", to="2026-05-01", q="inv-4", tile="No") == ["INV-4"]


@pytest.mark.parametrize("count", [0, 3, 6, 7])
async def test_batches_join_without_a_seam(
    desk: Desk, jane: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BATCH_ROWS", 3)
    made = [desk.invoice() for _ in range(count)]

    assert await numbers(jane, sort="number", order="up") == sorted(made, key=lambda n: (len(n), n))


def test_no_connection_is_held_between_two_batches(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BATCH_ROWS", 1)
    desk.invoice()
    desk.invoice()
    held = 0

    def taken(*_: Any) -> None:
        nonlocal held
        held += 1

    def given_back(*_: Any) -> None:
        nonlocal held
        held -= 1

    with listening(checkout=taken, checkin=given_back):
        between = [held for _ in export.begin(desk.jane, Query(), now=desk.now).batches()]

    assert between == [0, 0, 0]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
async def test_no_cell_is_a_formula(desk: Desk, jane: str, start: str) -> None:
    text = f'{start}HYPERLINK("https://evil.example")'
    with unit_of_work() as connection:
        client_id = make_client(connection, desk.jane.firm_id, name=text)
        make_invoice(connection, client_id, number=f"{start}1", title=text)

    row = cells(await ask(jane))[1]

    assert row[:3] == [f"'{start}1", f"'{text}", f"'{text}"]


async def test_without_a_session_one_signs_in_first(desk: Desk) -> None:
    answer = await ask(tile="Drafts", q="a b&c")

    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/sign-in?next=/invoices%3Ftile%3DDrafts%26q%3Da%2Bb%2526c"
    )
    assert (await ask("made up")).status_code == 303
    assert desk.audit() == []


async def test_who_may_not_see_bills_is_told_so(desk: Desk) -> None:
    desk.invoice()
    token = open_session(make_person("sarah@x.example", firm_id=desk.jane.firm_id), "sarah")

    answer = await ask(token)

    assert answer.status_code == 403
    assert answer.text == (
        "You need “View billing” to do this. Ask an owner or admin of your firm."
    )
    assert [text.partition(" was denied")[2] for text in desk.audit()] == [
        ": export of the invoice list (needs View billing)"
    ]


async def test_only_clients_one_may_see_are_in_it(desk: Desk) -> None:
    desk.invoice(number="INV-1")
    user_id = make_person("lena@x.example", firm_id=desk.jane.firm_id)
    join_team(user_id, desk.jane.firm_id, "Billing", view_billing=True)
    with unit_of_work() as connection:
        mine = make_client(connection, desk.jane.firm_id, name="Mine")
        make_invoice(connection, mine, number="INV-2")
        connection.execute(insert(client_assignment).values(user_id=user_id, client_id=mine))
    stranger = open_session(make_person("olga@x.example", is_owner=True), "olga")
    lena = open_session(user_id, "lena")

    assert await numbers(lena) == ["INV-2"]
    assert await numbers(lena, q="INV-1") == []
    assert await numbers(lena, client=str(desk.client_id)) == []
    assert await numbers(stranger) == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"from": "2026-02-30"}, "Enter a date that exists, for example 2026-05-22."),
        ({"q": "x" * 101}, "Search for at most 100 characters."),
        (
            {"from": "2026-05-02", "to": "2026-05-01"},
            "The last day comes before the first. Change one of them.",
        ),
    ],
)
async def test_filters_that_cannot_be_are_refused(
    desk: Desk, jane: str, query: dict[str, str], sentence: str
) -> None:
    answer = await ask(jane, **query)

    assert (answer.status_code, answer.text) == (400, sentence)
    assert desk.audit() == []


async def test_an_export_is_noted_when_it_starts(desk: Desk, jane: str) -> None:
    desk.invoice()
    desk.invoice()

    await ask(jane)
    head = await ask(jane, method="HEAD")

    assert desk.audit() == ["Jane Chen exported a list of 2 invoices"]
    assert head.status_code == 405


async def test_a_silent_database_is_said_plainly(
    desk: Desk, jane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any, **__: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(export, "begin", silent)

    answer = await ask(jane)

    assert (answer.status_code, answer.text) == (503, Unavailable().sentence)


async def test_nothing_is_written_but_the_note(desk: Desk, jane: str) -> None:
    desk.invoice(number="INV-1")
    before = desk.stored("INV-1")

    await ask(jane)

    assert desk.stored("INV-1") == before
    with reading() as connection:
        assert connection.execute(select(payment)).all() == []
