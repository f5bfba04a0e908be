"""What depends on a method is said before it goes, and looked at again when it goes (R128)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from assure_app.billing import method_rows, saved_methods
from assure_app.billing.method_needs import RemovalEffect, WarningChanged
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import engagement
from tests.support.online import PayDesk
from tests.support.saving import save, work

ALONE = "Bookkeeping 2026 is on auto-pay: after this, nothing can be charged until another method"
LAST = f"{ALONE} is added."


def effect(pay_desk: PayDesk, row_id: int = 1) -> RemovalEffect:
    return saved_methods.find(pay_desk.anita, row_id).effect


def names(pay_desk: PayDesk) -> dict[int, str]:
    with reading() as connection:
        firm_id, client_id = pay_desk.desk.jane.firm_id, pay_desk.desk.client_id
        return method_rows.autopay_names(connection, firm_id, [client_id])


def test_the_last_one_leaves_auto_pay_with_nothing(pay_desk: PayDesk) -> None:
    work(pay_desk)
    work(pay_desk, "Tax return", is_autopay_on=False)
    save(pay_desk)

    assert effect(pay_desk) == RemovalEffect(warning=LAST)
    assert names(pay_desk) == {pay_desk.desk.client_id: "Visa •••• 4242"}
    said = saved_methods.remove(pay_desk.anita, 1, told=LAST, now=pay_desk.now)

    assert said == "Visa •••• 4242 was removed."
    assert names(pay_desk) == {}


def test_another_one_takes_its_place_and_is_named(pay_desk: PayDesk) -> None:
    for name in ("Bookkeeping", "Payroll", "Advice", "Trusts", "Returns"):
        work(pay_desk, name)
    save(pay_desk)
    save(pay_desk, "us_bank_account")

    found = effect(pay_desk)

    assert found == RemovalEffect(
        warning="Advice, Bookkeeping, Payroll and 2 more are on auto-pay: from now on"
        " STRIPE TEST BANK •••• 6789 is charged.",
        note="STRIPE TEST BANK •••• 6789 becomes the default.",
    )
    saved_methods.remove(pay_desk.anita, 1, told=found.warning, now=pay_desk.now)
    assert names(pay_desk) == {pay_desk.desk.client_id: "STRIPE TEST BANK •••• 6789"}


def test_nothing_depends_on_what_is_not_the_default_or_without_auto_pay(pay_desk: PayDesk) -> None:
    save(pay_desk)
    save(pay_desk, "us_bank_account")

    assert effect(pay_desk, 2) == RemovalEffect()
    assert effect(pay_desk, 1) == RemovalEffect(
        note="STRIPE TEST BANK •••• 6789 becomes the default."
    )


@pytest.mark.parametrize("told", ["", "Something else is on auto-pay."])
def test_who_was_told_otherwise_is_told_again_and_nothing_is_removed(
    pay_desk: PayDesk, told: str
) -> None:
    work(pay_desk)
    save(pay_desk)

    with pytest.raises(WarningChanged) as refused:
        saved_methods.remove(pay_desk.anita, 1, told=told, now=pay_desk.now)

    assert refused.value.effect == RemovalEffect(warning=LAST)
    assert "detach_payment_method" not in pay_desk.stripe.calls
    assert pay_desk.desk.audit() == []


def test_auto_pay_switched_on_since_the_question_counts(pay_desk: PayDesk) -> None:
    work(pay_desk, is_autopay_on=False)
    save(pay_desk)
    told = effect(pay_desk).warning
    with unit_of_work() as connection:
        connection.execute(update(engagement).values(is_autopay_on=True))

    with pytest.raises(WarningChanged):
        saved_methods.remove(pay_desk.anita, 1, told=told, now=pay_desk.now)

    assert [row["removed_at"] for row in pay_desk.methods()] == [None]


def test_a_disabled_method_is_no_method_for_auto_pay(pay_desk: PayDesk) -> None:
    work(pay_desk)
    pay_desk.stripe.void_mandate(save(pay_desk, "us_bank_account"))
    pay_desk.deliver()

    assert names(pay_desk) == {}
    assert effect(pay_desk) == RemovalEffect()
    with reading() as connection:
        found = method_rows.autopay_default(
            connection, firm_id=pay_desk.desk.jane.firm_id, client_id=pay_desk.desk.client_id
        )
    assert found is None


def test_removed_twice_is_removed_once_whatever_was_told(pay_desk: PayDesk) -> None:
    work(pay_desk)
    save(pay_desk)
    later = pay_desk.now + timedelta(minutes=1)

    first = saved_methods.remove(pay_desk.anita, 1, told=LAST, now=pay_desk.now)
    again = saved_methods.remove(pay_desk.anita, 1, told="", now=later)

    assert first == again
    assert pay_desk.stripe.calls.count("detach_payment_method") == 1
