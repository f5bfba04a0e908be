"""What the portal reads: one client's own, and nothing that is for the firm's own eyes."""

import dataclasses
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from assure_app.billing import client_invoices, stripe_accounts
from assure_app.billing.reading.portal_home import portal_frame, portal_home
from assure_app.billing.reading.portal_invoice import charge, portal_invoice
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import NotFound
from assure_app.domain.portal_access import PortalPerson, PortalPrincipal, PortalRole
from assure_app.models.tables import invoice
from tests.factories import MOMENT, make_client, make_firm, make_invoice, make_payment
from tests.support.desk import Desk
from tests.support.fake_stripe import make_account


def contact(desk: Desk, role: PortalRole = PortalRole.OWNER) -> PortalPrincipal:
    return PortalPrincipal(
        contact_id=1,
        client_id=desk.client_id,
        firm_id=desk.jane.firm_id,
        name="Anita Patel",
        email="anita@patelfamily.example",
        role=role,
    )


def person(desk: Desk, role: PortalRole = PortalRole.OWNER) -> PortalPerson:
    return PortalPerson(session_id=1, email="anita@x.example", contacts=(contact(desk, role),))


def token(desk: Desk, number: str) -> str:
    return str(desk.stored(number)["pay_token"])


def take_payments(desk: Desk, *, charges_enabled: bool = True) -> None:
    with unit_of_work() as connection:
        account = make_account("acct_1ChenAdvisory", charges_enabled=charges_enabled)
        stripe_accounts.connect(connection, desk.jane.firm_id, account, now=desk.now)


def pay(desk: Desk, number: str, **values: object) -> None:
    with unit_of_work() as connection:
        make_payment(connection, desk.stored(number)["id"], **values)


def test_the_first_page_tells_what_is_due_in_the_order_of_the_due_dates(desk: Desk) -> None:
    desk.invoice(number="INV-1", due_on=date(2026, 6, 3), title="2025 return")
    desk.invoice(number="INV-2", due_on=date(2026, 5, 10))
    desk.invoice(number="INV-3", draft=True)
    pay(desk, "INV-1", amount_cents=25_000)

    home = portal_home(contact(desk), now=MOMENT)

    assert (home.balance, home.summary) == ("$1,750.00", "2 invoices, 1 overdue")
    assert [
        (card.number, card.balance, card.standing, card.due, card.when, card.paid)
        for card in home.outstanding
    ] == [
        ("INV-2", "$1,000.00", "Overdue", "May 10", "12 days overdue", ""),
        ("INV-1", "$750.00", "Due", "Jun 3", "in 12 days", "$250.00"),
    ]
    assert home.outstanding[0].href == f"/pay/{token(desk, 'INV-2')}"


def test_what_is_on_its_way_is_told_apart_from_what_was_paid(desk: Desk) -> None:
    desk.invoice(number="INV-1")
    desk.invoice(number="INV-2")
    pay(desk, "INV-1", amount_cents=100_000, method="ACH", source="online", status="Pending")
    pay(desk, "INV-2", amount_cents=100_000, method="Check", reference="4521")

    home = portal_home(contact(desk), now=MOMENT)

    assert (home.balance, home.summary, home.pending) == (
        "$0.00",
        "Nothing is due.",
        "$1,000.00",
    )
    assert [(each.number, each.standing) for each in home.outstanding] == [("INV-1", "Processing")]
    assert [(each.number, each.method, each.state) for each in home.processing] == [
        ("INV-1", "Bank account", "Processing")
    ]
    assert [(each.number, each.day, each.method, each.amount) for each in home.paid] == [
        ("INV-2", "May 22", "Check", "$1,000.00")
    ]


def test_a_cancelled_invoice_stays_to_be_seen(desk: Desk) -> None:
    desk.invoice(number="INV-1", cancelled_at=MOMENT)

    home = portal_home(contact(desk), now=MOMENT)

    assert [(each.number, each.standing) for each in home.closed] == [("INV-1", "Cancelled")]
    assert home.outstanding == ()


def test_a_pay_button_is_there_for_who_may_pay_where_one_can(desk: Desk) -> None:
    desk.invoice(number="INV-1")

    def act(role: PortalRole) -> str:
        return portal_home(contact(desk, role), now=MOMENT).outstanding[0].act

    assert act(PortalRole.OWNER) == "See invoice"
    take_payments(desk)
    assert act(PortalRole.OWNER) == "Pay $1,000.00"
    assert act(PortalRole.VIEWER) == "See invoice"


