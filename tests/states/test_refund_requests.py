"""Asking for a refund and deciding on it, as tabs fire it: with anything at all."""

from typing import Any

import pytest
from sqlalchemy import select

from assure_app.billing.manual_payments import PaymentForm, record_payment
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import refund_request
from assure_app.states.refund_requests import APPROVE, DECLINE, AskForRefund, DecideOnRefund
from tests.auth.people import join_team
from tests.states.conftest import OpenTab
from tests.support.desk import Desk

FORM = {"amount": "50", "reason": "Duplicate", "notes": ""}
HOSTILE: tuple[Any, ...] = (None, True, 12.7, -1, 0, 2**31, {}, [], "x" * 5_000, "\0")


@pytest.fixture
def payment_id(desk: Desk) -> int:
    """A check over $1,000.00."""
    form = PaymentForm(amount="1000", method="Check", date="2026-05-22")
    token = "a-form-token-of-jane"
    number = desk.invoice()
    return record_payment(desk.jane, number, form, form_token=token, now=desk.now).payment_id


def states() -> list[str]:
    with reading() as connection:
        return list(connection.scalars(select(refund_request.c.state)))


async def test_one_tab_asks_and_another_approves(
    desk: Desk, tab_of: OpenTab, payment_id: int
) -> None:
    person = desk.someone()
    join_team(person.user_id, desk.jane.firm_id, "Hers", all_clients=True, view_billing=True)
    asking, deciding = tab_of(person), tab_of(desk.jane)

    await asking.fire(AskForRefund.open, payment_id=payment_id)
    heard = await asking.fire(AskForRefund.submit, form=FORM | {"reason": ""})
    assert heard.var("problems")["reason"] == "Choose the reason for this refund."
    await asking.fire(AskForRefund.submit, form=FORM)
    assert states() == ["pending"]
    with reading() as connection:
        request_id = connection.scalar(select(refund_request.c.id))
    for act, payload in (
        (DecideOnRefund.open, {"request_id": request_id, "dialog": APPROVE}),
        (DecideOnRefund.approve, {"form": {}}),
        (DecideOnRefund.decline, {"form": {"answer": "No"}}),
    ):
        assert "You need “Edit billing”" in (await asking.fire(act, **payload)).text

    await deciding.fire(DecideOnRefund.open, request_id=request_id, dialog=DECLINE)
    heard = await deciding.fire(DecideOnRefund.decline, form={"answer": ""})
    assert heard.var("problems")["answer"].startswith("Say why")
    await deciding.fire(DecideOnRefund.open, request_id=request_id, dialog=APPROVE)
    heard = await deciding.fire(DecideOnRefund.approve, form={})
    assert "Refund recorded." in heard.text
    assert states() == ["approved"]


async def test_what_is_no_id_finds_nothing(desk: Desk, tab_of: OpenTab, payment_id: int) -> None:
    tab, rows = tab_of(desk.jane), desk.rows()

    for value in HOSTILE:
        await tab.fire(AskForRefund.open, payment_id=value)
        await tab.fire(AskForRefund.submit, form=value)
        await tab.fire(AskForRefund.withdraw, request_id=value)
        await tab.fire(DecideOnRefund.open, request_id=value, dialog=value)
        await tab.fire(DecideOnRefund.approve, form=value)
        await tab.fire(DecideOnRefund.decline, form=value)

    assert (states(), desk.rows()) == ([], rows)
    assert payment_id
