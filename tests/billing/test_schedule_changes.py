"""Pausing, resuming, cancelling, and an engagement's auto-pay: asked first, then done once."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, select, update

from assure_app.billing import autopay_switch, schedule_changes
from assure_app.billing.reading import schedule_detail
from assure_app.billing.schedule_changes import ScheduleAct
from assure_app.billing.schedules import ScheduleChanged
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import NotFound, PermissionDenied
from assure_app.domain.permissions import Principal
from assure_app.domain.schedules import ScheduleNotChangeable
from assure_app.models.tables import engagement
from tests.db.test_saved_guards import make_customer, make_method
from tests.support.desk import Desk
from tests.support.scheduling import entries, periods, run, set_up, stored

SEPTEMBER = datetime(2026, 9, 3, 12, tzinfo=UTC)


def do(desk: Desk, act: str, made: int, *, at: datetime, by: Principal | None = None) -> str:
    who = by or desk.jane
    asked = schedule_changes.start(who, act, made, now=at)
    return schedule_changes.change(
        *(who, act, made), version=asked.version, expected=asked.expected, now=at
    ).sentence


def test_what_passes_while_paused_is_skipped_and_said_so_before(desk: Desk) -> None:
    made = set_up(desk)

    paused = do(desk, "pause", made, at=desk.now)
    while_paused = run(SEPTEMBER)
    asked = schedule_changes.start(desk.jane, "resume", made, now=SEPTEMBER)
    resumed = do(desk, "resume", made, at=SEPTEMBER)
    run(datetime(2026, 10, 31, 12, tzinfo=UTC))

    assert (paused, while_paused) == ("Monthly bookkeeping is paused.", 0)
    assert asked.sentences == (
        "4 dates passed while it was paused, and will not be billed.",
        "The next invoice is made on Sep 30, 2026.",
    )
    assert resumed == (
        "Monthly bookkeeping is active again: its next invoice is made on Sep 30, 2026."
    )
    assert periods(made) == [date(2026, 9, 30), date(2026, 10, 31)]
    assert ("Resumed: 4 dates skipped, not billed, next on Sep 30, 2026", "Jane Chen") in entries(
        made
    )


def test_a_click_of_before_is_not_taken_for_the_one_that_came_after(desk: Desk) -> None:
    made = set_up(desk)
    asked = schedule_changes.start(desk.jane, "pause", made, now=desk.now)
    for act in ("pause", "resume", "pause"):
        do(desk, act, made, at=desk.now)

    with pytest.raises(ScheduleNotChangeable, match="is Paused"):
        schedule_changes.change(
            *(desk.jane, "pause", made),
            version=asked.version,
            expected=asked.expected,
            now=desk.now,
        )


def test_resuming_too_late_completes(desk: Desk) -> None:
    made = set_up(desk, end="date", ends_on="2026-07-31")
    do(desk, "pause", made, at=desk.now)

    asked = schedule_changes.start(desk.jane, "resume", made, now=SEPTEMBER)
    said = do(desk, "resume", made, at=SEPTEMBER)

    assert asked.sentences[-1] == "No date is left before its end, so it becomes Completed."
    assert (said, stored(made)["status"]) == ("Monthly bookkeeping is completed.", "Completed")


def test_cancelled_is_for_ever(desk: Desk) -> None:
    made = set_up(desk)

    do(desk, "cancel", made, at=desk.now)

    assert run(SEPTEMBER) == 0
    for act in ScheduleAct:
        with pytest.raises(ScheduleNotChangeable, match=r"is Cancelled\. You cannot"):
            schedule_changes.start(desk.jane, act, made, now=SEPTEMBER)


def test_twice_is_once(desk: Desk) -> None:
    made = set_up(desk)
    asked = schedule_changes.start(desk.jane, "pause", made, now=desk.now)

    said = [
        schedule_changes.change(
            *(desk.jane, "pause", made),
            version=asked.version,
            expected=asked.expected,
            now=desk.now,
        ).sentence
        for _ in range(2)
    ]

    assert said == ["Monthly bookkeeping is paused."] * 2
    assert [text for text, _ in entries(made)][1:] == ["Paused"]


def test_what_a_midnight_made_another_answer_is_not_done(desk: Desk) -> None:
    made = set_up(desk)
    do(desk, "pause", made, at=desk.now)
    asked = schedule_changes.start(desk.jane, "resume", made, now=desk.now)

    with pytest.raises(ScheduleChanged):
        schedule_changes.change(
            *(desk.jane, "resume", made),
            version=asked.version,
            expected=asked.expected,
            now=SEPTEMBER,
        )

    assert stored(made)["status"] == "Paused"


def test_what_moved_on_meanwhile_is_not_paused(desk: Desk) -> None:
    made = set_up(desk)
    asked = schedule_changes.start(desk.jane, "pause", made, now=desk.now)
    run(datetime(2026, 5, 31, 12, tzinfo=UTC))

    with pytest.raises(ScheduleChanged):
        schedule_changes.change(
            *(desk.jane, "pause", made),
            version=asked.version,
            expected=asked.expected,
            now=SEPTEMBER,
        )


def test_who_may_only_look_changes_nothing(desk: Desk) -> None:
    made = set_up(desk)
    lena = desk.someone(view_billing=True, all_clients=True)

    for act in ScheduleAct:
        with pytest.raises(PermissionDenied):
            schedule_changes.start(lena, act, made, now=desk.now)
        with pytest.raises(PermissionDenied):
            schedule_changes.change(lena, act, made, version=0, expected="", now=desk.now)
    with pytest.raises(NotFound):
        schedule_changes.start(desk.stranger(), "pause", made, now=desk.now)
    with pytest.raises(NotFound):
        schedule_changes.start(desk.jane, "delete", made, now=desk.now)

    assert stored(made)["status"] == "Active"


def agree(desk: Desk, *, is_on: bool) -> int:
    with unit_of_work() as connection:
        agreed = {"firm_id": desk.jane.firm_id, "client_id": desk.client_id, "name": "Books 2026"}
        key = connection.execute(insert(engagement).values(agreed | {"is_autopay_on": is_on}))
        return int((key.inserted_primary_key or (0,))[0])


def is_on() -> bool:
    with reading() as connection:
        return bool(connection.scalar(select(engagement.c.is_autopay_on)))


def test_auto_pay_says_what_it_will_charge(desk: Desk) -> None:
    agreed = agree(desk, is_on=False)
    with unit_of_work() as connection:
        make_customer(connection, desk.client_id)
        make_method(connection, desk.client_id)
    made = set_up(desk, engagement=str(agreed))

    asked = autopay_switch.start(desk.jane, agreed, now=desk.now)
    said = [
        autopay_switch.switch(desk.jane, agreed, turns_on=True, now=desk.now).sentence
        for _ in range(2)
    ]
    shown = schedule_detail.detail(desk.jane, made, now=desk.now).autopay

    charges, *due = asked.sentences
    assert charges == (
        "Each invoice of Books 2026 is charged to Visa •••• 4242 on its due date, for what is left"
        " to pay."
    )
    assert due == ["Nothing is charged until the firm is connected to Stripe in Settings."]
    assert said == ["Auto-pay is on for Books 2026."] * 2
    assert (shown.label, shown.method) == ("On", "Visa •••• 4242")
    assert entries(made)[1:] == [("Auto-pay turned on", "Jane Chen")]
    assert desk.audit() == ["Jane Chen turned auto-pay on for Books 2026 of Patel Family"]


def test_auto_pay_without_a_method_says_so(desk: Desk) -> None:
    agreed = agree(desk, is_on=True)
    with unit_of_work() as connection:
        make_customer(connection, desk.client_id)
        make_method(connection, desk.client_id, is_default=False)
    made = set_up(desk, engagement=str(agreed))

    shown = schedule_detail.detail(desk.jane, made, now=desk.now).autopay
    with unit_of_work() as connection:
        connection.execute(update(engagement).values(is_autopay_on=False))
    asked = autopay_switch.start(desk.jane, agreed, now=desk.now)

    assert (shown.label, shown.method) == ("No method", "")
    assert (
        asked.sentences[1] == "Patel Family has not saved one yet: nothing is charged until then."
    )


def test_auto_pay_is_not_for_everybody_to_switch(desk: Desk) -> None:
    agreed = agree(desk, is_on=True)
    lena = desk.someone(view_billing=True, all_clients=True)

    with pytest.raises(PermissionDenied):
        autopay_switch.switch(lena, agreed, turns_on=False, now=desk.now)
    for other in (desk.stranger(), desk.someone(edit_billing=True)):
        with pytest.raises(NotFound):
            autopay_switch.switch(other, agreed, turns_on=False, now=desk.now)
    for wrong in (0, -1, True, "1", None, 10**30):
        with pytest.raises(NotFound):
            autopay_switch.switch(desk.jane, wrong, turns_on=False, now=desk.now)

    assert is_on()
