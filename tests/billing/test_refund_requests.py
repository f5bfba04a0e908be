"""Refunds that one asks for and another decides on: once, by whom it may be, and told (R096)."""

import secrets
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import exc, select, update

from assure_app.billing import refund_decisions, refund_requests, refunds, stripe_disconnecting
from assure_app.billing.manual_payments import PaymentForm, record_payment
from assure_app.billing.reading import invoice_detail
from assure_app.billing.reading.desk import desk as read_desk
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.reading.rows import PaymentRow
from assure_app.billing.refund_decisions import DecidedAlready, NotAsker, RequestVoid
from assure_app.billing.refund_requests import RequestPending
from assure_app.billing.refunds import RefundForm
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import InvalidInput, NotFound, NotRefundable, PermissionDenied
from assure_app.domain.permissions import Principal, TeamRights
from assure_app.domain.refund_approval import AskingNotNeeded, NeedsSecondPerson, OwnRequest
from assure_app.models.tables import firm, firm_user, invoice, payment, refund_request
from tests.concurrency.test_online_rivals import all_at_once
from tests.factories import MOMENT
from tests.mail.letters import messages
from tests.support.desk import Desk
from tests.support.fake_stripe import CHEN
from tests.support.online import PayDesk
from tests.support.refunding import refund_desk

FORM = RefundForm(amount="50", reason="Duplicate", notes="paid twice")


@pytest.fixture
def lena(desk: Desk) -> Principal:
    """Somebody who may look at billing, and no more."""
    rights = TeamRights(view_billing=True, all_clients=True)
    return replace(desk.someone(), name="Lena Fox", rights=rights, is_stripe_admin=False)


def paid(desk: Desk, amount: str = "1000") -> int:
    """A check over this much; its row."""
    number = desk.invoice()
    form = PaymentForm(amount=amount, method="Check", date="2026-05-22", reference="104")
    token = secrets.token_urlsafe(24)
    return record_payment(desk.jane, number, form, form_token=token, now=desk.now).payment_id


def ask(
    desk: Desk, who: Principal, payment_id: int, form: RefundForm = FORM, *, token: str = ""
) -> int:
    """Somebody asks; the request's id."""
    refund_requests.ask(
        who, payment_id, form, form_token=token or secrets.token_urlsafe(24), now=desk.now
    )
    return int(stored()[-1]["id"])


def stored() -> list[dict[str, Any]]:
    with reading() as connection:
        rows = connection.execute(select(refund_request).order_by(refund_request.c.id))
        return [dict(row) for row in rows.mappings()]


def want_two_people(cents: int) -> None:
    with unit_of_work() as connection:
        connection.execute(update(firm).values(second_person_cents=cents))


def row_for(who: Principal, desk: Desk, payment_id: int) -> PaymentRow:
    number = f"{desk_number(desk, payment_id)}"
    shown = invoice_detail.detail(who, number, Query(), now=desk.now)
    return next(each for each in shown.payments if each.id == payment_id)


def desk_number(desk: Desk, payment_id: int) -> str:
    wanted = (
        select(invoice.c.number)
        .join(payment, payment.c.invoice_id == invoice.c.id)
        .where(payment.c.id == payment_id)
    )
    with reading() as connection:
        return str(connection.scalar(wanted))


def refunded(desk: Desk) -> list[tuple[int, str, str]]:
    return [
        (row["amount_cents"], row["reason"], row["paid_by"])
        for row in desk.rows()
        if row["kind"] == "refund"
    ]


def test_who_may_not_refund_asks_and_another_approves(desk: Desk, lena: Principal) -> None:
    payment_id = paid(desk)
    assert row_for(lena, desk, payment_id).can_ask
    assert not row_for(desk.jane, desk, payment_id).can_ask

    request_id = ask(desk, lena, payment_id)

    waiting = row_for(desk.jane, desk, payment_id)
    assert waiting.request_text == "Refund of $50 asked for by Lena Fox — Duplicate"
    assert (waiting.may_decide, waiting.may_withdraw) == (True, False)
    own = row_for(lena, desk, payment_id)
    assert (own.can_ask, own.may_decide, own.may_withdraw) == (False, False, True)
    assert (read_desk(desk.jane).refunds_waiting, read_desk(lena).refunds_waiting) == (1, 0)
    assert read_desk(desk.jane).refund_href.startswith("/invoices?invoice=")
    assert refunded(desk) == []

    first = refund_decisions.approve(desk.jane, request_id, now=desk.now)
    second = refund_decisions.approve(desk.jane, request_id, now=desk.now)

    assert (first.is_repeat, second.is_repeat) == (False, True)
    assert refunded(desk) == [(-5_000, "Duplicate", "Jane Chen")]
    assert [(row["state"], row["refund_id"]) for row in stored()] == [
        ("approved", first.payment_id)
    ]
    assert [text for text, _ in desk.timeline()][-3:] == [
        "Refund $50 of Check #104 asked for — Duplicate",
        "Refund $50 of Check #104 — Duplicate",
        "Refund $50 asked for by Lena Fox was approved",
    ]
    assert read_desk(desk.jane).refunds_waiting == 0
    assert verify() == []


