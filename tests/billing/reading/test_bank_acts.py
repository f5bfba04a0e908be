"""What the drawer, the list and the portal say of what a bank did or may still do."""

from datetime import timedelta

from sqlalchemy import select

from assure_app.billing import dispute_news
from assure_app.billing.reading.invoice_detail import detail
from assure_app.billing.reading.invoice_list import page
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.reading.portal_home import portal_home
from assure_app.billing.reading.rows import BankNotice, InvoiceDetail
from assure_app.billing.reading.why import Figure, explain
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import payment_method
from tests.factories import make_payment
from tests.support.online import PayDesk


def paid(pay_desk: PayDesk, *, method: str = "card") -> tuple[str, str]:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number), method=method)
    if method != "card":
        pay_desk.stripe.settle(charge_id)
    pay_desk.deliver()
    return number, charge_id


def shown(pay_desk: PayDesk, number: str, *, after: timedelta = timedelta(0)) -> InvoiceDetail:
    return detail(pay_desk.desk.jane, number, Query(), now=pay_desk.now + after)


def flags(pay_desk: PayDesk) -> list[str]:
    return [row.flag for row in page(pay_desk.desk.jane, Query(), now=pay_desk.now).rows]


def test_a_card_payment_says_until_when_it_may_be_taken_back(pay_desk: PayDesk) -> None:
    number, _ = paid(pay_desk)

    before = shown(pay_desk, number, after=timedelta(days=120))
    after = shown(pay_desk, number, after=timedelta(days=121))

    (row,) = before.payments
    assert row.certainty == "Paid, but the bank may still take it back until Sep 19"
    assert before.at_risk == (
        "Of what is paid, $1,000.00 may still be taken back by the payer’s bank until Sep 19."
    )
    assert after.payments[0].certainty == "Paid: the bank’s time to take it back is over"
    assert after.at_risk == ""


def test_a_bank_payment_has_sixty_days_and_a_pending_one_waits(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number), method="us_bank_account")
    pay_desk.deliver()
    waiting = shown(pay_desk, number)
    pay_desk.stripe.settle(charge_id)
    pay_desk.deliver()

    assert waiting.payments[0].certainty == "Pending: the bank has not confirmed it yet"
    assert waiting.at_risk == ""
    assert shown(pay_desk, number).payments[0].certainty == (
        "Paid, but the bank may still take it back until Jul 21"
    )


def test_of_a_check_nothing_is_said(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    with unit_of_work() as connection:
        make_payment(connection, pay_desk.desk.stored(number)["id"])

    seen = shown(pay_desk, number)

    assert (seen.payments[0].certainty, seen.at_risk) == ("", "")


def test_an_open_dispute_is_flagged_and_says_what_to_do(pay_desk: PayDesk) -> None:
    number, charge_id = paid(pay_desk)
    dispute_id = pay_desk.stripe.dispute(charge_id, "warning_needs_response")
    pay_desk.deliver()
    asked = shown(pay_desk, number)
    assert (asked.payments[0].flag, flags(pay_desk)) == ("Inquiry", ["Inquiry"])
    assert asked.payments[0].is_refundable

    pay_desk.stripe.change_dispute(dispute_id, "needs_response")
    pay_desk.deliver()

    seen = shown(pay_desk, number)
    (row,) = seen.payments
    assert (row.flag, flags(pay_desk)) == ("Disputed", ["Disputed"])
    assert (row.is_refundable, row.certainty, seen.at_risk) == (False, "", "")
    (notice,) = seen.notices
    assert (notice.kind, notice.heading) == ("open", "Disputed: $1,000.00")
    assert "Answer in Stripe by Jun 1, 2026 with evidence" in notice.text

    pay_desk.stripe.change_dispute(dispute_id, "won")
    pay_desk.deliver()

    seen = shown(pay_desk, number)
    assert (seen.payments[0].flag, seen.notices, flags(pay_desk)) == ("", (), [""])


def test_money_that_was_taken_back_comes_with_the_steps_to_take(pay_desk: PayDesk) -> None:
    number, charge_id = paid(pay_desk, method="us_bank_account")
    pay_desk.stripe.dispute(charge_id, "lost", reason="incorrect_account_details")
    pay_desk.deliver()

    seen = shown(pay_desk, number)

    taken, original = seen.payments
    assert (taken.title, taken.amount, taken.failure) == (
        "Bank return of ACH STRIPE TEST BANK •••• 6789",
        "−$1,000.00",
        "the account details were wrong",
    )
    assert (original.taken_back, original.refunded) == ("Taken back $1,000 of $1,000", "")
    (notice,) = seen.notices
    assert notice == BankNotice(
        id=notice.id,
        kind="taken",
        heading="The bank took back $1,000.00 on May 22",
        text="Bank return: the account details were wrong. The invoice asks for it again.",
        tell="Tell Patel Family that the payment came back, and why; ask for another bank account.",
        send="Send the invoice again: its link leads to Pay now.",
        record="If it is paid in another way, record that payment.",
    )
    why = explain(pay_desk.desk.jane, number, Figure.BALANCE.value, now=pay_desk.now)
    assert [(row.label, row.amount) for row in why.rows] == [
        ("Total", "$1,000.00"),
        ("ACH STRIPE TEST BANK •••• 6789", "−$1,000.00"),
        ("Bank return of ACH STRIPE TEST BANK •••• 6789", "$1,000.00"),
    ]
    (row,) = portal_home(pay_desk.anita, now=pay_desk.now).paid
    assert (row.what, row.state) == ("Payment", "Returned")

    with unit_of_work() as connection:
        make_payment(
            connection, pay_desk.desk.stored(number)["id"], amount_cents=100_000, method="Check"
        )
    assert shown(pay_desk, number).notices == ()


def test_a_contested_bank_account_is_disabled(pay_desk: PayDesk) -> None:
    session_id = pay_desk.opened(pay_desk.invoice(), saves=True)
    charge_id = pay_desk.stripe.pay(session_id, method="us_bank_account")
    pay_desk.stripe.settle(charge_id)
    pay_desk.stripe.dispute(charge_id, "lost", reason="insufficient_funds", amount_cents=100)
    pay_desk.deliver()
    assert reasons() == [""]

    pay_desk.stripe.dispute(charge_id, "lost", reason="debit_not_authorized")
    pay_desk.deliver()

    assert reasons() == [dispute_news.TAKEN_BACK]


def reasons() -> list[str]:
    with reading() as connection:
        return list(connection.scalars(select(payment_method.c.disabled_reason)))
