"""The demo firm: every state is there, the ledger is sound, and a second load changes nothing."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from assure_app import sandbox_keys
from assure_app.billing import refunds
from assure_app.billing.reading import invoice_list
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading
from assure_app.domain.invoice_status import Status
from assure_app.domain.permissions import Principal, TeamRights
from assure_app.models.tables import activity, firm_user, invoice, mail_message, payment
from assure_app.sandbox import demo, first_start
from assure_app.sandbox.stripe import Sandbox
from assure_app.settings import get_settings

AUTUMN = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


def owner(email: str) -> Principal:
    with reading() as connection:
        row = connection.execute(select(firm_user).where(firm_user.c.email == email)).one()
    return Principal(
        session_id=0,
        user_id=row.id,
        firm_id=row.firm_id,
        name=row.name,
        email=row.email,
        is_owner=row.is_owner,
        is_admin=row.is_admin,
        is_stripe_admin=row.is_stripe_admin,
        rights=TeamRights(),
    )


def test_the_demo_holds_every_state_and_is_sound(database: str) -> None:
    assert database

    require_every_state(AUTUMN)


@pytest.mark.parametrize(
    "now",
    [
        datetime(2028, 2, 29, 4, 30, tzinfo=UTC),
        datetime(2027, 1, 1, 5, 0, tzinfo=UTC),
        datetime(2027, 3, 14, 7, 0, tzinfo=UTC),
    ],
    ids=["leap day", "new year in New York", "daylight saving"],
)
def test_so_it_does_on_any_day(sqlite_database: str, now: datetime) -> None:
    assert sqlite_database

    require_every_state(now)


def require_every_state(now: datetime) -> None:
    demo.load(now=now)

    jane = owner("jane@chenadvisory.com")
    page = invoice_list.page(jane, Query(), now=now)
    assert page.total == 47
    assert {row.status for row in page.rows} == {status.value for status in Status}
    assert all(tile.count > 0 for tile in page.tiles)
    assert any(row.pending for row in page.rows)
    olga = invoice_list.page(owner("olga@northsidecpa.example"), Query(), now=now)
    assert {row.client for row in olga.rows} == {"Quarry Lane Brewing", "Zephyr Cycles"}
    assert verify() == []
    with reading() as connection:
        said = connection.scalars(select(activity.c.text).where(activity.c.actor == "System"))
        assert any(text.startswith("Reminder sent to ") for text in said)
        waits = select(mail_message.c.id).where(mail_message.c.written_from != "")
        assert connection.execute(waits.where(mail_message.c.due_at.is_not(None))).first() is None


def test_a_second_load_changes_nothing(database: str) -> None:
    assert database
    assert first_start.load_if_empty()

    assert not first_start.load_if_empty()

    with reading() as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(table))
            for table in (invoice, payment)
        ]
    assert counts[0] == 50
    assert counts[1] is not None
    assert counts[1] > 30


def test_what_was_paid_online_is_at_stripe_too_and_can_be_refunded(sqlite_database: str) -> None:
    assert sqlite_database
    demo.load(now=AUTUMN)
    with reading() as connection:
        rows = connection.execute(
            select(payment).where(payment.c.checkout_id.is_not(None)).order_by(payment.c.id)
        ).all()
    settings = get_settings()
    stripe = Sandbox(
        settings.data_dir / "sandbox",
        keys=sandbox_keys.read(settings),
        webhook_url="",
        own_url="",
        now=lambda: AUTUMN,
    )

    with stripe.at("acct_1ChenAdvisory") as partition:
        charges = [partition.get("charge", row.stripe_charge_id) for row in rows]

    assert [(row.amount_cents, row.status) for row in rows] == [
        (charge["amount"], {"succeeded": "Completed"}.get(charge["status"], "Pending"))
        for charge in charges
    ]
    assert {row.method_detail for row in rows if row.method == "Card"} == {"Visa •••• 4242"}
    assert len(rows) == 5
    jane = owner("jane@chenadvisory.com")
    assert refunds.start(jane, rows[0].id, now=AUTUMN).refundable == "$2,600.00"
    assert stripe.deliveries(is_due=False) == []
    stripe.close()