def test_those_who_may_decide_are_told_by_mail(desk: Desk, lena: Principal) -> None:
    with unit_of_work() as connection:
        connection.execute(update(firm_user).values(password_hash="x"))

    ask(desk, lena, paid(desk))

    (letter,) = messages()
    with reading() as connection:
        jane = select(firm_user.c.email).where(firm_user.c.id == desk.jane.user_id)
        assert letter["to_email"] == connection.scalar(jane)
    assert letter["subject"].startswith("Refund asked for: Patel Family, $50.00 of invoice ")


def test_one_form_asks_once_and_one_request_waits(desk: Desk, lena: Principal) -> None:
    payment_id = paid(desk)
    token = secrets.token_urlsafe(24)
    for _ in range(2):
        ask(desk, lena, payment_id, token=token)

    with pytest.raises(RequestPending, match=r"Lena Fox asked for a refund of \$50\.00 already"):
        ask(desk, lena, payment_id)

    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (RefundForm(amount="", reason="Duplicate"), "amount"),
        (RefundForm(amount="5", reason=""), "reason"),
        (RefundForm(amount="5", reason="Duplicate", notes="x" * 3_000), "notes"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    desk: Desk, lena: Principal, form: RefundForm, field: str
) -> None:
    payment_id = paid(desk)

    with pytest.raises(InvalidInput) as refused:
        ask(desk, lena, payment_id, form)

    assert list(refused.value.problems) == [field]
    assert stored() == []


def test_who_may_refund_alone_does_not_ask(desk: Desk) -> None:
    payment_id = paid(desk)

    with pytest.raises(AskingNotNeeded):
        ask(desk, desk.jane, payment_id)


def test_a_large_refund_needs_two_people_whoever_they_are(desk: Desk, lena: Principal) -> None:
    payment_id = paid(desk)
    want_two_people(5_000)
    alone = {"form_token": secrets.token_urlsafe(24), "now": desk.now}
    assert row_for(desk.jane, desk, payment_id).can_ask

    with pytest.raises(NeedsSecondPerson):
        refunds.refund_payment(desk.jane, payment_id, FORM, **alone)  # type: ignore[arg-type]
    shown = refunds.preview(desk.jane, payment_id, FORM, now=desk.now)
    assert list(shown.problems) == ["amount"]
    request_id = ask(desk, desk.jane, payment_id)
    with pytest.raises(OwnRequest):
        refund_decisions.approve(desk.jane, request_id, now=desk.now)
    with pytest.raises(OwnRequest):
        refund_decisions.decline(desk.jane, request_id, "No", now=desk.now)
    with pytest.raises(PermissionDenied):
        refund_decisions.approve(lena, request_id, now=desk.now)
    assert refunded(desk) == []
    assert "Jane Chen was denied: approve a refund (asked for it themself)" in desk.audit()

    other = replace(lena, rights=TeamRights(edit_billing=True, all_clients=True))
    refund_decisions.approve(other, request_id, now=desk.now)
    assert refunded(desk) == [(-5_000, "Duplicate", "Lena Fox")]
    small = replace(FORM, amount="49.99")
    refunds.refund_payment(desk.jane, payment_id, small, **alone)  # type: ignore[arg-type]
    assert len(refunded(desk)) == 2


def test_two_who_approve_at_once_make_one_refund(desk: Desk, lena: Principal) -> None:
    request_id = ask(desk, lena, paid(desk))
    marcus = replace(desk.someone(edit_billing=True), is_admin=True, name="Marcus Webb")

    outcomes = all_at_once(
        *[
            lambda who=who: refund_decisions.approve(who, request_id, now=desk.now)
            for who in (desk.jane, marcus, desk.jane, marcus)
        ]
    )

    assert outcomes == {"done": 4}
    assert len(refunded(desk)) == 1
    assert verify() == []


def test_approving_and_declining_at_once_is_one_of_both(desk: Desk, lena: Principal) -> None:
    request_id = ask(desk, lena, paid(desk))

    outcomes = all_at_once(
        lambda: refund_decisions.approve(desk.jane, request_id, now=desk.now),
        lambda: refund_decisions.decline(desk.jane, request_id, "Not ours", now=desk.now),
        lambda: refund_decisions.withdraw(lena, request_id, now=desk.now),
    )

    assert outcomes == {"done": 1, "DecidedAlready": 2}
    assert len(refunded(desk)) == (stored()[0]["state"] == "approved")


