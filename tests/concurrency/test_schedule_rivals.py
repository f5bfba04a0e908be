"""Several workers at the same schedules, and people who pause one meanwhile (R124)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from sqlalchemy import func, select

from assure_app.billing import invoice_editing, schedule_changes, schedules, schedules_run
from assure_app.billing.reading.editor_form import LineForm
from assure_app.billing.reading.invoice_form import InvoiceForm
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import client, schedule
from tests.concurrency.test_refund_rivals import all_at_once
from tests.support.desk import Desk
from tests.support.scheduling import FORM, make_contact, periods, run, set_up, stored

JULY = datetime(2026, 7, 31, 12, tzinfo=UTC)
WORKERS = 6


def test_workers_at_once_make_each_period_once(desk: Desk) -> None:
    make_contact(desk.client_id)
    made = [set_up(desk, title=f"Schedule {each}") for each in range(3)]

    all_at_once(*[partial(run, JULY)] * WORKERS)
    left = run(JULY)

    assert left == 0
    for each in made:
        assert periods(each) == [date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31)]
        assert stored(each)["generated_count"] == 3
    assert verify() == []


def test_pausing_meanwhile_loses_and_doubles_nothing(desk: Desk) -> None:
    made = set_up(desk)
    asked = schedule_changes.start(desk.jane, "pause", made, now=desk.now)
    pause = partial(
        schedule_changes.change,
        *(desk.jane, "pause", made),
        version=asked.version,
        expected=asked.expected,
        now=desk.now,
    )

    outcomes = all_at_once(pause, *[partial(schedules_run.generate_next, now=JULY)] * 4)
    run(JULY)

    is_paused = stored(made)["status"] == "Paused"
    assert outcomes == ({"done": 5} if is_paused else {"done": 4, "ScheduleChanged": 1})
    assert periods(made) == (
        [] if is_paused else [date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31)]
    )


def test_one_new_client_of_many_forms_at_once_is_added_once(desk: Desk) -> None:
    new: dict[str, Any] = {"client": "", "is_new_client": True, "client_name": "Quill & Co"}
    create = partial(schedules.create, desk.jane, replace(FORM, **new), now=desk.now)
    line = LineForm(key="1", description="Advice", price="100")
    invoiced = InvoiceForm(**new, date="2026-05-22", due="2026-06-21", lines=(line,))
    save = partial(invoice_editing.save_new, desk.jane, invoiced, suggestion="", now=desk.now)

    outcomes = all_at_once(
        *[partial(create, form_token="the same form, sent many times")] * 4,
        partial(create, form_token="a form of somebody else"),
        *(partial(save, form_token=f"the form of invoice {each}") for each in range(3)),
    )

    assert outcomes == {"done": 8}
    with reading() as connection:
        assert connection.scalar(select(func.count()).select_from(schedule)) == 2
        named = select(func.count()).where(client.c.name == "Quill & Co")
        assert connection.scalar(named) == 1
    assert verify() == []