def test_other_clients_and_firms_are_not_there(desk: Desk) -> None:
    with unit_of_work() as connection:
        sister = make_client(connection, desk.jane.firm_id, name="Okafor Dental")
        make_invoice(connection, sister, number="INV-77", total_cents=123_456)
    home = portal_home(contact(desk), now=MOMENT)

    assert "INV-77" not in repr(home)
    assert (home.balance, home.outstanding) == ("$0.00", ())


def test_the_frame_names_every_place_of_somebody_who_has_several(desk: Desk) -> None:
    with unit_of_work() as connection:
        firm_id = make_firm(connection, name="Northside CPA")
        client_id = make_client(connection, firm_id, name="Zephyr Cycles")
    here = contact(desk)
    there = dataclasses.replace(here, contact_id=2, client_id=client_id, firm_id=firm_id)
    both = PortalPerson(session_id=1, email="a@x.example", contacts=(here, there))
    desk.invoice(total_cents=100_000)
    desk.invoice(total_cents=25_000)
    desk.invoice(draft=True)

    frame = portal_frame(both, there)

    assert (frame.firm, frame.client, frame.person, frame.role) == (
        "Northside CPA",
        "Zephyr Cycles",
        "Anita Patel",
        "Owner",
    )
    assert [(each.client, each.firm, each.href, each.is_current) for each in frame.places] == [
        ("Patel Family", "Chen Advisory", "/portal", False),
        ("Zephyr Cycles", "Northside CPA", f"/portal?client={client_id}", True),
    ]
    assert [each.owes for each in frame.places] == ["$1,250.00", ""]
    assert portal_frame(person(desk), here).places == ()


def test_an_invoice_as_its_client_sees_it(desk: Desk) -> None:
    number = desk.invoice(title="2025 return")
    pay(desk, number, amount_cents=30_000, method="Card", source="online", fee_cents=117)
    pay(desk, number, amount_cents=20_000, method="ACH", source="online", status="Pending")
    take_payments(desk)

    viewer, seen = portal_invoice(person(desk), token(desk, number), now=MOMENT)

    assert viewer == contact(desk)
    assert (seen.number, seen.standing, seen.issued, seen.due, seen.when) == (
        number,
        "Due",
        "May 1, 2026",
        "May 31, 2026",
        "in 9 days",
    )
    assert (seen.total, seen.paid, seen.pending, seen.balance) == (
        "$1,000.00",
        "−$300.00",
        "$200.00",
        "$500.00",
    )
    assert [(line.description, line.detail, line.amount) for line in seen.lines] == [
        ("Tax return", "1 × $1,000.00", "$1,000.00")
    ]
    assert [(row.what, row.method, row.state, row.amount) for row in seen.history] == [
        ("Payment", "Bank account", "Processing", "$200.00"),
        ("Payment", "Card", "Paid", "$300.00"),
    ]
    assert (seen.can_pay, seen.full, seen.first, seen.pay_block) == (
        True,
        "$500.00",
        "500.00",
        "",
    )


def test_what_is_for_the_firms_own_eyes_is_nowhere(desk: Desk) -> None:
    number = desk.invoice(cancel_reason="They will not pay: xq-cancel")
    pay(
        desk,
        number,
        notes="xq-note",
        reference="xq-reference",
        paid_by="xq-staff",
        fee_cents=7_777,
        method="Card",
        source="online",
    )
    with unit_of_work() as connection:
        invoice_id = desk.stored(number)["id"]
        make_payment(
            connection,
            invoice_id,
            reverses_id=desk.rows()[0]["id"],
            reason="xq-reason",
            notes="xq-note",
        )

    told = repr(portal_invoice(person(desk), token(desk, number), now=MOMENT)[1]) + repr(
        portal_home(contact(desk), now=MOMENT)
    )

    assert "Refund" in told
    assert [word for word in ("xq-", "77.77", "Jane", "chenadvisory") if word in told] == []