def test_declined_with_a_reason_and_asked_again(desk: Desk, lena: Principal) -> None:
    payment_id = paid(desk)
    request_id = ask(desk, lena, payment_id)
    with pytest.raises(InvalidInput):
        refund_decisions.decline(desk.jane, request_id, " ", now=desk.now)

    refund_decisions.decline(desk.jane, request_id, "The client keeps it", now=desk.now)

    with pytest.raises(DecidedAlready):
        refund_decisions.approve(desk.jane, request_id, now=desk.now)
    assert desk.timeline()[-1] == (
        "Refund $50 asked for by Lena Fox was declined — The client keeps it",
        "Jane Chen",
    )
    assert ask(desk, lena, payment_id) != request_id


def test_only_who_asked_takes_it_back(desk: Desk, lena: Principal) -> None:
    request_id = ask(desk, lena, paid(desk))
    with pytest.raises(NotAsker):
        refund_decisions.withdraw(desk.jane, request_id, now=desk.now)

    refund_decisions.withdraw(lena, request_id, now=desk.now)

    assert stored()[0]["state"] == "withdrawn"
    assert desk.timeline()[-1] == ("Refund $50 asked for by Lena Fox was taken back", "Lena Fox")


def test_what_cannot_be_made_any_more_is_void(desk: Desk, lena: Principal) -> None:
    payment_id = paid(desk)
    request_id = ask(desk, lena, payment_id)
    whole = RefundForm(amount="1000", reason="Other")
    token = secrets.token_urlsafe(24)
    refunds.refund_payment(desk.jane, payment_id, whole, form_token=token, now=desk.now)

    with pytest.raises(RequestVoid, match="cannot be made any more"):
        refund_decisions.approve(desk.jane, request_id, now=desk.now)

    assert stored()[0]["state"] == "void"
    assert "cannot be made any more" in desk.timeline()[-1][0]
    assert len(refunded(desk)) == 1


def test_another_firm_and_what_is_no_id_find_nothing(desk: Desk, lena: Principal) -> None:
    payment_id = paid(desk)
    request_id = ask(desk, lena, payment_id)
    olga = desk.stranger()

    with pytest.raises(NotFound):
        ask(desk, olga, payment_id)
    hostile: tuple[Any, ...] = (request_id, None, True, 0, -1, 2.5, "1", {}, 10**30)
    for known in hostile:
        with pytest.raises(NotFound):
            refund_decisions.approve(olga, known, now=desk.now)
        with pytest.raises(NotFound):
            refund_decisions.withdraw(olga, known, now=desk.now)
        with pytest.raises(NotFound):
            refund_decisions.decline(olga, known, "No", now=desk.now)
    assert read_desk(olga).refunds_waiting == 0
    assert stored()[0]["state"] == "pending"


def test_a_card_refund_is_approved_by_a_stripe_admin_alone(pay_desk: PayDesk) -> None:
    desk, refunding = pay_desk.desk, refund_desk(pay_desk)
    lena = replace(desk.someone(view_billing=True), is_admin=True, is_stripe_admin=False)
    request_id = ask(desk, lena, refunding.payment_id)
    marcus = replace(desk.someone(edit_billing=True), is_admin=True, is_stripe_admin=False)
    assert not row_for(marcus, desk, refunding.payment_id).may_decide
    with pytest.raises(PermissionDenied, match="Stripe admin"):
        refund_decisions.approve(marcus, request_id, now=desk.now)

    refund_decisions.approve(desk.jane, request_id, now=desk.now)

    assert [row["amount_cents"] for row in refunding.stored()] == [5_000]
    assert len(refunding.stored()) == pay_desk.stripe.calls.count("create_refund") == 1
    assert verify() == []


def test_a_payment_of_an_account_that_is_not_connected_says_so(pay_desk: PayDesk) -> None:
    desk, refunding = pay_desk.desk, refund_desk(pay_desk)
    stripe_disconnecting.disconnect(desk.jane, CHEN, now=desk.now)

    row = row_for(desk.jane, desk, refunding.payment_id)
    assert not row.is_refundable
    assert row.refund_block.startswith("The Stripe account that took this payment is not connected")
    with pytest.raises(NotRefundable, match="is not connected"):
        refunding.refund()
    assert refunding.stored() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_cents": 1},
        {"state": "approved"},
        {"asker_id": 1},
        {"refund_token": "another"},
        {"state": "declined", "decider_id": 2, "decided_at": MOMENT},
    ],
)
def test_the_database_refuses_what_nobody_may_write(
    desk: Desk, lena: Principal, changes: dict[str, Any]
) -> None:
    ask(desk, lena, paid(desk))

    with pytest.raises(exc.IntegrityError), unit_of_work() as connection:
        connection.execute(update(refund_request).values(changes))
