"""`assure verify` sees what should never be among the payments that came through Stripe."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from assure_app.billing.verification import verify
from assure_app.db.engine import engine
from assure_app.db.unit_of_work import unit_of_work
from assure_app.models.online import ExceptionKind
from assure_app.models.tables import checkout, payment, payment_method, stripe_exception
from tests.factories import MOMENT
from tests.support.online import PayDesk

GUARDS = ("payment_charge_frozen", "payment_frozen", "checkout_frozen", "checkout_transition")


def tampered(act: Callable[[Connection], Any]) -> list[str]:
    """What verify says after somebody wrote into the tables past the guards."""
    with unit_of_work() as connection:
        for guard in GUARDS:
            table = guard.split("_", maxsplit=1)[0]
            on = f" ON {table}" if engine().dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER {guard}{on}")
        act(connection)
    return verify()


@pytest.fixture
def paid(pay_desk: PayDesk) -> PayDesk:
    """One card payment of $400.00 on an invoice over $1,000.00."""
    pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice(), "400"))
    pay_desk.deliver()
    assert verify() == []
    return pay_desk


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"stripe_account_id": "acct_other"}, "does not agree with the payment page"),
        ({"stripe_charge_id": None, "stripe_account_id": None}, "but names no charge"),
        ({"method": "Other"}, "but was not paid by card or bank"),
    ],
)
def test_a_row_that_disagrees_with_its_page_is_told(
    paid: PayDesk, values: dict[str, Any], sentence: str
) -> None:
    told = tampered(lambda connection: connection.execute(update(payment).values(values)))

    assert any(sentence in each for each in told)


def test_a_fee_on_a_row_recorded_by_hand_is_told(paid: PayDesk) -> None:
    told = tampered(
        lambda connection: connection.execute(
            update(payment).values(source="manual", method="Check")
        )
    )

    assert any("carries a fee, though it was recorded by hand" in each for each in told)


def test_a_fee_on_a_row_that_failed_is_told(pay_desk: PayDesk) -> None:
    session_id = pay_desk.opened(pay_desk.invoice())
    pay_desk.stripe.decline(session_id)
    pay_desk.deliver()

    told = tampered(lambda connection: connection.execute(update(payment).values(fee_cents=30)))

    assert told == ["The ledger row 1 carries a fee, though no money arrived by it."]


def test_an_open_page_over_more_than_is_owed_is_told(pay_desk: PayDesk) -> None:
    pay_desk.opened(pay_desk.invoice(), "400")

    told = tampered(
        lambda connection: connection.execute(update(checkout).values(amount_cents=100_001))
    )

    (sentence,) = told
    assert "its payment page 1 can take more than the invoice still asks for." in sentence


def test_a_page_that_took_money_and_is_not_complete_is_told(paid: PayDesk) -> None:
    told = tampered(lambda connection: connection.execute(update(checkout).values(state="expired")))

    (sentence,) = told
    assert "its payment page 1 took money, but is not complete." in sentence


def test_what_belongs_to_no_firm_is_told(paid: PayDesk) -> None:
    values = {
        "account_id": "acct_gone",
        "object_id": "ch_1",
        "object_kind": "charge",
        "kind": ExceptionKind.UNKNOWN_CHARGE.value,
        "sentence": "Stripe took $10.00.",
        "opened_at": MOMENT,
        "resolved_by": "",
        "resolution": "",
    }

    told = tampered(lambda connection: connection.execute(insert(stripe_exception).values(values)))

    assert told == ["Of Stripe’s account acct_gone, which no firm here has: Stripe took $10.00."]


def test_a_client_without_a_default_is_told(pay_desk: PayDesk) -> None:
    pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice(), saves=True))
    pay_desk.deliver()
    assert verify() == []

    with unit_of_work() as connection:
        connection.execute(update(payment_method).values(is_default=False))

    assert verify() == ["Client 1 saved a payment method, but none is the default."]
