"""A client pays on Stripe's page: what is asked of Stripe, what the books make of the answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from assure_app.billing import (
    cancellation,
    checkout_results,
    manual_payments,
    online_payments,
    stripe_accounts,
)
from assure_app.billing.cancellation import CancelForm
from assure_app.billing.checkout_closing import CheckoutInTheWay, PageNotClosed
from assure_app.billing.checkout_results import PageOutcome
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.online_payments import NotPayableOnline, PageOver
from assure_app.billing.reading import invoice_detail
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import BillingError, FormAlreadyUsed, InvalidInput, NotFound
from assure_app.domain.online import OnlineAmountRefused
from assure_app.domain.portal_access import PaymentNotAllowed, PortalRole
from tests.mail.letters import messages
from tests.support.fake_stripe import CHEN, make_account
from tests.support.online import PayDesk

TOKEN = "one-form-token-00001"
CHECK = PaymentForm(amount="400", method="Check", date="2026-05-22", reference="4521")


def record(pay_desk: PayDesk, number: str, amount: str = "400") -> object:
    return manual_payments.record_payment(
        pay_desk.desk.jane,
        number,
        replace(CHECK, amount=amount),
        form_token="a-form-token-of-jane",
        now=pay_desk.now,
    )


def test_a_card_pays_the_whole_balance(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    session_id = pay_desk.opened(number)
    assert pay_desk.desk.stored(number)["balance_cents"] == 100_000

    charge_id = pay_desk.stripe.pay(session_id)
    result = checkout_results.return_from_checkout(
        pay_desk.anita,
        pay_desk.pay_token(number),
        pay_desk.checkouts()[0]["token"],
        now=pay_desk.now,
    )

    assert (result.outcome, result.method) == (PageOutcome.PAID, "Visa •••• 4242")
    row = pay_desk.row()
    assert (row["status"], row["method"], row["amount_cents"]) == ("Completed", "Card", 100_000)
    assert (row["paid_by"], row["source"], row["fee_cents"]) == ("Anita Patel", "online", 2_930)
    assert (row["stripe_account_id"], row["stripe_charge_id"]) == (CHEN, charge_id)
    assert row["completed_at"] == row["created_at"] == pay_desk.now
    stored = pay_desk.desk.stored(number)
    assert (stored["stage"], stored["balance_cents"]) == ("paid", 0)
    assert pay_desk.desk.timeline() == [
        ("Payment $1,000 started — Visa •••• 4242", "Stripe"),
        ("Payment $1,000 confirmed — Visa •••• 4242", "Stripe"),
        ("Stripe fee $29.30", "Stripe"),
        ("Status changed from Sent to Paid", "Stripe"),
    ]
    assert pay_desk.states() == ["completed"]
    assert [each["subject"] for each in messages()] == [
        f"Payment received: $1,000.00 for invoice {number}"
    ]
    assert verify() == []


def test_everything_that_tells_of_it_again_changes_nothing(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
    pay_desk.deliver()
    before = (pay_desk.desk.rows(), pay_desk.desk.timeline(), pay_desk.desk.stored(number))

    booked = online_payments.apply_charge(CHEN, charge_id, now=pay_desk.now)
    pay_desk.deliver()
    pay_desk.sweep(after=timedelta(days=30))

    assert not booked.is_changed
    after = (pay_desk.desk.rows(), pay_desk.desk.timeline(), pay_desk.desk.stored(number))
    assert after == before
    assert len(messages()) == 1


def test_a_bank_payment_moves_the_balance_then_the_status(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number), method="us_bank_account")
    pay_desk.deliver()

    pending = pay_desk.row()
    stored = pay_desk.desk.stored(number)
    assert (pending["status"], pending["completed_at"], pending["fee_cents"]) == (
        "Pending",
        None,
        0,
    )
    assert (stored["balance_cents"], stored["pending_cents"], stored["stage"]) == (
        0,
        100_000,
        "open",
    )
    assert messages() == []

    pay_desk.stripe.settle(charge_id)
    pay_desk.deliver()

    row = pay_desk.row()
    assert (row["status"], row["method"], row["fee_cents"]) == ("Completed", "ACH", 0)
    assert pay_desk.desk.stored(number)["stage"] == "paid"
    assert [text for text, _ in pay_desk.desk.timeline()] == [
        "Payment $1,000 started, pending — STRIPE TEST BANK •••• 6789",
        "Payment $1,000 confirmed — STRIPE TEST BANK •••• 6789",
        "Status changed from Sent to Paid",
    ]
    assert verify() == []


def test_a_bank_payment_that_fails_gives_the_balance_back(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number, "400"), method="us_bank_account")
    pay_desk.deliver()
    assert pay_desk.desk.stored(number)["balance_cents"] == 60_000

    pay_desk.stripe.fail(charge_id)
    pay_desk.deliver()

    row = pay_desk.row()
    assert (row["status"], row["failure_reason"]) == ("Failed", "Insufficient funds.")
    assert pay_desk.desk.stored(number)["balance_cents"] == 100_000
    assert pay_desk.desk.timeline()[-1] == (
        "Payment $400 failed — STRIPE TEST BANK •••• 6789: Insufficient funds.",
        "Stripe",
    )
    assert [each["subject"] for each in messages()] == [
        f"Payment failed: $400.00 for invoice {number}",
        f"Payment failed: Patel Family, $400.00 for invoice {number}",
    ]
    assert verify() == []


def test_a_declined_try_and_a_good_one_are_two_rows(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    session_id = pay_desk.opened(number)
    pay_desk.stripe.decline(session_id)
    pay_desk.deliver()

    assert pay_desk.states() == ["open"]
    assert pay_desk.desk.stored(number)["balance_cents"] == 100_000
    assert messages() == []

    pay_desk.stripe.pay(session_id)
    pay_desk.deliver()

    rows = [
        (row["status"], row["failure_reason"], row["fee_cents"]) for row in pay_desk.desk.rows()
    ]
    assert rows == [("Failed", "Your card was declined.", 0), ("Completed", "", 2_930)]
    assert pay_desk.desk.stored(number)["stage"] == "paid"
    assert verify() == []


def test_a_part_leaves_the_rest_to_pay(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.pay(pay_desk.opened(number, "400"))
    pay_desk.deliver()

    with pytest.raises(OnlineAmountRefused, match=r"The most you can pay is \$600\.00\."):
        pay_desk.start(number, "600.01")
    pay_desk.stripe.pay(pay_desk.opened(number, "600"))
    pay_desk.deliver()

    assert pay_desk.desk.stored(number)["stage"] == "paid"
    assert pay_desk.stripe.charged_cents() == 100_000
    assert ("Status changed from Sent to Partially paid", "Stripe") in pay_desk.desk.timeline()
    assert verify() == []


def test_stripes_own_fee_takes_the_place_of_the_estimate(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
    pay_desk.deliver()

    pay_desk.stripe.learn_fee(charge_id, 2_555)
    pay_desk.deliver()
    pay_desk.deliver()

    assert pay_desk.row()["fee_cents"] == 2_555
    assert pay_desk.desk.timeline()[-1] == (
        "Stripe fee is $25.55, estimated at $29.30",
        "Stripe",
    )
    assert len(pay_desk.desk.timeline()) == 5
    assert verify() == []


def test_a_second_page_closes_the_first(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    first = pay_desk.opened(number)

    second = pay_desk.opened(number, "400")

    assert pay_desk.states() == ["expired", "open"]
    assert pay_desk.stripe.only_session() == second != first


def test_what_was_paid_on_the_first_page_counts_before_a_second_opens(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.pay(pay_desk.opened(number, "400"))

    with pytest.raises(OnlineAmountRefused):
        pay_desk.start(number, "1000")

    assert pay_desk.row()["status"] == "Completed"
    assert pay_desk.stripe.charged_cents() == 40_000
    assert pay_desk.opened(number, "600")
    assert verify() == []


def test_a_doubled_click_is_one_page(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()

    first = pay_desk.start(number, token=TOKEN)
    again = pay_desk.start(number, token=TOKEN)

    assert again.url == first.url
    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert len(pay_desk.stripe.sessions) == 1


def test_one_form_is_not_used_for_two_amounts(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.start(number, token=TOKEN)

    with pytest.raises(FormAlreadyUsed):
        pay_desk.start(number, "999", token=TOKEN)


@pytest.mark.parametrize("after_acting", [False, True])
def test_a_page_asked_for_in_silence_is_asked_for_again(
    pay_desk: PayDesk, *, after_acting: bool
) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.be_silent("create_checkout", after_acting=after_acting)

    with pytest.raises(StripeSilent):
        pay_desk.start(number, token=TOKEN)
    assert pay_desk.states() == ["new"]
    started = pay_desk.start(number, token=TOKEN)

    assert pay_desk.states() == ["open"]
    assert started.url.endswith(pay_desk.stripe.only_session())
    assert len(pay_desk.stripe.sessions) == 1


@pytest.mark.parametrize("after_acting", [False, True])
def test_a_page_whose_asking_was_cut_off_holds_nobody_up(
    pay_desk: PayDesk, *, after_acting: bool
) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.be_silent("create_checkout", after_acting=after_acting)
    with pytest.raises(StripeSilent):
        pay_desk.start(number)

    record(pay_desk, number)

    assert pay_desk.states() == ["expired"]
    assert pay_desk.opened(number, "600")


def test_the_sweep_gives_up_what_a_dead_process_began(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.be_silent("create_checkout", after_acting=True)
    with pytest.raises(StripeSilent):
        pay_desk.start(number, token=TOKEN)

    pay_desk.sweep()
    assert pay_desk.states() == ["new"]
    pay_desk.sweep(after=timedelta(minutes=1))

    assert pay_desk.states() == ["expired"]
    with pytest.raises(PageOver):
        pay_desk.start(number, token=TOKEN)


def test_even_a_page_that_was_given_up_is_booked_when_it_is_paid(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.be_silent("create_checkout", after_acting=True)
    with pytest.raises(StripeSilent):
        pay_desk.start(number)
    pay_desk.sweep(after=timedelta(minutes=1))

    pay_desk.stripe.pay(pay_desk.stripe.only_session())
    pay_desk.deliver()

    assert pay_desk.row()["status"] == "Completed"
    assert pay_desk.states() == ["completed"]
    assert verify() == []


def test_an_address_that_comes_too_late_is_told_to_nobody(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()

    def record_first(name: str) -> None:
        if name == "create_checkout":
            pay_desk.stripe.before = None
            record(pay_desk, number)

    pay_desk.stripe.before = record_first
    with pytest.raises(PageOver):
        pay_desk.start(number)

    assert pay_desk.states() == ["expired"]
    assert [each.status.value for each in pay_desk.stripe.sessions.values()] == ["expired"]
    assert pay_desk.desk.stored(number)["balance_cents"] == 60_000


def test_a_page_that_stripe_refuses_frees_the_invoice(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.accounts[CHEN] = make_account(CHEN, charges_enabled=False)

    with pytest.raises(PageOver, match="Stripe did not open a payment page"):
        pay_desk.start(number)

    assert pay_desk.states() == ["refused"]
    pay_desk.stripe.accounts[CHEN] = make_account(CHEN)
    assert pay_desk.start(number).url


@pytest.mark.parametrize("role", [PortalRole.VIEWER, PortalRole.NOTIFY_ONLY])
def test_a_role_that_may_not_pay_does_not(pay_desk: PayDesk, role: PortalRole) -> None:
    number = pay_desk.invoice()
    viewer = replace(pay_desk.anita, role=role)

    with pytest.raises(PaymentNotAllowed):
        online_payments.start_checkout(
            viewer, pay_desk.pay_token(number), "10", form_token=TOKEN, now=pay_desk.now
        )

    assert pay_desk.checkouts() == []
    assert "was denied: pay an invoice" in pay_desk.desk.audit()[0]


@pytest.mark.parametrize("kind", ["another client", "another firm", "a draft", "no token", "a NUL"])
def test_only_an_own_invoice_is_paid(pay_desk: PayDesk, kind: str) -> None:
    number = pay_desk.invoice(draft=kind == "a draft")
    payer = {
        "another client": replace(pay_desk.anita, client_id=pay_desk.anita.client_id + 1),
        "another firm": replace(pay_desk.anita, firm_id=pay_desk.anita.firm_id + 1),
    }.get(kind, pay_desk.anita)
    token = {"no token": "", "a NUL": "a\0b"}.get(kind, pay_desk.pay_token(number))

    with pytest.raises(NotFound):
        online_payments.start_checkout(payer, token, "10", form_token=TOKEN, now=pay_desk.now)

    assert pay_desk.checkouts() == []


@pytest.mark.parametrize("amount", ["", "abc", None, 5, "0", "-1", "1.005", ["1"]])
def test_an_amount_that_is_none_is_refused(pay_desk: PayDesk, amount: object) -> None:
    with pytest.raises(InvalidInput):
        online_payments.start_checkout(
            pay_desk.anita,
            pay_desk.pay_token(pay_desk.invoice()),
            amount,
            form_token=TOKEN,
            now=pay_desk.now,
        )


def test_a_firm_that_takes_no_payments_opens_no_page(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    with unit_of_work() as connection:
        stripe_accounts.describe(
            connection, make_account(CHEN, charges_enabled=False), now=pay_desk.now
        )

    with pytest.raises(NotPayableOnline, match="takes no online payments"):
        pay_desk.start(number)

    assert pay_desk.stripe.calls == []


def test_what_is_pending_is_not_payable_again(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.pay(pay_desk.opened(number), method="us_bank_account")
    pay_desk.deliver()

    with pytest.raises(NotPayableOnline, match="being processed already"):
        pay_desk.start(number, "1")


def test_a_check_closes_the_page_that_it_leaves_no_room_for(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.opened(number)

    record(pay_desk, number)

    assert pay_desk.states() == ["expired"]
    assert pay_desk.desk.stored(number)["balance_cents"] == 60_000
    assert verify() == []


def test_a_check_beside_a_page_with_room_for_both_leaves_it_open(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.opened(number, "600")

    record(pay_desk, number)

    assert pay_desk.states() == ["open"]
    assert "expire_checkout" not in pay_desk.stripe.calls


def test_a_check_finds_what_the_client_paid_a_moment_ago(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.pay(pay_desk.opened(number))

    with pytest.raises(BillingError, match="This invoice is Paid"):
        record(pay_desk, number)

    assert pay_desk.row()["status"] == "Completed"
    assert verify() == []


@pytest.mark.parametrize("is_cancelling", [False, True])
def test_an_act_writes_nothing_while_the_page_cannot_be_closed(
    pay_desk: PayDesk, *, is_cancelling: bool
) -> None:
    number = pay_desk.invoice()
    pay_desk.opened(number)
    pay_desk.stripe.be_silent("expire_checkout")
    before = pay_desk.desk.stored(number)

    act = cancel if is_cancelling else record
    with pytest.raises(PageNotClosed, match="Stripe cannot be reached to close it"):
        act(pay_desk, number)

    assert pay_desk.desk.stored(number) == before
    assert pay_desk.desk.rows() == []
    assert pay_desk.states() == ["open"]


def cancel(pay_desk: PayDesk, number: str) -> None:
    cancellation.cancel(
        pay_desk.desk.jane,
        number,
        CancelForm(reason="Agreed", written_off="$1,000.00"),
        form_token="a-form-token-of-jane",
        now=pay_desk.now,
    )


def test_cancelling_closes_the_page(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.opened(number, "1")

    cancel(pay_desk, number)

    assert pay_desk.states() == ["expired"]
    assert pay_desk.desk.stored(number)["stage"] == "cancelled"


def test_a_payment_in_the_moment_of_closing_wins(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    session_id = pay_desk.opened(number)

    def pay_first(name: str) -> None:
        if name == "expire_checkout":
            pay_desk.stripe.before = None
            pay_desk.stripe.pay(session_id)

    pay_desk.stripe.before = pay_first
    with pytest.raises(BillingError, match="This invoice is Paid"):
        record(pay_desk, number)

    assert pay_desk.row()["method"] == "Card"
    assert verify() == []


def test_money_that_arrives_on_a_cancelled_invoice_is_booked_and_flagged(
    pay_desk: PayDesk,
) -> None:
    number = pay_desk.invoice()
    session_id = pay_desk.opened(number)
    charge_id = pay_desk.stripe.pay(session_id)
    pay_desk.stripe.change_charge(charge_id, metadata={})
    cancel_anyway(pay_desk, number)
    token = pay_desk.checkouts()[0]["token"]
    pay_desk.stripe.change_charge(charge_id, metadata={"assure_checkout": token})

    pay_desk.deliver()

    assert pay_desk.row()["status"] == "Completed"
    assert pay_desk.desk.stored(number)["stage"] == "cancelled"
    ((kind, sentence),) = pay_desk.exceptions()
    assert kind == "needs refund or credit"
    assert sentence.startswith(f"$1,000.00 arrived on {number}, which is cancelled")
    assert (
        "$1,000 more than was owed: needs a refund or a credit",
        "Stripe",
    ) in pay_desk.desk.timeline()
    assert verify() == []


def cancel_anyway(pay_desk: PayDesk, number: str) -> None:
    """As when Stripe closed the page after all, or the page was forgotten."""
    pay_desk.stripe.close_page_by_force()
    cancel(pay_desk, number)


def test_the_return_page_belongs_to_its_payer(pay_desk: PayDesk) -> None:
    number, other = pay_desk.invoice(), pay_desk.invoice()
    pay_desk.opened(number)
    token = pay_desk.checkouts()[0]["token"]
    stranger = replace(pay_desk.anita, client_id=pay_desk.anita.client_id + 1)

    for payer, pay_token, given in (
        (stranger, pay_desk.pay_token(number), token),
        (pay_desk.anita, pay_desk.pay_token(other), token),
        (pay_desk.anita, pay_desk.pay_token(number), "nonsense"),
        (pay_desk.anita, pay_desk.pay_token(number), None),
    ):
        with pytest.raises(NotFound):
            checkout_results.return_from_checkout(payer, pay_token, given, now=pay_desk.now)


def test_a_silent_stripe_leaves_the_return_page_waiting(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.pay(pay_desk.opened(number))
    pay_desk.stripe.be_silent("retrieve_checkout")

    result = checkout_results.return_from_checkout(
        pay_desk.anita,
        pay_desk.pay_token(number),
        pay_desk.checkouts()[0]["token"],
        now=pay_desk.now,
    )

    assert result.outcome is PageOutcome.UNKNOWN
    assert pay_desk.desk.rows() == []


def test_a_bank_account_under_verification_keeps_its_place(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    session_id = pay_desk.opened(number)
    pay_desk.stripe.verify_bank(session_id)
    pay_desk.deliver()

    assert pay_desk.states() == ["open"]
    with pytest.raises(CheckoutInTheWay):
        record(pay_desk, number)
    with pytest.raises(CheckoutInTheWay):
        pay_desk.start(number)

    pay_desk.stripe.give_up(session_id)
    record(pay_desk, number)
    assert pay_desk.states() == ["expired"]


def test_the_firm_sees_means_fee_and_net(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.decline(pay_desk.opened(number))
    pay_desk.stripe.pay(pay_desk.stripe.only_session())
    pay_desk.deliver()

    good, declined = invoice_detail.detail(
        pay_desk.desk.jane, number, Query(), now=pay_desk.now
    ).payments

    assert (good.title, good.fee, good.net) == ("Card Visa •••• 4242", "$29.30", "$970.70")
    assert (good.paid_by, good.status, good.failure) == ("Anita Patel", "Completed", "")
    assert (declined.title, declined.status) == ("Card Visa •••• 0002", "Failed")
    assert (declined.fee, declined.net) == ("", "")
    assert declined.failure == "The card was declined."
