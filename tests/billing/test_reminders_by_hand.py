"""Who may remind by hand of what, what auto-pay changes, and what the drawer says of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert as insert_into
from sqlalchemy import update

from assure_app.billing import reminder_readers, reminders
from assure_app.billing.reading.contacts import page as contacts_page
from assure_app.billing.reading.invoice_detail import detail
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.reminders import NobodyToRemind, NothingToRemindOf
from assure_app.billing.send_form import InvoiceChanged
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import InvalidInput, NotFound, PermissionDenied
from assure_app.domain.reminders import Plan
from assure_app.models import Engagement
from assure_app.models.tables import (
    autopay,
    contact,
    engagement,
    payment_method,
    stripe_account,
)
from tests.factories import insert
from tests.mail.letters import messages
from tests.support.desk import Desk
from tests.support.online import PayDesk
from tests.support.reminding import ANITA, ReminderDesk, open_reminder_desk

TOKEN = "one-form-token-00000000000000001"
THREE_BEFORE = datetime(2026, 5, 28, 13, 0, tzinfo=UTC)
DUE_DAY = THREE_BEFORE + timedelta(days=3)


@pytest.fixture
def reminding(desk: Desk) -> ReminderDesk:
    return open_reminder_desk(desk)


def remind(desk: Desk, number: str, **changes: Any) -> object:
    known = {"form_token": TOKEN, "invoice_id": desk.stored(number)["id"], "now": desk.now}
    return reminders.send_now(changes.pop("by", desk.jane), number, **known | changes)


def drawer(desk: Desk, number: str, now: datetime | None = None, **changes: Any) -> Any:
    by = changes.get("by", desk.jane)
    return detail(by, number, Query(), now=now or desk.now)


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": "cancelled", "cancelled_at": THREE_BEFORE},
        {"balance_cents": 0, "pending_cents": 100_000},
        {"balance_cents": 0, "settled_cents": 100_000, "stage": "paid"},
        {},
    ],
    ids=["cancelled", "pending", "paid", "draft"],
)
def test_nothing_owed_nothing_sent(
    reminding: ReminderDesk, desk: Desk, changes: dict[str, Any]
) -> None:
    number = desk.invoice(draft=not changes)
    if changes:
        reminding.change(number, **changes)

    with pytest.raises(NothingToRemindOf):
        reminders.start(desk.jane, number, now=desk.now)
    with pytest.raises(NothingToRemindOf):
        remind(desk, number)

    assert messages() == []
    assert not drawer(desk, number).can_remind


def test_only_who_may_edit_billing_and_sees_the_client_reminds(
    reminding: ReminderDesk, desk: Desk
) -> None:
    number = desk.invoice()
    viewer = desk.someone(view_billing=True, all_clients=True)

    with pytest.raises(PermissionDenied):
        remind(desk, number, by=viewer)
    with pytest.raises(NotFound):
        remind(desk, number, by=desk.stranger())
    with pytest.raises(InvoiceChanged):
        remind(desk, number, invoice_id=77)
    with pytest.raises(InvalidInput):
        remind(desk, number, form_token="")

    assert messages() == []
    assert desk.audit() == [
        "Sarah Kim was denied: remind a client of an invoice (needs Edit billing)"
    ]
    seen = drawer(desk, number, by=viewer)
    assert seen.reminder == "Next reminder May 28 (3 days before)"
    assert not seen.can_remind
    assert seen.remind_block == "You need “Edit billing” to remind a client of an invoice."


def test_with_nobody_to_remind_it_says_whom_to_ask(reminding: ReminderDesk, desk: Desk) -> None:
    number = desk.invoice()
    remind(desk, number)
    reminder_readers.choose(reminding.link(), is_stopped=True, now=desk.now)

    with pytest.raises(NobodyToRemind, match="stopped reminders"):
        remind(desk, number, form_token=TOKEN.replace("1", "2"))
    assert drawer(desk, number).reminder == "Patel Family stopped reminders."
    (row,) = contacts_page(desk.jane).rows
    assert row.reminders == "No reminders since May 22, 2026"

    with unit_of_work() as connection:
        connection.execute(update(contact).values(role="viewer"))
    with pytest.raises(NobodyToRemind, match="no contact who may pay"):
        remind(desk, number, form_token=TOKEN.replace("1", "3"))


def test_with_another_address_a_contact_gets_reminders_again(
    reminding: ReminderDesk, desk: Desk
) -> None:
    number = desk.invoice()
    remind(desk, number)
    old = reminding.link()
    reminder_readers.choose(old, is_stopped=True, now=desk.now)
    with unit_of_work() as connection:
        connection.execute(update(contact).values(email="new@patelfamily.example"))

    remind(desk, number, form_token=TOKEN.replace("1", "2"))

    assert [each["to_email"] for each in messages()] == [ANITA, "new@patelfamily.example"]
    assert reminding.link("new@patelfamily.example") != old
    assert contacts_page(desk.jane).rows[0].reminders == ""


def test_the_drawer_says_what_comes_next(reminding: ReminderDesk, desk: Desk) -> None:
    number = desk.invoice()

    assert drawer(desk, number).reminder == "Next reminder May 28 (3 days before)"
    reminding.run(THREE_BEFORE)
    assert drawer(desk, number, THREE_BEFORE).reminder == "Next reminder May 31 (on the due date)"
    far = datetime(2026, 7, 30, 13, 0, tzinfo=UTC)
    reminding.run(far)
    assert drawer(desk, number, far).reminder == "No reminder follows."
    reminding.plan(Plan(is_on=False), at=far)
    assert drawer(desk, number, far).reminder == "Reminders are off."


@pytest.fixture
def with_autopay(pay_desk: PayDesk) -> ReminderDesk:
    """Anita's default card pays for her engagement by itself."""
    desk = pay_desk.desk
    opened = ReminderDesk(desk, pay_desk.anita.contact_id)
    opened.turn_on(at=desk.now.replace(day=1))
    with unit_of_work() as connection:
        insert(
            connection,
            Engagement,
            firm_id=desk.jane.firm_id,
            client_id=desk.client_id,
            name="Books",
            is_autopay_on=True,
        )
    pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice(), saves=True), method="card")
    pay_desk.deliver()
    return opened


