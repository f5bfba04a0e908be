"""The audit log: newest first, page by page, in firm time (R112)."""

import pytest

from assure_app.billing.reading import audit_log
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import InvalidInput, PermissionDenied
from tests.factories import make_audit_entry
from tests.support.desk import Desk


def test_pages_follow_each_other_without_gap_or_repeat(desk: Desk) -> None:
    with unit_of_work() as connection:
        for number in range(120):
            make_audit_entry(connection, desk.jane.firm_id, text=f"Entry {number}")
    make_foreign(desk)

    first = audit_log.page(desk.jane, now=desk.now)
    second = audit_log.page(desk.jane, first.older, now=desk.now)
    third = audit_log.page(desk.jane, second.older, now=desk.now)
    back = audit_log.page(desk.jane, third.newer, now=desk.now)

    texts = [row.what for page in (first, second, third) for row in page.rows]
    assert texts == [f"Entry {number}" for number in reversed(range(120))]
    assert (first.newer, third.older) == ("", "")
    assert back.rows == second.rows


def make_foreign(desk: Desk) -> None:
    stranger = desk.stranger()
    with unit_of_work() as connection:
        make_audit_entry(connection, stranger.firm_id, text="Theirs")


def test_who_and_when_are_told_apart_from_what(desk: Desk) -> None:
    with unit_of_work() as connection:
        make_audit_entry(
            connection, desk.jane.firm_id, user_id=desk.jane.user_id, text="Jane Chen signed in"
        )
        make_audit_entry(connection, desk.jane.firm_id, text="The firm was opened")

    opened, signed_in = audit_log.page(desk.jane, now=desk.now).rows

    assert (signed_in.at, signed_in.who, signed_in.what) == (
        "May 22, 11:00 AM",
        "Jane Chen",
        "Signed in",
    )
    assert (opened.who, opened.what) == ("System", "The firm was opened")


@pytest.mark.parametrize("cursor", ["x", "before-", "before-x", "after-" + "9" * 10, "up-3"])
def test_a_cursor_made_up_is_refused(desk: Desk, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        audit_log.page(desk.jane, cursor, now=desk.now)


def test_only_who_manages_the_firm_reads_it(desk: Desk) -> None:
    with pytest.raises(PermissionDenied):
        audit_log.page(desk.someone(edit_billing=True), now=desk.now)
