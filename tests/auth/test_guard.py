"""What stands between a client and a handler."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import reflex as rx
import time_machine
from reflex.state import OnLoadInternalState
from sqlalchemy import select, update

from assure_app import clock
from assure_app.auth import sessions
from assure_app.auth.guard import acting, local_path, public, requires, signed_in
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import PermissionDenied
from assure_app.domain.permissions import Permission
from assure_app.models.tables import audit_entry, firm_user
from tests.auth.people import join_team, make_person, open_session
from tests.factories import make_firm
from tests.states.support import Tab, open_desk

pytestmark = pytest.mark.usefixtures("sqlite_database")


class GuardedState(rx.State):
    """Handlers of each kind, for these tests."""

    guarded_rows: list[str] = []  # noqa: RUF012 - Reflex copies it for each tab
    steps: int = 0
    _secret: str = ""

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def load(self) -> None:
        self._secret = "known"
        self.guarded_rows = [f"row of {acting().name}"]

    @rx.event
    @requires(Permission.EDIT_BILLING, act="write to the ledger")
    async def write(self) -> AsyncGenerator[Any, None]:
        self.steps += 1
        yield
        self.steps += 1

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        self.steps = 5

    @rx.event(background=True)
    @signed_in
    async def work(self) -> None:
        async with self:
            self.guarded_rows = [f"worked for {acting().email}"]

    @rx.event
    @public
    async def look(self) -> None:
        with pytest.raises(LookupError):
            acting()
        self.steps = 7

    @rx.event
    @signed_in
    async def refused_by_service(self) -> None:
        raise PermissionDenied(Permission.STRIPE_ADMIN)

    @rx.event
    async def forgotten(self) -> None:
        self.steps = 99


def viewer(name: str = "lena") -> tuple[int, str]:
    """A person who views billing, and their session's token."""
    with unit_of_work() as connection:
        firm_id = make_firm(connection)
    user_id = make_person(f"{name}@chenadvisory.com", firm_id=firm_id, name=name.title())
    join_team(user_id, firm_id, "Viewers", view_billing=True)
    return user_id, open_session(user_id, f"session of {name}".replace(" ", "-"))


def audit_texts() -> list[str]:
    with reading() as connection:
        return list(connection.scalars(select(audit_entry.c.text).order_by(audit_entry.c.id)))


async def test_a_right_opens_the_handler_and_says_who_acts() -> None:
    _, cookie = viewer()

    async with open_desk() as desk:
        heard = await Tab(desk, cookie=cookie).fire(GuardedState.load)

    assert heard.var("guarded_rows") == ["row of Lena"]


async def test_a_missing_right_is_said_and_logged_and_nothing_runs() -> None:
    _, cookie = viewer()

    async with open_desk() as desk:
        tab = Tab(desk, cookie=cookie)
        heard = await tab.fire(GuardedState.write)
        steps = (await tab.state(GuardedState)).steps

    assert "You need “Edit billing” to do this" in heard.text
    assert steps == 0
    assert audit_texts() == ["Lena was denied: write to the ledger (needs Edit billing)"]


async def test_a_denial_is_logged_once_a_minute_for_each_person() -> None:
    cookies = [viewer("lena")[1], viewer("olga")[1]]

    with time_machine.travel(clock.now(), tick=False) as now:
        async with open_desk() as desk:
            tabs = [Tab(desk, cookie=cookie) for cookie in cookies]
            for seconds in (0, 30, 29, 1):
                now.shift(seconds)
                for tab in tabs:
                    await tab.fire(GuardedState.write)

    expected = [f"{name} was denied: write to the ledger" for name in ("Lena", "Olga")]
    assert [text.partition(" (")[0] for text in audit_texts()] == expected * 2


async def test_a_denial_of_what_moves_no_money_is_not_logged() -> None:
    _, cookie = viewer()

    async with open_desk() as desk:
        heard = await Tab(desk, cookie=cookie).fire(GuardedState.closed)

    assert "You need “Edit billing” to do this" in heard.text
    assert audit_texts() == []


async def test_a_stream_runs_to_its_end() -> None:
    cookie = open_session(make_person(is_owner=True), "owner")

    async with open_desk() as desk:
        heard = await Tab(desk, cookie=cookie).fire(GuardedState.write)

    assert heard.var("steps") == 2


async def test_a_background_event_is_guarded_alike() -> None:
    _, cookie = viewer()

    async with open_desk() as desk:
        allowed = await Tab(desk, cookie=cookie).fire(GuardedState.work)
        refused = await Tab(desk).fire(GuardedState.work)

    assert allowed.var("guarded_rows") == ["worked for lena@chenadvisory.com"]
    assert refused.redirect.startswith("/sign-in?next=")


async def test_a_refusal_by_the_service_is_said_once_and_not_an_error() -> None:
    _, cookie = viewer()

    async with open_desk() as desk:
        heard = await Tab(desk, cookie=cookie).fire(GuardedState.refused_by_service)

    assert "You need “Stripe admin” to do this" in heard.text


async def test_a_visitor_is_sent_to_sign_in_and_brought_back_to_this_page() -> None:
    async with open_desk() as desk:
        heard = await Tab(desk, address="/invoices?invoice=INV-1").fire(GuardedState.load)

    assert heard.redirect == "/sign-in?next=/invoices%3Finvoice%3DINV-1"
    assert "row of" not in heard.text


async def test_a_public_handler_runs_for_a_visitor_and_knows_nobody() -> None:
    async with open_desk() as desk:
        heard = await Tab(desk).fire(GuardedState.look)

    assert heard.var("steps") == 7


