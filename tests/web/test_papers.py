"""Fetching papers, and Stripe's own receipt, over the wire (R054, R133, R136, R139)."""

import threading
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from assure_app.billing import stripe_receipts
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.documents import typesetting
from assure_app.domain.errors import Unavailable
from assure_app.models.tables import contact, invoice
from assure_app.web import behind_session
from assure_app.web.routes import app
from tests.auth.contacts import ANITA, enter, make_contact
from tests.auth.people import join_team, make_person, open_session
from tests.factories import make_client, make_invoice, make_payment
from tests.support.desk import open_desk
from tests.support.fake_stripe import FakeStripe
from tests.support.online import PayDesk, open_pay_desk
from tests.support.pdf import read_pdf

ORIGIN = "http://127.0.0.1:8000"
RECEIPT = "https://pay.stripe.com/receipts/payment/CAcQARoXChVhY2N0"


@pytest.fixture
def jane(pay_desk: PayDesk) -> str:
    return open_session(pay_desk.desk.jane.user_id, "jane")


@pytest.fixture
def pay_desk(sqlite_database: str) -> Any:
    stripe = FakeStripe()
    with stripe.installed():
        yield open_pay_desk(open_desk(), stripe)


async def ask(
    path: str, token: str = "", *, portal: str = "", method: str = "GET"
) -> httpx.Response:
    cookies = {"assure_session": token, "assure_portal": portal}
    held = {name: value for name, value in cookies.items() if value}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=held) as client:
        return await client.request(method, path)


def add(number: str, **values: object) -> int:
    with unit_of_work() as connection:
        wanted = select(invoice.c.id).where(invoice.c.number == number)
        return make_payment(connection, connection.scalars(wanted).one(), **values)


def charged(pay_desk: PayDesk, **changes: Any) -> int:
    """A card payment that Anita made; the id of its row."""
    number = pay_desk.invoice()
    pay_desk.stripe.pay(pay_desk.opened(number), receipt_url=RECEIPT, **changes)
    pay_desk.deliver()
    return int(pay_desk.row()["id"])


async def test_the_firm_downloads_every_paper(pay_desk: PayDesk, jane: str) -> None:
    number = pay_desk.invoice(number="A/B #1 “é”")
    paid = add(number)
    refund = add(number, reverses_id=paid, amount_cents=-5_000)

    found = [
        await ask(path, jane)
        for path in (
            "/invoices/A%2FB%20%231%20%E2%80%9C%C3%A9%E2%80%9D/invoice.pdf",
            f"/payments/{paid}/receipt.pdf",
            f"/refunds/{refund}/receipt.pdf",
        )
    ]

    assert [answer.status_code for answer in found] == [200, 200, 200]
    assert [answer.headers["content-disposition"] for answer in found] == [
        'attachment; filename="Invoice-A-B-1.pdf"',
        'attachment; filename="Receipt-A-B-1-1.pdf"',
        'attachment; filename="Refund-receipt-A-B-1-2.pdf"',
    ]
    for answer in found:
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "A/B #1 “é”" in read_pdf(answer.content).text


