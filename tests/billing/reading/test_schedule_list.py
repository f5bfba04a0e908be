"""The list of schedules: its figures, filters and pages, for those alone who may see them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from assure_app.billing.reading import schedule_detail, schedule_list
from assure_app.billing.reading.schedule_list import ScheduleQuery
from assure_app.billing.reading.schedule_rows import SchedulePage
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import NotFound, PermissionDenied
from assure_app.models.tables import engagement
from tests.billing.test_schedule_changes import do
from tests.support.desk import Desk
from tests.support.scheduling import run, set_up

JUNE = datetime(2026, 6, 1, 12, tzinfo=UTC)


def page(desk: Desk, **query: Any) -> SchedulePage:
    return schedule_list.page(desk.jane, ScheduleQuery(**query), now=JUNE)


def test_each_row_tells_its_schedule(desk: Desk) -> None:
    made = set_up(desk)
    run(JUNE)

    (row,) = page(desk).rows

    told = ("id", "client", "title", "rhythm", "amount", "autopay", "next_on", "last_on")
    assert {name: getattr(row, name) for name in told} == {
        "id": str(made),
        "client": "Patel Family",
        "title": "Monthly bookkeeping",
        "rhythm": "Monthly on the 31st",
        "amount": "$100.00",
        "autopay": "Off",
        "next_on": "Jun 30",
        "last_on": "May 31",
    }
    assert (row.generated, row.status, row.href) == (
        "1 generated",
        "Active",
        f"/recurring?schedule={made}",
    )


def test_the_figures_count_and_add_up_a_month(desk: Desk) -> None:
    with unit_of_work() as connection:
        agreed = {"firm_id": desk.jane.firm_id, "client_id": desk.client_id, "name": "Books"}
        key = connection.execute(insert(engagement).values(agreed | {"is_autopay_on": True}))
    set_up(desk, title="a", engagement=str((key.inserted_primary_key or (0,))[0]))
    set_up(desk, title="b", frequency="Quarterly")
    set_up(desk, title="c", frequency="Annual")
    set_up(desk, title="d", frequency="One-time")
    do(desk, "pause", set_up(desk, title="e"), at=desk.now)

    figures = {each.name: (each.figure, each.hint) for each in page(desk).figures}

    assert figures["Active"] == ("4", "$141.67 a month")
    assert (figures["Paused"][0], figures["No method"][0]) == ("1", "1")
    assert [(row.title, row.next_on) for row in page(desk, show="Paused").rows] == [("e", "")]
    assert [row.title for row in page(desk, show="No method").rows] == ["a"]


def test_it_is_searched_by_client_and_title(desk: Desk) -> None:
    set_up(desk, title="Payroll")
    set_up(desk, title="Books")

    found = {text: page(desk, search=text).count for text in ("pay", "patel", "%", "x\x00y")}

    assert found == {"pay": "1 of 2", "patel": "2 of 2", "%": "0 of 2", "x\x00y": "0 of 2"}


def test_what_ended_comes_last_and_pages_follow_each_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule_list, "PAGE_SIZE", 2)
    for title, day in (("late", "2026-08-01"), ("ended", "2026-05-22"), ("soon", "2026-07-01")):
        set_up(desk, title=title, date=day, frequency="One-time")
    run(desk.now)

    first, second = page(desk), page(desk, page=2)

    assert [row.title for row in first.rows] == ["soon", "late"]
    assert ([row.title for row in second.rows], second.next_page) == (["ended"], "")
    assert (first.next_page, second.previous_page) == ("2", "1")
    assert page(desk, page=10**9).rows == second.rows


def test_only_ones_own_clients_show(desk: Desk) -> None:
    made = set_up(desk)
    assigned = desk.someone(view_billing=True)

    seen = schedule_list.page(assigned, ScheduleQuery(), now=JUNE)

    assert (seen.rows, seen.count) == ((), "0 of 0")
    assert schedule_list.page(desk.stranger(), ScheduleQuery(), now=JUNE).rows == ()
    for other in (assigned, desk.stranger()):
        with pytest.raises(NotFound):
            schedule_detail.detail(other, made, now=JUNE)
    with pytest.raises(PermissionDenied):
        schedule_list.page(desk.someone(), ScheduleQuery(), now=JUNE)


def test_the_drawer_tells_the_days_and_what_was_made(desk: Desk) -> None:
    made = set_up(desk)
    run(JUNE)

    shown = schedule_detail.detail(desk.jane, made, now=JUNE)

    assert shown.upcoming == ("Jun 30, 2026", "Jul 31, 2026", "Aug 31, 2026")
    assert [(each.number, each.day, each.status) for each in shown.generated] == [
        ("INV-1001", "May 31, 2026", "Draft")
    ]
    assert (shown.can_edit, shown.can_pause, shown.can_resume, shown.can_cancel) == (
        True,
        True,
        False,
        True,
    )
    lena = desk.someone(view_billing=True, all_clients=True)
    assert not schedule_detail.detail(lena, made, now=JUNE).can_pause
