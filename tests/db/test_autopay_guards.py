"""What the database itself keeps of charges that nobody is present for, and when it wakes them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from assure_app.billing.autopay_rows import WOKEN
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.payment import Source
from assure_app.models.tables import autopay, checkout, engagement, invoice, payment
from tests.billing.test_off_session import reserve
from tests.support.autopay import AutopayDesk, open_autopay_desk
from tests.support.online import PayDesk

LATER = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def desk(pay_desk: PayDesk) -> AutopayDesk:
    opened = open_autopay_desk(pay_desk)
    opened.save()
    return opened


REFUSED = (
    (delete(autopay), "R124"),
    (update(autopay).values(tries=0), "R124"),
    (update(autopay).values(invoice_id=77), "R1"),
    (update(checkout).values(method_id=None), "R051"),
    (update(checkout).values(source="backfill"), "R051"),
    (update(checkout).values(contact_id=1), "R051"),
    (update(checkout).values(payment_intent_id="pi_other"), "R051"),
    (update(checkout).values(asked_at=None), "R051"),
    (update(payment).values(source="online"), "R0"),
)


def test_what_was_asked_and_tried_stays(desk: AutopayDesk) -> None:
    desk.invoice()
    desk.work()

    for statement, sentence in REFUSED:
        with pytest.raises(IntegrityError, match=sentence), unit_of_work() as connection:
            connection.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        {"due_on": datetime(2026, 7, 1).date()},  # noqa: DTZ001
        {"balance_cents": 90_000, "settled_cents": 10_000},
        {"pending_cents": 5_000},
    ],
)
def test_a_changed_invoice_is_looked_at_again(desk: AutopayDesk, change: dict[str, object]) -> None:
    number = desk.invoice()
    sleep(desk)

    with unit_of_work() as connection:
        connection.execute(update(invoice).where(invoice.c.number == number).values(change))

    assert desk.stored(number).due_at == WOKEN


def test_an_invoice_that_comes_to_an_engagement_is_looked_at(desk: AutopayDesk) -> None:
    number = desk.pay.invoice()
    with unit_of_work() as connection:
        connection.execute(update(invoice).values(engagement_id=desk.engagement_id))

    assert desk.stored(number).due_at == WOKEN


def test_switching_on_wakes_what_is_open_and_nothing_else(desk: AutopayDesk) -> None:
    desk.switch(on=False)
    opened, draft = desk.invoice(), desk.invoice(draft=True)
    sleep(desk)
    desk.switch(on=True)

    assert desk.stored(opened).due_at == WOKEN
    with reading() as connection:
        drafts = select(autopay).join(invoice, invoice.c.id == autopay.c.invoice_id)
        assert connection.execute(drafts.where(invoice.c.number == draft)).first() is None


def test_what_changes_nothing_wakes_nobody(desk: AutopayDesk) -> None:
    number = desk.invoice()
    sleep(desk)

    with unit_of_work() as connection:
        connection.execute(update(invoice).values(viewed_at=desk.now, stage="open"))
        connection.execute(update(engagement).values(name="Books", is_autopay_on=True))

    assert desk.stored(number).due_at == LATER


def test_an_asking_that_autopay_does_not_know_is_found(desk: AutopayDesk) -> None:
    number = desk.invoice()
    row_id = desk.method_row(next(iter(desk.pay.stripe.methods)))

    assert isinstance(reserve(desk.pay, number, row_id, Source.AUTOPAY), int)

    (difference,) = verify()
    assert difference.endswith("is being charged by auto-pay, but auto-pay does not know of it.")


def sleep(desk: AutopayDesk) -> None:
    """Let nothing be due until next year."""
    assert desk.now + timedelta(days=30) < LATER
    with unit_of_work() as connection:
        connection.execute(update(autopay).values(due_at=LATER))