async def test_a_client_downloads_their_own(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    paid = add(number)
    refund = add(number, reverses_id=paid, amount_cents=-5_000)
    with unit_of_work() as connection:
        connection.execute(update(contact).values(role="viewer"))
    below, anita = f"/pay/{pay_desk.pay_token(number)}", enter(ANITA)

    for path in (
        f"{below}/invoice.pdf",
        f"{below}/payments/{paid}/receipt.pdf",
        f"{below}/refunds/{refund}/receipt.pdf",
    ):
        answer = await ask(path, portal=anita)
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")


async def test_who_is_not_signed_in_is_led_to_do_so(pay_desk: PayDesk, jane: str) -> None:
    number = pay_desk.invoice()
    token = pay_desk.pay_token(number)
    anita = enter(ANITA)

    for path in (f"/invoices/{number}/invoice.pdf", "/payments/1/stripe-receipt"):
        for answer in (await ask(path), await ask(path, "made up"), await ask(path, portal=anita)):
            assert answer.status_code == 303
            assert answer.headers["location"] == "/sign-in?next=/invoices"
    for answer in (
        await ask(f"/pay/{token}/invoice.pdf"),
        await ask(f"/pay/{token}/invoice.pdf", jane),
    ):
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/portal/sign-in?next=/pay/{token}"


async def test_what_is_anothers_is_not_found(pay_desk: PayDesk) -> None:
    row_id = charged(pay_desk)
    with reading() as connection:
        number = str(connection.scalar(select(invoice.c.number)))
    asked = len(pay_desk.stripe.calls)
    below = f"/pay/{pay_desk.pay_token(number)}"
    firm_id = pay_desk.desk.jane.firm_id
    olga = open_session(make_person("olga@x.example", is_owner=True), "olga")
    lena_id = make_person("lena@x.example", firm_id=firm_id)
    join_team(lena_id, firm_id, "Billing", view_billing=True)
    with unit_of_work() as connection:
        neighbour = make_client(connection, firm_id, name="Okafor Dental")
        make_invoice(connection, neighbour)
    make_contact(neighbour, "okafor@x.example")
    okafor = enter("okafor@x.example")

    for token in (olga, open_session(lena_id, "lena")):
        for path in (
            f"/invoices/{number}/invoice.pdf",
            f"/payments/{row_id}/receipt.pdf",
            f"/payments/{row_id}/stripe-receipt",
            f"/refunds/{row_id}/receipt.pdf",
        ):
            assert (await ask(path, token)).status_code == 404
    for path in (f"{below}/invoice.pdf", f"{below}/payments/{row_id}/receipt.pdf"):
        answer = await ask(path, portal=okafor)
        assert answer.status_code == 404
        assert number not in answer.text
    assert len(pay_desk.stripe.calls) == asked


async def test_who_may_not_see_bills_is_told_so(pay_desk: PayDesk) -> None:
    row_id = charged(pay_desk)
    person = make_person("sarah@x.example", firm_id=pay_desk.desk.jane.firm_id)
    sarah = open_session(person, "sarah")

    for path in (f"/payments/{row_id}/receipt.pdf", f"/payments/{row_id}/stripe-receipt"):
        answer = await ask(path, sarah)
        assert answer.status_code == 403
        assert "You need “View billing” to do this." in answer.text


async def test_a_client_sees_no_draft_and_nothing_of_another_invoice(pay_desk: PayDesk) -> None:
    draft = pay_desk.invoice(draft=True)
    mine, other = pay_desk.invoice(), pay_desk.invoice()
    elsewhere = add(other)
    anita = enter(ANITA)

    for path in (
        f"/pay/{pay_desk.pay_token(draft)}/invoice.pdf",
        f"/pay/{pay_desk.pay_token(mine)}/payments/{elsewhere}/receipt.pdf",
        f"/pay/{pay_desk.pay_token(mine)}/refunds/{elsewhere}/receipt.pdf",
        "/pay/guess/invoice.pdf",
        "/pay/%00/invoice.pdf",
        f"/pay/{'x' * 300}/invoice.pdf",
    ):
        assert (await ask(path, portal=anita)).status_code == 404


async def test_an_id_that_is_none_is_not_found(pay_desk: PayDesk, jane: str) -> None:
    token, anita = pay_desk.pay_token(pay_desk.invoice()), enter(ANITA)
    papers = ("/payments/{}/receipt.pdf", "/payments/{}/stripe-receipt", "/refunds/{}/receipt.pdf")

    for wrong in ("0", "-1", "1.5", "²", "9" * 9, "9" * 40, "a", "1%00", "1'"):
        for path in papers:
            assert (await ask(path.format(wrong), jane)).status_code == 404
        answer = await ask(f"/pay/{token}/payments/{wrong}/receipt.pdf", portal=anita)
        assert answer.status_code == 404


async def test_a_number_that_is_none_is_not_found(pay_desk: PayDesk, jane: str) -> None:
    for wrong in ("INV-0", "%00", "x" * 300, "%2e%2e%2f", "%ff"):
        answer = await ask(f"/invoices/{wrong}/invoice.pdf", jane)

        assert answer.status_code == 404
        assert "This invoice does not exist, or you may not see it." in answer.text
        assert '<a href="/invoices">Back to invoices</a>' in answer.text


async def test_only_getting_is_answered(pay_desk: PayDesk, jane: str) -> None:
    row_id = charged(pay_desk)

    for method in ("HEAD", "POST", "DELETE"):
        assert (
            await ask(f"/payments/{row_id}/receipt.pdf", jane, method=method)
        ).status_code == 405
    assert (await ask(f"/payments/{row_id}/stripe-receipt", jane, method="HEAD")).status_code == 405


async def test_what_cannot_be_made_now_is_said_plainly(
    pay_desk: PayDesk, jane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = pay_desk.invoice()
    path = f"/invoices/{number}/invoice.pdf"
    may_end = threading.Event()

    def silent(*_: Any) -> bytes:
        raise Unavailable

    def slow(*_: Any) -> bytes:
        may_end.wait()
        return b""

    monkeypatch.setattr(typesetting, "pdf", silent)
    gone = await ask(path, jane)
    monkeypatch.setattr(typesetting, "pdf", slow)
    monkeypatch.setattr(behind_session, "LONGEST_SECONDS", 0.05)
    late = await ask(path, jane)
    may_end.set()

    assert (gone.status_code, late.status_code) == (503, 503)
    assert Unavailable().sentence in gone.text
    assert "This takes too long at the moment. Please try again in a minute." in late.text


async def test_stripes_own_receipt_is_asked_for_at_the_click(pay_desk: PayDesk, jane: str) -> None:
    row_id = charged(pay_desk)
    newer = RECEIPT + "?s=newer"
    pay_desk.stripe.change_charge(pay_desk.row()["stripe_charge_id"], receipt_url=newer)

    answer = await ask(f"/payments/{row_id}/stripe-receipt", jane)

    assert (answer.status_code, answer.headers["location"]) == (303, newer)
    assert answer.headers["cache-control"] == "no-store"


async def test_a_row_that_is_not_stripes_has_no_receipt_there(pay_desk: PayDesk, jane: str) -> None:
    paid = add(pay_desk.invoice())

    assert (await ask(f"/payments/{paid}/stripe-receipt", jane)).status_code == 404
    assert pay_desk.stripe.calls == []


async def test_a_stripe_that_is_silent_or_has_none_is_said_plainly(
    pay_desk: PayDesk, jane: str
) -> None:
    row_id = charged(pay_desk)
    path = f"/payments/{row_id}/stripe-receipt"
    charge_id = pay_desk.row()["stripe_charge_id"]

    pay_desk.stripe.be_silent("retrieve_charge")
    silent = await ask(path, jane)
    pay_desk.stripe.change_charge(charge_id, receipt_url="")
    none = await ask(path, jane)
    pay_desk.stripe.change_charge(charge_id, receipt_url="https://evil.example/receipts")
    foreign = await ask(path, jane)
    del pay_desk.stripe.charges[charge_id]
    missing = await ask(path, jane)

    assert silent.status_code == 503
    assert "Stripe cannot be reached at the moment, so its receipt cannot be shown." in silent.text
    for answer in (none, foreign, missing):
        assert answer.status_code == 404
        assert "Stripe has no receipt for this payment." in answer.text
        assert "evil" not in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        ("https://pay.stripe.com/receipts/x", True),
        ("https://dashboard.stripe.com:443/receipts/x", True),
        ("http://127.0.0.1:8001/receipts/x", True),
        ("http://127.0.0.1:8002/receipts/x", False),
        ("http://pay.stripe.com/receipts/x", False),
        ("https://pay.stripe.com:8443/receipts/x", False),
        ("https://pay.stripe.com.evil.example/x", False),
        ("https://evilstripe.com/x", False),
        ("https://pay.stripe.com@evil.example/x", False),
        ("https://evil.example\\.stripe.com/x", False),
        ("https://pay.stripe.com/\r\nSet-Cookie: a=b", False),
        ("//pay.stripe.com/x", False),
        ("javascript:alert(1)", False),
        ("https://[x", False),
        ("https://pay.stripe.com:x/", False),
        ("", False),
    ],
)
def test_people_are_sent_to_stripe_only(url: str, is_theirs: bool) -> None:
    assert stripe_receipts.is_stripes(url) is is_theirs