async def test_a_handler_without_a_mark_and_a_generated_setter_are_dropped() -> None:
    cookie = open_session(make_person(is_owner=True), "owner")

    async with open_desk() as desk:
        tab = Tab(desk, cookie=cookie)
        forgotten = await tab.fire(GuardedState.forgotten)
        state = f"{GuardedState.get_full_name()}"
        root_setter = await tab.fire_raw(f"{state}.setvar", {"var_name": "steps", "value": 98})
        steps = (await tab.state(GuardedState)).steps

    assert (forgotten.deltas, forgotten.events) == ([], [])
    assert (root_setter.deltas, root_setter.events) == ([], [])
    assert steps == 0


async def test_a_plain_function_is_refused_when_it_is_marked() -> None:
    with pytest.raises(TypeError, match="must be async"):

        @public
        def plain() -> None: ...


@pytest.mark.parametrize("end", ["sign out", "revoke", "deactivate"])
async def test_the_end_of_a_session_counts_at_the_next_event(end: str) -> None:
    user_id, cookie = viewer()

    async with open_desk() as desk:
        tab = Tab(desk, cookie=cookie)
        await tab.fire(GuardedState.load)
        end_session(end, user_id, cookie)
        heard = await tab.fire(GuardedState.load)
        state = await tab.state(GuardedState)

    assert heard.redirect.startswith("/sign-in")
    assert heard.var("guarded_rows") == []
    assert (state.guarded_rows, state._secret) == ([], "")


async def test_a_right_taken_away_counts_at_the_next_event() -> None:
    user_id = make_person(is_admin=True)
    cookie = open_session(user_id, "admin")

    async with open_desk() as desk:
        tab = Tab(desk, cookie=cookie)
        await tab.fire(GuardedState.load)
        set_admin(user_id, is_admin=False)
        heard = await tab.fire(GuardedState.load)

    assert "You need “View billing”" in heard.text


async def test_a_lost_right_empties_the_tab_before_anything_is_sent() -> None:
    user_id = make_person(is_admin=True, name="Jane")
    cookie = open_session(user_id, "admin")

    async with open_desk() as desk:
        tab = Tab(desk, cookie=cookie)
        await tab.fire(GuardedState.load)
        kept = await tab.open()
        set_admin(user_id, is_admin=False)
        emptied = await tab.open()
        secret = (await tab.state(GuardedState))._secret

    assert "row of Jane" in kept.text
    assert emptied.var("guarded_rows") == []
    assert "row of Jane" not in emptied.text
    assert secret == ""


async def test_a_new_right_takes_nothing_from_the_tab() -> None:
    user_id, cookie = viewer()

    async with open_desk() as desk:
        tab = Tab(desk, cookie=cookie)
        await tab.fire(GuardedState.load)
        set_admin(user_id, is_admin=True)
        opened = await tab.open()
        set_admin(user_id, is_admin=False)
        emptied = await tab.open()

    assert opened.var("guarded_rows") == ["row of Lena"]
    assert emptied.var("guarded_rows") == []


@pytest.mark.parametrize("has_own_session", [False, True])
async def test_a_stolen_tab_token_shows_nothing_of_its_owner(has_own_session: bool) -> None:
    _, cookie = viewer()
    own_cookie = viewer("olga")[1] if has_own_session else ""

    async with open_desk() as desk:
        owner = Tab(desk, cookie=cookie)
        await owner.fire(GuardedState.load)
        thief = Tab(desk, cookie=own_cookie, token=owner.token)
        opened = await thief.open()
        looked = await thief.fire(GuardedState.look)

    assert opened.deltas
    assert "Lena" not in opened.text + looked.text


async def test_a_push_to_a_tab_whose_session_ended_shows_nothing() -> None:
    user_id, cookie = viewer()

    async with open_desk() as desk:
        tab = Tab(desk, cookie=cookie)
        await tab.fire(GuardedState.load)
        before = await tab.hear_push(GuardedState.load)
        end_session("revoke", user_id, cookie)
        after = await tab.hear_push(GuardedState.load)

    assert before.redirect == ""
    assert "row of" not in after.text
    assert after.redirect.startswith("/sign-in")


@pytest.mark.parametrize(
    "text",
    [
        *("", "invoices", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb"),
        *("/sign-in", "/sign-in/", "/sign-in?next=/sign-in", "/\tevil", "javascript:alert(1)"),
    ],
)
def test_only_a_path_of_this_site_is_returned_to(text: str) -> None:
    assert local_path(text) == "/invoices"


@pytest.mark.parametrize("text", ["/", "/invoices/", "/invoices?invoice=INV-1048&q=a%20b"])
def test_a_path_of_this_site_is_kept(text: str) -> None:
    assert local_path(text) == text


def set_admin(user_id: int, *, is_admin: bool) -> None:
    with unit_of_work() as connection:
        connection.execute(
            update(firm_user).where(firm_user.c.id == user_id).values(is_admin=is_admin)
        )


def end_session(how: str, user_id: int, cookie: str) -> None:
    if how == "sign out":
        sessions.sign_out(cookie, now=clock.now())
    elif how == "revoke":
        sessions.revoke_all(user_id, now=clock.now())
    else:
        with unit_of_work() as connection:
            connection.execute(
                update(firm_user).where(firm_user.c.id == user_id).values(is_active=False)
            )


async def test_a_lone_surrogate_never_comes_back_to_end_the_tab() -> None:
    _, token = viewer()
    event = f"{OnLoadInternalState.get_full_name()}.set_is_hydrated"
    async with open_desk() as desk:
        tab = Tab(desk, cookie=token)
        await tab.open()

        for payload in ({"value": "\ud800"}, {"value": {"\ud800": 1}}):
            heard = await tab.fire_raw(event, payload)
            assert heard.deltas == []
        opened = await tab.open()

        assert opened.var("is_hydrated") is True
        repr(opened.deltas).encode()
