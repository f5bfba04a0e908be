"""Mending what books and Stripe differ in: by the ways that exist, by whoever may, once."""

from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import select

from assure_app.billing import reconciliation, reconciliation_command, reconciliation_run
from assure_app.billing.reading import payout_files, payouts
from assure_app.billing.reading import reconciliation as shown
from assure_app.billing.reading.reconciliation_rows import ReconciliationView
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import InvalidInput, NotFound, PermissionDenied
from assure_app.models.tables import reconciliation_difference, stripe_payout
from assure_app.stripe_gateway.balance_records import PayoutStatus
from tests.support.fake_stripe import CHEN
from tests.support.online import PayDesk

HOUR = timedelta(hours=1)
SENTENCE_OF_CHARGE = "Stripe took $1,000.00 for an invoice here, and the ledger does not show it."


def compare(pay_desk: PayDesk, *, after: timedelta = HOUR) -> ReconciliationView:
    """Jane presses Check now, this much later; what the page shows then."""
    now = pay_desk.now + after
    for run in reconciliation.check_now(pay_desk.desk.jane, now=now):
        while reconciliation_run.advance(run.id, now=now).finished_at is None:
            pass
    return shown.page(pay_desk.desk.jane, now=now)


def mend(pay_desk: PayDesk, difference_id: int) -> reconciliation.Mended:
    return reconciliation.mend(pay_desk.desk.jane, difference_id, now=pay_desk.now + 2 * HOUR)


def stored() -> list[dict[str, Any]]:
    table = reconciliation_difference
    with reading() as connection:
        rows = connection.execute(select(table).order_by(table.c.id)).mappings()
        return [dict(row) for row in rows]


def test_a_charge_a_refund_a_fee_and_a_dispute_are_booked_as_stripe_has_them(
    pay_desk: PayDesk,
) -> None:
    stripe = pay_desk.stripe
    first = stripe.pay(pay_desk.opened(pay_desk.invoice()))
    stripe.learn_fee(first, 3_200)
    pay_desk.deliver()
    stripe.change_charge(first, fee_cents=3_150)
    stripe.refund(first, 2_500)
    stripe.pay(pay_desk.opened(pay_desk.invoice()), fee_cents=3_200)
    third = stripe.pay(pay_desk.opened(pay_desk.invoice()), fee_cents=3_200)
    pay_desk.stripe.told = [each for each in stripe.told if each.object_id == third]
    pay_desk.deliver()
    stripe.dispute(third, "lost")
    stripe.told.clear()

    view = compare(pay_desk)
    assert view.headline == "4 differences"
    labels = {row.sentence.split(" on INV")[0]: row.label for row in view.open}
    assert labels == {
        SENTENCE_OF_CHARGE: "Book it",
        "Stripe kept $31.50 of a payment of $1,000.00": "Take over Stripe’s fee",
        "$25.00 of a payment": "Book it",
        "A payer’s bank disputes $1,000.00 of a payment": "Book it",
    }
    sides = {(row.books_says, row.books_amount, row.stripe_says) for row in view.open}
    assert ("Fee", "$32.00", "Fee") in sides
    assert ("Not in the ledger", "", "Succeeded") in sides
    done = [mend(pay_desk, row.id) for row in view.open]

    assert [each.is_closed for each in done] == [True] * 4
    assert verify() == []
    rows = [(row["kind"], row["amount_cents"], row["fee_cents"]) for row in pay_desk.desk.rows()]
    assert sorted(rows) == [
        ("payment", 100_000, 3_150),
        ("payment", 100_000, 3_200),
        ("payment", 100_000, 3_200),
        ("refund", -2_500, 0),
        ("return", -100_000, 0),
    ]
    assert {row["closed_by"] for row in stored()} == {"Jane Chen"}
    log = [text for text in pay_desk.desk.audit() if "Stripe’s fee" in text]
    assert len(log) == 1
    clean = compare(pay_desk, after=3 * HOUR)
    assert clean.headline == ("Everything agrees: 3 payments, $3,000.00, 1 refund, to the cent")
    assert (clean.tone, len(clean.settled), clean.progress) == ("good", 4, -1)
    assert {row.how for row in clean.settled} == {
        "Booked what Stripe has: both agree.",
        "Took over Stripe’s fee: both agree.",
    }
    assert mend(pay_desk, view.open[0].id).sentence == "This was settled already."
    assert len(pay_desk.desk.rows()) == 5


