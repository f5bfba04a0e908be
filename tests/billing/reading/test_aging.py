"""The aging report's page: its figures, and the invoices behind each of them."""

from datetime import date

import pytest

from assure_app.billing.reading import aging
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import InvalidInput, PermissionDenied
from tests.factories import MOMENT, make_client, make_invoice
from tests.support.desk import Desk


@pytest.fixture
def pine(desk: Desk) -> int:
    """Patel owes $100 in time and $200 35 days late, Pine $400 one day late; gives Pine's id."""
    with unit_of_work() as connection:
        pine = make_client(connection, desk.jane.firm_id, name="Harbor & Pine LLC")
        for client_id, number, due_on, cents in (
            (desk.client_id, "INV-1", date(2026, 5, 22), 10_000),
            (desk.client_id, "INV-2", date(2026, 4, 17), 20_000),
            (pine, "INV-3", date(2026, 5, 21), 40_000),
        ):
            make_invoice(
                connection,
                client_id,
                number=number,
                issued_on=date(2026, 4, 1),
                due_on=due_on,
                total_cents=cents,
            )
    return pine


def test_each_figure_is_the_sum_of_the_invoices_behind_it(desk: Desk, pine: int) -> None:
    page = aging.page(desk.jane, now=MOMENT)

    assert (page.total, page.total_note) == ("$700.00", "3 invoices of 2 clients")
    assert [(each.amount, each.note, each.share) for each in page.buckets] == [
        ("$100.00", "1 invoice", "14.3%"),
        ("$400.00", "1 invoice", "57.1%"),
        ("$200.00", "1 invoice", "28.6%"),
        ("$0.00", "0 invoices", "0.0%"),
        ("$0.00", "0 invoices", "0.0%"),
    ]
    assert [(each.client, each.amounts, each.total) for each in page.clients] == [
        ("Harbor & Pine LLC", ("", "$400.00", "", "", ""), "$400.00"),
        ("Patel Family", ("$100.00", "", "$200.00", "", ""), "$300.00"),
    ]
    assert page.sums == ("$100.00", "$400.00", "$200.00", "$0.00", "$0.00", "$700.00")
    assert [(each.number, each.late) for each in page.behind] == [
        ("INV-2", "35 days late"),
        ("INV-3", "1 day late"),
        ("INV-1", ""),
    ]


def test_a_bucket_and_a_client_choose_the_invoices_behind(desk: Desk, pine: int) -> None:
    late = aging.page(desk.jane, bucket="31-60", now=MOMENT)
    of_pine = aging.page(desk.jane, client_id=pine, now=MOMENT)
    neither = aging.page(desk.jane, bucket="31-60", client_id=pine, now=MOMENT)

    assert ([each.number for each in late.behind], late.behind_total) == (["INV-2"], "$200.00")
    assert late.chosen == "31–60 days late"
    assert ([each.number for each in of_pine.behind], of_pine.chosen) == (
        ["INV-3"],
        "Harbor & Pine LLC",
    )
    assert (neither.behind, neither.behind_total) == ((), "$0.00")
    assert late.total == of_pine.total == "$700.00"


def test_the_day_decides_how_late_a_debt_was(desk: Desk, pine: int) -> None:
    page = aging.page(desk.jane, "2026-05-17", now=MOMENT)

    assert [each.amount for each in page.buckets] == ["$500.00", "$200.00", *["$0.00"] * 3]
    assert page.day_text == "Owed to the firm at the end of May 17, 2026"


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-05-23", "That day is still to come. What will be owed then is not known."),
        ("2026-02-30", "Enter a date that exists, for example 2026-05-22."),
        (7, "Enter a date that exists, for example 2026-05-22."),
    ],
)
def test_a_day_that_cannot_be_is_refused(desk: Desk, day: object, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        aging.page(desk.jane, day, now=MOMENT)

    assert refusal.value.problems == {"day": sentence}


def test_who_sees_no_billing_sees_no_report(desk: Desk) -> None:
    with pytest.raises(PermissionDenied):
        aging.page(desk.someone(), now=MOMENT)
