"""Who hears by mail of a payment that failed."""

from sqlalchemy import update

from assure_app.db.unit_of_work import unit_of_work
from assure_app.models.tables import firm_user
from tests.factories import make_user
from tests.mail.letters import messages
from tests.support.online import PayDesk


def fail_a_bank_payment(pay_desk: PayDesk) -> str:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number), method="us_bank_account")
    pay_desk.deliver()
    pay_desk.stripe.fail(charge_id)
    pay_desk.deliver()
    pay_desk.deliver()
    return number


def recipients() -> list[str]:
    return [each["to_email"] for each in messages()]


def test_the_client_and_the_firms_owners_and_admins_hear_of_it_once(pay_desk: PayDesk) -> None:
    firm_id = pay_desk.desk.jane.firm_id
    with unit_of_work() as connection:
        connection.execute(update(firm_user).values(email="jane@chenadvisory.com"))
        make_user(connection, firm_id, email="marcus@chenadvisory.com", is_admin=True)
        make_user(connection, firm_id, email="gone@x.example", is_admin=True, is_active=False)
        make_user(connection, firm_id, email="sarah@chenadvisory.com")

    number = fail_a_bank_payment(pay_desk)

    assert recipients() == [
        "anita@patelfamily.example",
        "jane@chenadvisory.com",
        "marcus@chenadvisory.com",
    ]
    assert [each["reply_to"] for each in messages()] == ["jane@chenadvisory.com", "", ""]
    assert f"/invoices?invoice={number}" in messages()[1]["text"]
    assert "/invoices" not in messages()[0]["text"]


def test_an_owner_who_pays_as_a_client_hears_of_it_once(pay_desk: PayDesk) -> None:
    with unit_of_work() as connection:
        connection.execute(update(firm_user).values(email="anita@patelfamily.example"))

    fail_a_bank_payment(pay_desk)

    assert recipients() == ["anita@patelfamily.example"]