def test_what_no_invoice_asked_for_is_set_aside_and_taken_back(pay_desk: PayDesk) -> None:
    jane, now = pay_desk.desk.jane, pay_desk.now + 2 * HOUR
    pay_desk.stripe.take_in_dashboard(CHEN, 7_500)
    (row,) = compare(pay_desk).open
    assert (row.act, row.label) == ("set aside", "Not for an invoice")

    for note in ("", "  ", "x" * 300, None):
        with pytest.raises(InvalidInput):
            reconciliation.set_aside(jane, row.id, note, now=now)
    assert "still differ" in mend(pay_desk, row.id).sentence
    assert pay_desk.exceptions() == []
    reconciliation.set_aside(jane, row.id, "A book sold at the fair", now=now)
    again = reconciliation.set_aside(jane, row.id, "Again", now=now)
    assert again == "This was settled already."
    view = compare(pay_desk, after=3 * HOUR)

    assert (view.open, view.headline) == (
        (),
        "Everything agrees: no payments and no refunds in these days",
    )
    assert view.detail.endswith("; what is newer comes next time.")
    assert pay_desk.desk.rows() == []


def test_set_aside_stays_so_until_it_is_taken_back_or_says_something_else(
    pay_desk: PayDesk,
) -> None:
    jane, now = pay_desk.desk.jane, pay_desk.now + 2 * HOUR
    charge_id = pay_desk.stripe.take_in_dashboard(CHEN, 7_500)
    (row,) = compare(pay_desk).open
    reconciliation.set_aside(jane, row.id, "A book sold at the fair", now=now)
    view = compare(pay_desk, after=3 * HOUR)
    assert [(each.how, each.can_undo) for each in view.settled] == [
        ("A book sold at the fair", True)
    ]

    reconciliation.take_back(jane, row.id, now=now)
    assert [each.id for each in compare(pay_desk, after=4 * HOUR).open] == [row.id]
    assert reconciliation.take_back(jane, row.id, now=now) == "This is open already."

    reconciliation.set_aside(jane, row.id, "A book sold at the fair", now=now)
    pay_desk.stripe.change_charge(charge_id, amount_cents=8_000)
    assert [each.stripe_amount for each in compare(pay_desk, after=5 * HOUR).open] == ["$80.00"]


def test_what_an_exception_holds_is_handed_over(pay_desk: PayDesk) -> None:
    charge_id = pay_desk.stripe.take_in_dashboard(CHEN, 7_500)
    pay_desk.stripe.learn_fee(charge_id, 248)
    pay_desk.deliver()

    (row,) = compare(pay_desk).open

    assert (row.act, row.label) == ("hand over", "Open in Stripe exceptions")
    with pytest.raises(reconciliation.NotOurs):
        reconciliation.set_aside(pay_desk.desk.jane, row.id, "Mine", now=pay_desk.now)


