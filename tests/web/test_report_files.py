"""Downloading what is behind a report (R136, R150)."""

import csv
import io
from datetime import date

import httpx
import pytest
from sqlalchemy import select

from assure_app.billing.reading import report_files
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.calendar import noon_of
from assure_app.models.tables import invoice
from assure_app.web.routes import app
from tests.auth.people import make_person, open_session
from tests.factories import make_payment
from tests.support.desk import Desk

ORIGIN = "http://127.0.0.1:8000"
AGING, PAYMENTS = "/reports/aging.csv", "/reports/payments.csv"


@pytest.fixture
def jane(desk: Desk) -> str:
    return open_session(desk.jane.user_id, "jane")


async def ask(path: str, token: str = "", *, method: str = "GET", **query: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    cookies = {"assure_session": token} if token else {}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies) as client:
        return await client.request(method, path, params=query)


def cells(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200
    text = answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


async def test_the_aging_report_names_every_invoice(desk: Desk, jane: str) -> None:
    number = desk.invoice(due_on=date(2026, 5, 12))

    rows = cells(await ask(AGING, jane, **{"as-of": "2026-05-22"}))

    assert rows == [
        ["Client", "Invoice", "Due", "Days late", "Bucket", "Balance"],
        ["Patel Family", number, "2026-05-12", "10", "1–30 days late", "1000.00"],
    ]
    assert desk.audit()[-1] == "Jane Chen exported the aging report of 2026-05-22: 1 invoice"


@pytest.mark.parametrize("at_once", [1, 2])
async def test_payments_come_in_the_order_they_were_confirmed(
    desk: Desk, jane: str, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(report_files, "BATCH_ROWS", at_once)
    number = desk.invoice(total_cents=1_000_000)
    with unit_of_work() as connection:
        wanted = select(invoice.c.id).where(invoice.c.number == number)
        invoice_id = connection.execute(wanted).scalar_one()
        for day, cents in ((20, 3), (4, 1), (4, 2), (21, 4), (31, 5)):
            at = noon_of(date(2026, 5, day), "America/New_York")
            times = {"created_at": at, "completed_at": at}
            make_payment(connection, invoice_id, amount_cents=cents, reference="=1+1", **times)

    rows = cells(await ask(PAYMENTS, jane, **{"from": "2026-05-01", "to": "2026-05-30"}))

    assert [(row[0], row[7]) for row in rows[1:]] == [
        ("2026-05-04", "0.01"),
        ("2026-05-04", "0.02"),
        ("2026-05-20", "0.03"),
        ("2026-05-21", "0.04"),
    ]
    assert {row[6] for row in rows[1:]} == {"'=1+1"}


@pytest.mark.parametrize("path", [AGING, PAYMENTS])
async def test_it_is_for_who_may_see_it(desk: Desk, path: str) -> None:
    sarah = make_person("sarah@chenadvisory.example", firm_id=desk.jane.firm_id)
    token = open_session(sarah, "sarah")

    assert (await ask(path, token)).status_code == 403
    assert (await ask(path)).headers["location"].startswith("/sign-in?next=/reports")
    assert (await ask(path, token, method="HEAD")).status_code == 405


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (AGING, {"as-of": "2099-01-01"}),
        (AGING, {"as-of": "never"}),
        (PAYMENTS, {"from": "2026-05-02", "to": "2026-05-01"}),
        (PAYMENTS, {"from": "2026-05-02"}),
    ],
)
async def test_days_that_cannot_be_are_refused_in_a_sentence(
    desk: Desk, jane: str, path: str, query: dict[str, str]
) -> None:
    answer = await ask(path, jane, **query)

    assert answer.status_code == 400
    assert answer.text.endswith(".")
    assert not desk.audit()
