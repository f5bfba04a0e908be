"""Warnings before an act, on a real database of each kind (R033, R037): each names its row."""

import secrets
from datetime import date, timedelta
from typing import Any

from assure_app.billing import manual_payments
from assure_app.billing.duplicates import Caution
from assure_app.billing.manual_payments import PaymentForm, WholeBalanceForm
from assure_app.db.unit_of_work import unit_of_work
from tests.factories import make_client, make_invoice, make_payment
from tests.support.desk import Desk


def warned(desk: Desk, number: str, **typed: str) -> tuple[Caution, ...]:
    form: dict[str, str] = {"amount": "300", "method": "Cash", "date": "2026-05-22"} | typed
    preview = manual_payments.preview(desk.jane, number, PaymentForm(**form), now=desk.now)
    assert preview.problems == {}
    return preview.warnings


def payment(desk: Desk, number: str, **overrides: Any) -> int:
    """A row over $300.00 on the invoice; returns its id."""
    with unit_of_work() as connection:
        invoice_id = desk.stored(number)["id"]
        return make_payment(connection, invoice_id, **({"amount_cents": 30_000} | overrides))


def test_the_same_amount_within_a_week_is_named_whatever_its_method(desk: Desk) -> None:
    first, second = desk.invoice(), desk.invoice()
    row = payment(desk, first, method="Wire", reference="FT-1", created_at=desk.now)

    (caution,) = warned(desk, second)

    assert caution.sentence == (
        f"The same amount came within 7 days: Wire FT-1, $300, recorded on {first} (May 22)."
    )
    assert caution.link == f"See it on {first}"
    assert caution.href == f"/invoices?invoice={first}#payment-{row}"


def test_a_week_is_seven_days_either_way_of_the_day_typed(desk: Desk) -> None:
    first, second = desk.invoice(), desk.invoice(issued_on=date(2026, 1, 1))
    payment(desk, first, completed_at=desk.now - timedelta(days=10))

    assert [len(warned(desk, second, date=day)) for day in ("2026-05-22", "2026-05-20")] == [0, 0]
    assert [len(warned(desk, second, date=day)) for day in ("2026-05-19", "2026-05-05")] == [1, 1]
    assert warned(desk, second, date="2026-05-04") == ()


def test_money_on_its_way_elsewhere_and_here_is_named(desk: Desk) -> None:
    first, second = desk.invoice(), desk.invoice()
    online = payment(desk, first, source="online", method="ACH", status="Pending")
    here = payment(desk, second, source="online", method="Card", status="Pending", amount_cents=500)

    of_the_invoice, of_the_client = warned(desk, second)

    assert of_the_invoice == Caution(
        sentence="A payment of $5 is on its way to this invoice.",
        link="See it",
        href=f"/invoices?invoice={second}#payment-{here}",
    )
    assert of_the_client.sentence == (
        f"The same amount came within 7 days: ACH, $300, on its way to {first} (May 22)."
    )
    assert of_the_client.href.endswith(f"#payment-{online}")


def test_the_same_reference_is_a_duplicate_however_long_ago(desk: Desk) -> None:
    first, second = desk.invoice(), desk.invoice(issued_on=date(2026, 1, 1))
    payment(desk, first, reference="#4521", completed_at=desk.now - timedelta(days=300))

    (caution,) = warned(desk, second, reference="4521", method="Check")

    assert caution.sentence.startswith("Looks like a duplicate of Check #4521, $300, recorded on")
    assert warned(desk, second, reference="4522", method="Check") == ()


def test_what_failed_was_given_back_or_is_another_clients_is_no_duplicate(desk: Desk) -> None:
    first, second = desk.invoice(), desk.invoice()
    payment(desk, first, status="Failed")
    back = payment(desk, first)
    payment(desk, first, amount_cents=-30_000, reverses_id=back)
    payment(desk, first, amount_cents=30_001)
    with unit_of_work() as connection:
        other = make_invoice(connection, make_client(connection, desk.jane.firm_id))
        make_payment(connection, other, amount_cents=30_000)

    assert warned(desk, second) == ()


def test_at_most_three_are_named_and_the_act_is_not_blocked(desk: Desk) -> None:
    first, second = desk.invoice(), desk.invoice()
    for _ in range(60):
        payment(desk, first)

    warnings = warned(desk, second, reference="77")
    receipt = manual_payments.record_payment(
        desk.jane,
        second,
        PaymentForm(amount="300", method="Cash", date="2026-05-22"),
        form_token=secrets.token_urlsafe(24),
        now=desk.now,
    )

    assert len(warnings) == 3
    assert receipt.status == "Partially paid"


def test_marking_paid_is_warned_of_as_well(desk: Desk) -> None:
    first, second = desk.invoice(), desk.invoice()
    payment(desk, first, amount_cents=100_000)
    form = WholeBalanceForm(amount="$1,000.00", method="Check", date="2026-05-22")

    preview = manual_payments.preview(desk.jane, second, form, now=desk.now)

    assert [caution.link for caution in preview.warnings] == [f"See it on {first}"]
