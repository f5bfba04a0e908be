"""The page of background work: read by who may see billing, retried by who may change it."""

from typing import Any

import pytest

from assure_app.states.live_refresh import LiveRefresh
from assure_app.states.settings.jobs import JobsPage
from assure_app.states.shell import Shell
from tests.auth.people import join_team
from tests.billing.test_stopped_jobs import give_up
from tests.states.conftest import OpenTab
from tests.states.test_stripe_page import HOSTILE
from tests.support.desk import Desk

PLACE = "/settings/jobs"


@pytest.fixture
def stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    give_up(desk, monkeypatch)
    return desk


async def test_an_owner_sees_what_was_given_up_and_has_it_tried_again(
    stopped: Desk, tab_of: OpenTab
) -> None:
    tab = tab_of(stopped.jane, PLACE)

    await tab.fire(JobsPage.load)
    before = (await tab.state(JobsPage)).view.stopped
    await tab.fire(LiveRefresh.refresh)
    counted = (await tab.state(Shell)).desk.jobs_waiting
    heard = await tab.fire(JobsPage.retry, job_id=1)

    assert [row.what for row in before] == ["Charge of INV-1042"]
    assert counted == 1
    assert "It is being tried again." in heard.text
    assert (await tab.state(JobsPage)).view.stopped == ()


async def test_who_only_looks_is_refused(stopped: Desk, tab_of: OpenTab) -> None:
    sarah = stopped.someone()
    join_team(sarah.user_id, stopped.jane.firm_id, "Hers", view_billing=True, all_clients=True)
    tab = tab_of(sarah, PLACE)

    await tab.fire(JobsPage.load)
    heard = await tab.fire(JobsPage.retry, job_id=1)

    assert "tried again" not in heard.text
    assert len((await tab.state(JobsPage)).view.stopped) == 1


async def test_who_sees_no_billing_is_shown_nothing(stopped: Desk, tab_of: OpenTab) -> None:
    tab = tab_of(stopped.someone(), PLACE)

    heard = await tab.fire(JobsPage.load)

    assert "INV-1042" not in heard.text
    assert (await tab.state(JobsPage)).is_loaded is False


@pytest.mark.parametrize("anything", HOSTILE)
async def test_a_made_up_job_is_not_there(stopped: Desk, tab_of: OpenTab, anything: Any) -> None:
    tab = tab_of(stopped.jane, PLACE)

    heard = await tab.fire(JobsPage.retry, job_id=anything)

    assert "does not exist" in heard.text
    assert len((await tab.state(JobsPage)).view.stopped) == 1