def test_who_may_look_and_who_may_mend(pay_desk: PayDesk) -> None:
    desk, now = pay_desk.desk, pay_desk.now + HOUR
    pay_desk.stripe.take_in_dashboard(CHEN, 7_500)
    (row,) = compare(pay_desk).open
    nobody = desk.someone()
    lena = desk.someone(view_billing=True, all_clients=True)
    some = desk.someone(edit_billing=True)

    with pytest.raises(PermissionDenied):
        shown.page(nobody, now=now)
    with pytest.raises(PermissionDenied):
        payouts.page(nobody, now=now)
    looked = shown.page(lena, now=now)
    assert (len(looked.open), looked.open[0].act, looked.may_mend) == (1, "", False)
    for act in (
        lambda: reconciliation.check_now(lena, now=now),
        lambda: reconciliation.mend(lena, row.id, now=now),
        lambda: reconciliation.set_aside(lena, row.id, "Mine", now=now),
        lambda: reconciliation.take_back(lena, row.id, now=now),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert sum("was denied" in text for text in desk.audit()) == 6
    assert "Access all clients" in shown.page(some, now=now).why_not
    assert "Access all clients" in payouts.page(some, now=now).why_not
    for wrong in (0, -1, 10**12, "1", None, True, row.id + 1):
        with pytest.raises(NotFound):
            reconciliation.mend(desk.jane, wrong, now=now)
    olga = desk.stranger()
    with pytest.raises(NotFound):
        reconciliation.mend(olga, row.id, now=now)
    assert shown.page(olga, now=now).open == ()
    with pytest.raises(reconciliation.NoAccount):
        reconciliation.check_now(olga, now=now)
    assert [each["closed_at"] for each in stored()] == [None]


def test_a_payout_adds_up_to_what_it_carried(pay_desk: PayDesk) -> None:
    desk, stripe = pay_desk.desk, pay_desk.stripe
    card = stripe.pay(pay_desk.opened(pay_desk.invoice()))
    stripe.learn_fee(card, 3_200)
    bank = stripe.pay(pay_desk.opened(pay_desk.invoice()), method="us_bank_account")
    stripe.settle(bank, fee_cents=0)
    stripe.refund(card, 10_000)
    stripe.dispute(bank, "lost", reason="insufficient_funds")
    pay_desk.deliver()
    stripe.pay_out(CHEN)
    failed = stripe.pay_out(CHEN, amount_cents=5, is_automatic=False, is_itemized=False)
    stripe.change_payout(failed, PayoutStatus.FAILED, failure_code="no_account")
    pay_desk.deliver()
    compare(pay_desk)
    now = pay_desk.now + HOUR

    view = payouts.page(desk.jane, now=now)
    by_hand, payout = view.rows
    detail = payouts.detail(desk.jane, payout.id, now=now)

    assert (payout.day, payout.amount, payout.state, payout.bank) == (
        "Expected May 24",
        "$853.00",
        "On its way",
        "STRIPE TEST BANK •••• 6789",
    )
    assert (by_hand.state, by_hand.day) == ("Failed", "Was due May 24")
    assert by_hand.explained.startswith("The bank knows no such account. The money is back")
    assert "by hand" in payouts.detail(desk.jane, by_hand.id, now=now).note
    assert [(part.what, part.client, part.gross, part.fee, part.net) for part in detail.parts] == [
        ("Card payment", "Patel Family", "$1,000.00", "$32.00", "$968.00"),
        ("Bank payment", "Patel Family", "$1,000.00", "$0.00", "$1,000.00"),
        ("Refund", "Patel Family", "−$100.00", "$0.00", "−$100.00"),
        ("Dispute", "Patel Family", "−$1,000.00", "$15.00", "−$1,015.00"),
    ]
    assert all(part.number.startswith("INV-") for part in detail.parts)
    assert detail.sum_text == "$900.00 − $47.00 fees = $853.00, exactly the payout."
    assert (view.on_its_way, view.available, view.pending) == ("$853.00", "$0.00", "$0.00")
    lines = "".join(payout_files.one_payout(desk.jane, payout.id, now=now).batches).splitlines()
    assert (len(lines), lines[1].split(",")[3:6]) == (5, ["1000.00", "32.00", "968.00"])
    everything = "".join(payout_files.all_payouts(desk.jane, now=now).batches)
    assert "On its way,STRIPE TEST BANK •••• 6789,853.00" in everything
    with pytest.raises(NotFound):
        payout_files.one_payout(desk.stranger(), payout.id, now=now)
    with reading() as connection:
        assert len(connection.execute(select(stripe_payout)).all()) == 2


def test_the_command_waits_for_the_end_and_names_what_differs(
    pay_desk: PayDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    stripe, later = pay_desk.stripe, pay_desk.now + HOUR
    charge_id = stripe.pay(pay_desk.opened(pay_desk.invoice()))
    stripe.learn_fee(charge_id, 3_200)
    pay_desk.deliver()

    (clean,) = reconciliation_command.run("", is_full=False, now=lambda: later)
    assert (clean.run.payments_cents, clean.differences, clean.problem) == (100_000, (), "")
    Console(width=80).print(reconciliation_command.table([clean]))
    assert "$1,000.00" in capsys.readouterr().out

    stripe.take_in_dashboard(CHEN, 7_500)
    (found,) = reconciliation_command.run(clean.firm, is_full=True, now=lambda: later)
    assert found.differences == ("Stripe took $75.00 that no invoice here asked for.",)

    stripe.be_silent("list_charges_made")
    (silent,) = reconciliation_command.run("", is_full=False, now=lambda: later)
    assert silent.problem == "Stripe could not be asked"
    with pytest.raises(NotFound):
        reconciliation_command.run("Nobody & Co", is_full=False, now=lambda: later)


def test_a_number_that_begins_like_a_formula_is_text_in_the_file(pay_desk: PayDesk) -> None:
    charge_id = pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice(number="-7")))
    pay_desk.stripe.learn_fee(charge_id, 3_200)
    pay_desk.deliver()
    pay_desk.stripe.pay_out(CHEN)
    pay_desk.deliver()
    compare(pay_desk)
    now = pay_desk.now + HOUR

    (payout,) = payouts.page(pay_desk.desk.jane, now=now).rows
    file = payout_files.one_payout(pay_desk.desk.jane, payout.id, now=now)

    assert "".join(file.batches).splitlines()[1].split(",")[:2] == ["Card payment", "'-7"]
