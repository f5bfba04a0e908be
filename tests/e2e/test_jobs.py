"""What the machine gave up is seen by a person, who has it tried again (R112)."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from assure_app import clock
from assure_app.billing import job_runs
from assure_app.db import jobs
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import Unavailable
from assure_app.models.tables import firm, job
from tests.e2e.office import LENA, Office
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser
WHAT = "Charge of INV-1042"


def give_up(office: Office) -> None:
    """A job that failed as often as a job may."""
    with office._behind_the_engine():
        with unit_of_work() as connection:
            firm_id = connection.scalar(select(firm.c.id).where(firm.c.name == "Chen Advisory"))
            jobs.enqueue(
                connection, "charge", "one", firm_id=firm_id or 0, now=clock.now(), what=WHAT
            )
            connection.execute(job.update().values(tries=job_runs.MOST_TRIES - 1, turn=7))
            job_id = connection.scalar(select(job.c.id).where(job.c.key == "one"))
        begun = job_runs.begin(job_id or 0, 7, now=clock.now())
        assert begun is not None
        job_runs.fail(begun, Unavailable(), now=clock.now())


def test_a_job_that_was_given_up_is_tried_again(office: Office) -> None:
    give_up(office)
    page = office.open()
    entry = page.get_by_role("link", name="Settings 1 given up, to look at")
    expect(entry).to_be_visible()

    page.goto("/settings/jobs")
    stopped = page.get_by_role("region", name="Stopped").get_by_role("listitem")
    expect(stopped).to_contain_text([WHAT])
    expect(stopped).to_contain_text(["The database cannot be reached."])
    goes = page.get_by_role("region", name="Automatic work").get_by_role("row")
    expect(goes.filter(has_text="Invoices that fall due")).to_contain_text("Running well")
    require_rules(page, widths=(1440, 360))
    lena = office.open(email=LENA)
    lena.goto("/settings/jobs")
    expect(lena.get_by_role("region", name="Stopped")).to_contain_text(WHAT)
    expect(lena.get_by_role("button", name="Retry")).to_have_count(0)

    stopped.get_by_role("button", name=f"Retry: {WHAT}").click()

    expect(page.get_by_text("It is being tried again.")).to_be_visible()
    expect(page.get_by_text("Nothing waits")).to_be_visible()
    expect(lena.get_by_text("Nothing waits")).to_be_visible()
    expect(entry).to_have_count(0)
