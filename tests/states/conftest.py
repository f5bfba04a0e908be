"""A tab at the firm's desk, at the moment when everything happens in these tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
from sqlalchemy import update

from assure_app import clock, live
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.permissions import Principal
from assure_app.models.tables import firm_user
from tests.auth.people import open_session
from tests.factories import MOMENT
from tests.states.support import Desk as LiveDesk
from tests.states.support import Tab, open_desk
from tests.support.desk import Desk

OpenTab = Callable[..., Tab]


def set_owner(person: Principal, *, is_owner: bool) -> None:
    """Make someone an owner of their firm, or take that away, while their tab is open."""
    with unit_of_work() as connection:
        whose = firm_user.c.id == person.user_id
        connection.execute(update(firm_user).where(whose).values(is_owner=is_owner))


@pytest.fixture(autouse=True)
def _nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tabs say of changes is not left behind for other tests to hear."""
    monkeypatch.setattr(live, "_waiting", asyncio.Queue())


@pytest.fixture(autouse=True)
def _fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MOMENT)


@pytest.fixture
async def live_desk() -> AsyncIterator[LiveDesk]:
    """The server's side of every open tab."""
    async with open_desk() as opened:
        yield opened


@pytest.fixture
def tab_of(live_desk: LiveDesk) -> Callable[[Principal], Tab]:
    """Opens a tab that is signed in as a person."""

    def open_tab(person: Principal, address: str = "/invoices") -> Tab:
        token = open_session(person.user_id, uuid4().hex)
        return Tab(live_desk, cookie=token, address=address)

    return open_tab


@pytest.fixture
def tab(desk: Desk, tab_of: OpenTab) -> Tab:
    """A tab of the firm's owner."""
    return tab_of(desk.jane)
