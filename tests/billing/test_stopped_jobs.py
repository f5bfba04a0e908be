"""What was given up is seen by who may see it, and tried again by who may (R112, R136, R139)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from assure_app.billing import job_runs, periods, stopped_jobs
from assure_app.billing.reading import background_work
from assure_app.billing.reading.desk import desk as frame
from assure_app.db import jobs
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import NotFound, PermissionDenied, Unavailable
from assure_app.models.tables import invoice
from tests.support.desk import Desk


def give_up(desk: Desk, monkeypatch: pytest.MonkeyPatch, *, number: str = "") -> None:
    monkeypatch.setattr(job_runs, "MOST_TRIES", 1)
    with unit_of_work() as connection:
        known = select(invoice.c.id).where(invoice.c.number == number)
        jobs.enqueue(
            connection,
            "charge",
            "charge:1",
            firm_id=desk.jane.firm_id,
            now=desk.now,
            what="Charge of INV-1042",
            invoice_id=connection.scalar(known),
        )
    begun = job_runs.begin(1, 1, now=desk.now)
    assert begun is not None
    job_runs.fail(begun, Unavailable(), now=desk.now)


def test_the_page_says_what_why_and_since_when(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = desk.invoice()
    give_up(desk, monkeypatch, number=number)

    (row,) = background_work.page(desk.jane, now=desk.now).stopped

    assert (row.what, row.why) == ("Charge of INV-1042", str(Unavailable()))
    assert (row.since, row.tries, row.number) == ("May 22, 11:00 AM", "Tried once", number)
    assert frame(desk.jane).jobs_waiting == 1


def test_tried_again_it_begins_anew_and_the_log_knows_who(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_up(desk, monkeypatch)

    first = stopped_jobs.retry(desk.jane, 1, now=desk.now)
    second = stopped_jobs.retry(desk.jane, 1, now=desk.now)
    begun = job_runs.begin(1, 2, now=desk.now)

    assert (first, second) == ("It is being tried again.", "It is under way already.")
    assert desk.audit() == ["Jane Chen had this tried again: Charge of INV-1042"]
    assert begun is not None
    assert begun.tries == 1
    assert stopped_jobs.count(desk.jane) == 0


def test_who_only_looks_cannot_retry_and_the_try_is_logged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_up(desk, monkeypatch)
    sarah = desk.someone(view_billing=True)

    with pytest.raises(PermissionDenied):
        stopped_jobs.retry(sarah, 1, now=desk.now)

    assert background_work.page(sarah, now=desk.now).may_retry is False
    assert desk.audit() == ["Sarah Kim was denied: retry a job (needs Edit billing)"]


def test_what_is_about_a_client_of_others_or_of_another_firm_is_not_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_up(desk, monkeypatch, number=desk.invoice())
    sarah, olga = desk.someone(edit_billing=True), desk.stranger()

    for each in (sarah, olga):
        assert background_work.page(each, now=desk.now).stopped == ()
        assert stopped_jobs.count(each) == 0
        with pytest.raises(NotFound):
            stopped_jobs.retry(each, 1, now=desk.now)


@pytest.mark.parametrize("made_up", [0, -1, 2**63, True, "1", None])
def test_a_made_up_job_is_not_found(desk: Desk, made_up: object) -> None:
    with pytest.raises(NotFound):
        stopped_jobs.retry(desk.jane, made_up, now=desk.now)


def test_without_view_billing_there_is_nothing_to_see(desk: Desk) -> None:
    nobody = desk.someone()

    assert stopped_jobs.count(nobody) == 0
    with pytest.raises(PermissionDenied):
        background_work.page(nobody, now=desk.now)


def test_each_periodic_work_says_how_it_goes(desk: Desk) -> None:
    minute = timedelta(minutes=1)
    for name in ("Bad", "Good", "Idle"):
        periods.begin(name, minute, now=desk.now)
    periods.end("Bad", is_whole=False, now=desk.now)
    periods.end("Good", is_whole=True, now=desk.now)
    periods.end("Idle", is_whole=True, now=desk.now - timedelta(hours=1))

    works = background_work.page(desk.jane, now=desk.now).works

    assert [(work.title, work.state) for work in works] == [
        ("Bad", "Failing"),
        ("Good", "Running well"),
        ("Idle", "Late"),
    ]
