"""What ticked invoices come to, for the person who ticked them."""

import pytest

from assure_app.billing.reading.selection import MOST_SELECTED, Selection, selection
from assure_app.domain.errors import PermissionDenied
from tests.support.desk import Desk


def test_the_order_of_the_ticks_and_the_sum_of_the_totals(desk: Desk) -> None:
    first, second = desk.invoice(total_cents=100), desk.invoice(total_cents=123_456)

    found = selection(desk.jane, [second, first, second])

    assert found == Selection(numbers=(second, first), total="$1,235.56")


def test_what_the_person_may_not_see_is_left_out(desk: Desk) -> None:
    number = desk.invoice()

    assert selection(desk.stranger(), [number]) == Selection()
    assert selection(desk.someone(edit_billing=True), [number]) == Selection()
    assert selection(desk.jane, ["INV-0"]) == Selection()
    assert selection(desk.jane, []) == Selection()


def test_only_the_first_two_hundred_count(desk: Desk) -> None:
    number = desk.invoice()
    made_up = [f"X-{i}" for i in range(MOST_SELECTED)]

    assert selection(desk.jane, [*made_up[1:], number]).numbers == (number,)
    assert selection(desk.jane, [*made_up, number]).numbers == ()


def test_it_needs_view_billing(desk: Desk) -> None:
    with pytest.raises(PermissionDenied):
        selection(desk.someone(), [])