def letters() -> list[dict[str, Any]]:
    """The reminders in the outbox, oldest first."""
    return [each for each in messages() if each["written_from"]]


def test_what_auto_pay_will_charge_is_announced_and_then_left_to_it(
    with_autopay: ReminderDesk,
) -> None:
    desk = with_autopay.desk
    number = desk.invoice(engagement_id=1)
    assert drawer(desk, number).reminder == "Auto-pay notice May 28 (3 days before)"

    with_autopay.run(THREE_BEFORE)
    with_autopay.run(DUE_DAY)

    assert with_autopay.sent() == [(number, -3)]
    (letter,) = letters()
    assert letter["subject"] == f"$1,000.00 for invoice {number} will be charged on May 31, 2026"
    assert "Visa •••• 4242 will be charged on May 31, 2026. You need do nothing." in letter["text"]
    assert "Pay now" not in letter["text"]
    told = "$1,000 will be charged to Visa •••• 4242 on May 31"
    assert (f"Auto-pay notice sent to {letter['to_email']}: {told}", "System") in desk.timeline()
    said = drawer(desk, number, THREE_BEFORE).reminder
    assert said == "Auto-pay charges Visa •••• 4242 on May 31: no reminder before."
    with pytest.raises(NothingToRemindOf, match="Auto-pay charges Visa •••• 4242 today"):
        remind(desk, number, now=DUE_DAY)


@pytest.mark.parametrize("state", ["client", "exhausted", "stopped"])
def test_what_auto_pay_gave_up_is_the_clients_to_pay(
    with_autopay: ReminderDesk, state: str
) -> None:
    desk = with_autopay.desk
    number = desk.invoice(engagement_id=1)
    _set_autopay(desk, number, state=state)

    with_autopay.run(DUE_DAY + timedelta(days=7))

    assert letters()[0]["subject"].endswith("was due 7 days ago")


def test_between_two_tries_of_auto_pay_the_next_one_is_announced(
    with_autopay: ReminderDesk,
) -> None:
    desk = with_autopay.desk
    number = desk.invoice(engagement_id=1)
    _set_autopay(desk, number, state="waiting", next_try_at=datetime(2026, 6, 9, 10, tzinfo=UTC))

    with_autopay.run(DUE_DAY + timedelta(days=7))

    assert letters()[0]["subject"].endswith("will be charged on Jun 9, 2026")


@pytest.mark.parametrize("gone", ["switch", "method", "charges"])
def test_without_what_auto_pay_needs_the_client_is_asked(
    with_autopay: ReminderDesk, gone: str
) -> None:
    desk = with_autopay.desk
    desk.invoice(engagement_id=1)
    with unit_of_work() as connection:
        match gone:
            case "switch":
                connection.execute(update(engagement).values(is_autopay_on=False))
            case "method":
                connection.execute(update(payment_method).values(is_default=False))
            case "charges":
                connection.execute(update(stripe_account).values(charges_enabled=False))

    with_autopay.run(DUE_DAY)

    assert letters()[0]["subject"].startswith("Reminder: ")
    label = "See invoice" if gone == "charges" else "Pay now"
    assert f"\n{label}: " in letters()[0]["text"]


def _set_autopay(desk: Desk, number: str, **columns: Any) -> None:
    """Whatever the triggers wrote of it, this is where auto-pay is."""
    invoice_id = desk.stored(number)["id"]
    given = {"exhausted_at": None, "stopped_by": "", "next_try_at": None} | columns
    if columns["state"] == "exhausted":
        given["exhausted_at"] = desk.now
    if columns["state"] == "stopped":
        given["stopped_by"] = "Jane Chen"
    with unit_of_work() as connection:
        changed = connection.execute(
            update(autopay).where(autopay.c.invoice_id == invoice_id).values(given)
        )
        if not changed.rowcount:
            connection.execute(
                insert_into(autopay).values(
                    invoice_id=invoice_id,
                    firm_id=desk.jane.firm_id,
                    tries=0,
                    failures=0,
                    failure="",
                    **given,
                )
            )
