"""Recording an offline payment, on a real database of each kind (R018–R037)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from assure_app.billing import manual_payments
from assure_app.billing.duplicates import Caution
from assure_app.billing.manual_payments import PaymentForm, WholeBalanceForm
from assure_app.billing.receipts import Receipt
from assure_app.billing.verification import verify
from assure_app.domain.errors import (
    AmountExceedsBalance,
    BalanceChanged,
    FormAlreadyUsed,
    InvalidInput,
    NotFound,
    NotPayable,
    PermissionDenied,
)
from tests.support.desk import Desk

TOKEN = "token-of-the-form-1"


def form(**overrides: object) -> PaymentForm:
    typed = {"amount": "1,000.00", "method": "Check", "date": "2026-05-22", "reference": "4521"}
    return PaymentForm(**(typed | overrides))  # type: ignore[arg-type]


def record(desk: Desk, number: str, **overrides: object) -> Receipt:
    token = str(overrides.pop("token", TOKEN))
    return manual_payments.record_payment(
        desk.jane, number, form(**overrides), form_token=token, now=desk.now
    )


def test_a_full_payment_makes_the_invoice_paid(desk: Desk) -> None:
    number = desk.invoice()

    receipt = record(desk, number, notes="left at the desk")

    assert (receipt.balance, receipt.status) == ("$0.00", "Paid")
    stored = desk.stored(number)
    assert stored["balance_cents"] == 0
    assert stored["settled_cents"] == 100_000
    assert stored["stage"] == "paid"
    (row,) = desk.rows()
    assert row["amount_cents"] == 100_000
    assert row["method"] == "Check"
    assert row["status"] == "Completed"
    assert row["source"] == "manual"
    assert row["paid_by"] == "Jane Chen"
    assert row["notes"] == "left at the desk"
    assert row["fee_cents"] == 0
    assert row["created_at"] == desk.now
    assert row["completed_at"] == datetime(2026, 5, 22, 16, 0, tzinfo=UTC)
    assert desk.timeline() == [("Payment $1,000 recorded — Check #4521", "Jane Chen")]
    assert verify() == []


def test_part_then_part_then_the_rest(desk: Desk) -> None:
    number = desk.invoice()

    seen = [
        record(desk, number, amount=amount, token=f"token-of-form-number-{amount}").status
        for amount in ("0.01", "400", "599.99")
    ]

    assert seen == ["Partially paid", "Partially paid", "Paid"]
    assert desk.stored(number)["balance_cents"] == 0
    assert verify() == []


@pytest.mark.parametrize(("due_on", "before"), [("2026-05-31", "Sent"), ("2026-05-21", "Overdue")])
def test_the_preview_tells_what_the_record_then_does(desk: Desk, due_on: str, before: str) -> None:
    number = desk.invoice(due_on=date.fromisoformat(due_on))

    preview = manual_payments.preview(desk.jane, number, form(amount="250"), now=desk.now)
    receipt = record(desk, number, amount="250")

    assert (preview.status_before, preview.status_after) == (before, "Partially paid")
    assert preview.balance_after == receipt.balance == "$750.00"
    assert preview.status_after == receipt.status
    assert preview.problems == {}


def test_the_dialog_starts_with_the_balance_and_the_firms_today(desk: Desk) -> None:
    number = desk.invoice()
    record(desk, number, amount="250.50")
    just_before_midnight_in_new_york = datetime(2026, 5, 23, 3, 59, tzinfo=UTC)

    start = manual_payments.start(desk.jane, number, now=just_before_midnight_in_new_york)

    assert start.amount == "749.50"
    assert start.date == start.latest_date == "2026-05-22"
    assert len(start.form_token) >= 32


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("amount", "0", "greater than $0.00"),
        ("amount", "-5", "greater than $0.00"),
        ("amount", "abc", "as a number"),
        ("amount", "NaN", "as a number"),
        ("amount", "1e9", "as a number"),
        ("amount", "0.005", "at most two decimals"),
        ("amount", "9" * 1000, "largest amount"),
        ("amount", 12.7, "Enter an amount"),
        ("amount", None, "Enter an amount"),
        ("date", "2026-05-23", "future"),
        ("date", "2026-02-31", "exists"),
        ("date", "soon", "exists"),
        ("method", "Card", "go through Stripe"),
        ("method", "ACH", "go through Stripe"),
        ("method", "Barter", "Choose"),
        ("method", ["Check"], "Choose"),
        ("reference", "x" * 81, "at most 80"),
        ("notes", "x" * 1_000_000, "at most 2,000"),
        ("notes", "bell\a", "cannot be shown"),
        ("notes", "\x00", "cannot be shown"),
        ("notes", "\ud800", "cannot be shown"),
    ],
)
def test_bad_input_gets_a_sentence_at_its_field_and_writes_nothing(
    desk: Desk, field: str, typed: object, sentence: str
) -> None:
    number = desk.invoice()
    before = desk.stored(number)

    with pytest.raises(InvalidInput) as refusal:
        record(desk, number, **{field: typed})

    assert list(refusal.value.problems) == [field]
    assert sentence in refusal.value.problems[field]
    preview = manual_payments.preview(desk.jane, number, form(**{field: typed}), now=desk.now)
    assert preview.problems == refusal.value.problems
    assert desk.rows() == []
    assert desk.timeline() == []
    assert desk.stored(number) == before


def test_all_wrong_fields_are_told_at_once(desk: Desk) -> None:
    number = desk.invoice()

    with pytest.raises(InvalidInput) as refusal:
        record(desk, number, amount="", method="", date="")

    assert set(refusal.value.problems) == {"amount", "method", "date"}


def test_more_than_the_balance_is_refused_with_the_limit(desk: Desk) -> None:
    number = desk.invoice()
    record(desk, number, amount="400")

    with pytest.raises(AmountExceedsBalance) as refusal:
        record(desk, number, amount="600.01", token="another-form-token")

    assert refusal.value.sentence == "The most you can record is $600.00."
    assert len(desk.rows()) == 1
    assert desk.stored(number)["balance_cents"] == 60_000


@pytest.mark.parametrize(
    "overrides",
    [{"draft": True}, {"total_cents": 0}, {"cancelled_at": datetime(2026, 5, 20, tzinfo=UTC)}],
    ids=["draft", "paid", "cancelled"],
)
def test_an_invoice_that_is_not_open_takes_no_payment(
    desk: Desk, overrides: dict[str, object]
) -> None:
    number = desk.invoice(**overrides)

    with pytest.raises(NotPayable):
        record(desk, number)

    with pytest.raises(NotPayable):
        manual_payments.start(desk.jane, number, now=desk.now)
    assert desk.rows() == []


def test_the_same_form_twice_is_one_row(desk: Desk) -> None:
    number = desk.invoice()

    first = record(desk, number, amount="100")
    second = record(desk, number, amount="100")

    assert second.is_repeat
    assert not first.is_repeat
    assert second.payment_id == first.payment_id
    assert len(desk.rows()) == 1
    assert desk.stored(number)["balance_cents"] == 90_000


def test_the_same_form_with_other_figures_is_refused(desk: Desk) -> None:
    number = desk.invoice()
    other = desk.invoice()
    record(desk, number, amount="100")

    with pytest.raises(FormAlreadyUsed):
        record(desk, number, amount="200")
    with pytest.raises(FormAlreadyUsed):
        record(desk, other, amount="100")

    assert len(desk.rows()) == 1


@pytest.mark.parametrize("token", ["", "short", "x" * 65, "ü" * 20])
def test_a_made_up_form_token_is_refused(desk: Desk, token: str) -> None:
    number = desk.invoice()

    with pytest.raises(InvalidInput):
        record(desk, number, token=token)

    assert desk.rows() == []


def test_who_may_not_edit_billing_is_denied_and_the_denial_is_kept(desk: Desk) -> None:
    number = desk.invoice()
    viewer = desk.someone(view_billing=True, all_clients=True)

    with pytest.raises(PermissionDenied):
        manual_payments.record_payment(viewer, number, form(), form_token=TOKEN, now=desk.now)

    assert desk.rows() == []
    assert desk.audit() == ["Sarah Kim was denied: record a payment (needs Edit billing)"]


@pytest.mark.parametrize("number", ["INV-0", "", "x" * 5000, "\x00", "INV-1' OR 1=1 --", 12, None])
def test_an_invoice_that_is_not_there_is_not_found(desk: Desk, number: str) -> None:
    desk.invoice()

    with pytest.raises(NotFound):
        record(desk, number)

    assert desk.rows() == []


def test_a_foreign_or_unassigned_invoice_is_not_found(desk: Desk) -> None:
    number = desk.invoice()
    unassigned = desk.someone(edit_billing=True)

    for person in (desk.stranger(), unassigned):
        with pytest.raises(NotFound):
            manual_payments.record_payment(person, number, form(), form_token=TOKEN, now=desk.now)

    assert desk.rows() == []


def test_the_same_reference_and_amount_on_the_client_warns(desk: Desk) -> None:
    first = desk.invoice()
    second = desk.invoice()
    record(desk, first, amount="100", reference="#4521")

    preview = manual_payments.preview(
        desk.jane, second, form(amount="100", reference="4521"), now=desk.now
    )
    other_amount = manual_payments.preview(
        desk.jane, second, form(amount="101", reference="4521"), now=desk.now
    )

    (caution,) = preview.warnings
    assert caution.sentence == (
        f"Looks like a duplicate of Check #4521, $100, recorded on {first} (May 22)."
    )
    assert caution.link == f"See it on {first}"
    assert caution.href == f"/invoices?invoice={first}#payment-{desk.rows()[0]['id']}"
    assert preview.problems == {}
    assert other_amount.warnings == ()


def test_a_date_before_the_invoice_warns_and_does_not_block(desk: Desk) -> None:
    number = desk.invoice(issued_on=date(2026, 5, 10))

    preview = manual_payments.preview(desk.jane, number, form(date="2026-05-09"), now=desk.now)
    receipt = record(desk, number, date="2026-05-09")

    (caution,) = preview.warnings
    assert caution == Caution(sentence="This date is before the invoice date, May 10, 2026.")
    assert receipt.status == "Paid"


def test_a_pending_payment_leaves_only_the_rest_to_record(desk: Desk) -> None:
    number = desk.invoice(pending_cents=0)
    later = desk.now + timedelta(days=20)

    receipt = manual_payments.record_payment(
        desk.jane, number, form(amount="400"), form_token=TOKEN, now=later
    )

    assert receipt.status == "Partially paid"


def mark_paid(desk: Desk, number: str, shown: str, token: str = TOKEN) -> Receipt:
    whole = WholeBalanceForm(amount=shown, method="Check", date="2026-05-22", reference="88")
    return manual_payments.record_payment(desk.jane, number, whole, form_token=token, now=desk.now)


def test_marking_paid_records_the_whole_balance_as_one_payment(desk: Desk) -> None:
    number = desk.invoice()
    record(desk, number, amount="250.50", token="another-form-token")

    receipt = mark_paid(desk, number, "749.50")

    assert (receipt.status, receipt.balance) == ("Paid", "$0.00")
    assert [row["amount_cents"] for row in desk.rows()] == [25_050, 74_950]
    assert desk.timeline()[-1] == ("Payment $749.50 recorded — Check #88", "Jane Chen")
    assert verify() == []


@pytest.mark.parametrize("shown", ["1,000.00", "749.49", "749.51", "0.01"])
def test_marking_paid_never_records_another_amount_than_it_showed(desk: Desk, shown: str) -> None:
    number = desk.invoice()
    record(desk, number, amount="250.50", token="another-form-token")

    with pytest.raises(BalanceChanged) as refusal:
        mark_paid(desk, number, shown)

    assert refusal.value.sentence == (
        f"The balance is $749.50 now, not ${shown}. Nothing was recorded: look again, then decide."
    )
    assert len(desk.rows()) == 1
    assert desk.stored(number)["balance_cents"] == 74_950


def test_marking_paid_twice_is_one_row_and_no_draft_is_paid(desk: Desk) -> None:
    number, draft = desk.invoice(), desk.invoice(draft=True)

    first = mark_paid(desk, number, "1,000.00")
    second = mark_paid(desk, number, "1,000.00")

    assert second.is_repeat
    assert second.payment_id == first.payment_id
    with pytest.raises(NotPayable):
        mark_paid(desk, draft, "1,000.00", token="another-form-token")
    assert len(desk.rows()) == 1


def test_the_form_of_one_dialog_is_not_a_repeat_of_the_other(desk: Desk) -> None:
    number = desk.invoice()
    record(desk, number, amount="1,000.00", reference="88")

    with pytest.raises(FormAlreadyUsed):
        mark_paid(desk, number, "1,000.00")

    assert len(desk.rows()) == 1