@pytest.mark.parametrize("what", ["draft", "sister's", "unknown", "", "\x00", None, 7, "x" * 65])
def test_what_is_not_theirs_is_not_found(desk: Desk, what: object) -> None:
    if what == "draft":
        what = token(desk, desk.invoice(draft=True))
    if what == "sister's":
        with unit_of_work() as connection:
            sister = make_client(connection, desk.jane.firm_id)
            make_invoice(connection, sister, number="INV-77")
        what = token(desk, "INV-77")

    for call in (
        lambda: portal_invoice(person(desk), what, now=MOMENT),
        lambda: charge(person(desk), what, "1", is_part=True, now=MOMENT),
        lambda: client_invoices.view(person(desk), what, now=MOMENT),
    ):
        with pytest.raises(NotFound):
            call()

    assert all("viewed" not in text for text, _ in desk.timeline())


@pytest.mark.parametrize(
    ("role", "charges_enabled", "said"),
    [
        (PortalRole.VIEWER, True, "Your role, Viewer, can see invoices but not pay them."),
        (PortalRole.OWNER, False, "Chen Advisory takes no online payments."),
    ],
)
def test_who_cannot_pay_reads_why(
    desk: Desk, role: PortalRole, said: str, *, charges_enabled: bool
) -> None:
    take_payments(desk, charges_enabled=charges_enabled)

    _, seen = portal_invoice(person(desk, role), token(desk, desk.invoice()), now=MOMENT)

    assert not seen.can_pay
    assert seen.pay_block.startswith(said)


def test_nothing_left_but_money_on_its_way_cannot_be_paid_again(desk: Desk) -> None:
    take_payments(desk)
    number = desk.invoice()
    pay(desk, number, amount_cents=100_000, method="ACH", source="online", status="Pending")

    _, seen = portal_invoice(person(desk), token(desk, number), now=MOMENT)

    assert (seen.standing, seen.owes, seen.can_pay, seen.pay_block, seen.balance) == (
        "Processing",
        False,
        False,
        "",
        "$0.00",
    )


@pytest.mark.parametrize(
    ("typed", "is_part", "amount", "rest", "problem"),
    [
        ("", False, "$1,000.00", "", ""),
        ("400", True, "$400.00", "$600.00", ""),
        ("1000", True, "$1,000.00", "", ""),
        ("1000.01", True, "", "", "The most you can pay is $1,000.00."),
        ("0", True, "", "", "Enter an amount greater than $0.00."),
        ("abc", True, "", "", "Enter the amount as a number, for example 1,500.00."),
    ],
)
def test_what_the_button_would_charge(
    desk: Desk, typed: str, amount: str, rest: str, problem: str, *, is_part: bool
) -> None:
    found = charge(person(desk), token(desk, desk.invoice()), typed, is_part=is_part, now=MOMENT)

    assert (found.amount, found.rest, found.problem) == (amount, rest, problem)


@pytest.mark.parametrize(
    ("due_on", "paid_cents", "before", "after"),
    [
        (date(2026, 5, 31), 0, "sent", "viewed"),
        (date(2026, 5, 1), 0, "sent", "viewed"),
        (date(2026, 5, 31), 10_000, "partial", "partial"),
        (date(2026, 5, 31), 100_000, "paid", "paid"),
    ],
)
def test_opening_is_noted_once(
    desk: Desk, due_on: date, paid_cents: int, before: str, after: str
) -> None:
    number = desk.invoice(due_on=due_on)
    if paid_cents:
        pay(desk, number, amount_cents=paid_cents)
    assert desk.stored(number)["standing"] == before

    first = client_invoices.view(person(desk), token(desk, number), now=MOMENT)
    again = client_invoices.view(person(desk), token(desk, number), now=MOMENT + timedelta(hours=1))

    assert (first, again) == (desk.jane.firm_id, 0)
    stored = desk.stored(number)
    assert (stored["standing"], stored["viewed_at"]) == (after, MOMENT)
    assert [entry for entry in desk.timeline() if "viewed" in entry[0]] == [
        ("Invoice viewed by client", "Anita Patel")
    ]


def test_an_invoice_opened_anew_is_viewed_anew(desk: Desk) -> None:
    number = desk.invoice()
    client_invoices.view(person(desk), token(desk, number), now=MOMENT)
    later = MOMENT + timedelta(days=1)
    with unit_of_work() as connection:
        connection.execute(
            update(invoice).where(invoice.c.number == number).values(opened_at=later)
        )

    assert client_invoices.view(person(desk), token(desk, number), now=later)
