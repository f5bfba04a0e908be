"""A firm connects its own Stripe account, ends that, and connects again (R067, R096, A16)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import select, update

from assure_app.billing import (
    portal_links,
    stripe_accounts,
    stripe_connecting,
    stripe_disconnecting,
    stripe_events,
)
from assure_app.billing.account_requests import KEY_LASTS
from assure_app.billing.online_payments import NotPayableOnline
from assure_app.billing.reading import stripe_page
from assure_app.billing.reading.connection_words import CONNECT_AGAIN, CONTINUE, Told
from assure_app.billing.stripe_access import OwnersOnly
from assure_app.billing.stripe_accounts import ConnectState
from assure_app.billing.stripe_connecting import NextStep, NotConnected
from assure_app.billing.stripe_disconnecting import NothingToDisconnect
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import PermissionDenied
from assure_app.domain.permissions import Principal
from assure_app.models.tables import account_request, firm_user, stripe_account
from assure_app.stripe_gateway import accounts
from assure_app.stripe_gateway.outcomes import Reason, Refused, Unknown
from tests.concurrency.test_online_rivals import all_at_once
from tests.support.desk import Desk
from tests.support.fake_stripe import CHEN, FakeStripe
from tests.support.online import PayDesk


class Killed(BaseException):
    """Stands for a process that ends at a place: what it had not committed is gone."""


@pytest.fixture
def stripe() -> Iterator[FakeStripe]:
    """Stripe, for a firm that has no account there yet."""
    with FakeStripe().installed() as installed:
        yield installed


def told(who: Principal, desk: Desk) -> Told:
    return stripe_page.page(who, now=desk.now).connection


def go_on(desk: Desk, *, later: timedelta = timedelta(0)) -> NextStep:
    return stripe_connecting.go_on(desk.jane, now=desk.now + later)


def stored_accounts() -> list[dict[str, Any]]:
    with reading() as connection:
        rows = connection.execute(select(stripe_account).order_by(stripe_account.c.account_id))
        return [dict(row) for row in rows.mappings()]


def requests() -> list[dict[str, Any]]:
    wanted = select(account_request).order_by(account_request.c.id)
    with reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def admins() -> list[str]:
    with reading() as connection:
        wanted = select(firm_user.c.name).where(firm_user.c.is_stripe_admin)
        return sorted(connection.execute(wanted).scalars())


def takes_payments(who: Principal) -> bool:
    with reading() as connection:
        return portal_links.takes_payments(connection, who.firm_id)


def lose_access(pay_desk: PayDesk) -> None:
    """Stripe says that the account let us go."""
    del pay_desk.stripe.accounts[CHEN]
    stripe_accounts.refresh(pay_desk.desk.jane.firm_id, now=pay_desk.now)


def test_a_firm_is_connected_from_nothing_to_active(desk: Desk, stripe: FakeStripe) -> None:
    assert told(desk.jane, desk).step == "Connect Stripe"

    step = go_on(desk)

    (account,) = stored_accounts()
    assert step.url.startswith(f"https://connect.example/{account['account_id']}/")
    assert stripe.ways_back == [
        (
            "http://127.0.0.1:8000/settings/stripe?setup=back",
            "http://127.0.0.1:8000/settings/stripe?setup=late",
        )
    ]
    restricted = told(desk.jane, desk)
    assert (restricted.state, restricted.step) == ("Restricted", CONTINUE)
    assert restricted.wanted == ("a bank account for payouts", "agreement to its terms")
    assert (admins(), takes_payments(desk.jane)) == ([], False)

    stripe.finish_setup(account["account_id"])
    assert stripe_accounts.look(desk.jane, now=desk.now) is ConnectState.ACTIVE

    active = told(desk.jane, desk)
    assert (active.state, active.step, active.can_disconnect) == ("Active", "", True)
    assert (admins(), takes_payments(desk.jane)) == (["Jane Chen"], True)
    assert go_on(desk) == NextStep(url="", state=ConnectState.ACTIVE)
    assert [text.partition(" acct_")[0] for text in desk.audit()] == [
        "Jane Chen connected the firm to the new Stripe account",
        "Jane Chen set up the firm’s Stripe account",
    ]


def test_a_callback_alone_makes_it_active(desk: Desk, stripe: FakeStripe) -> None:
    go_on(desk)
    account_id = stored_accounts()[0]["account_id"]
    stripe.finish_setup(account_id)

    stripe_events.receive(stripe.event("account.updated"), now=desk.now)
    assert stripe_events.apply_next(now=desk.now) is not None

    assert told(desk.jane, desk).state == "Active"
    assert admins() == ["Jane Chen"]


def test_every_click_asks_for_a_link_and_none_for_an_account(
    desk: Desk, stripe: FakeStripe
) -> None:
    first, second = go_on(desk), go_on(desk)

    assert first.url != second.url
    assert (stripe.calls.count("create_account"), len(stored_accounts())) == (1, 1)


def test_clicks_from_many_threads_make_one_account(desk: Desk, stripe: FakeStripe) -> None:
    outcomes = all_at_once(*[lambda: go_on(desk) for _ in range(6)])

    assert outcomes == {"done": 6}
    assert (len(stripe.accounts), len(stored_accounts()), len(requests())) == (2, 1, 1)


@pytest.mark.parametrize(
    "place",
    [
        "billing.account_requests.open_of before",
        "stripe_gateway.accounts.create_account before",
        "stripe_gateway.accounts.create_account after",
        "billing.account_requests.answered after",
        "billing.stripe_accounts.connect after",
        "stripe_gateway.accounts.create_account_link before",
        "stripe_gateway.accounts.create_account_link after",
    ],
)
def test_a_process_killed_anywhere_leaves_one_account(
    desk: Desk, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    where, _, when = place.partition(" ")
    with monkeypatch.context() as patched:
        kill(patched, where, is_after=when == "after")
        with pytest.raises(Killed):
            go_on(desk)

    step = go_on(desk)

    assert step.url.startswith("https://connect.example/acct_")
    # One is Chen's of the fake from the start.
    assert (len(stripe.accounts), len(stored_accounts())) == (2, 1)
    assert stored_accounts()[0]["account_id"] in stripe.accounts


def kill(patched: pytest.MonkeyPatch, where: str, *, is_after: bool) -> None:
    module = import_module(f"assure_app.{where.rpartition('.')[0]}")
    name = where.rpartition(".")[2]
    original: Callable[..., Any] = getattr(module, name)

    def dying(*args: Any, **kwargs: Any) -> Any:
        if is_after:
            original(*args, **kwargs)
        raise Killed

    patched.setattr(module, name, dying)


@pytest.mark.parametrize("later", [timedelta(minutes=1), KEY_LASTS])
def test_a_silent_stripe_is_asked_again_for_the_same_account(
    desk: Desk, stripe: FakeStripe, later: timedelta
) -> None:
    stripe.be_silent("create_account", after_acting=True)
    with pytest.raises(StripeSilent):
        go_on(desk)
    assert stored_accounts() == []
    if later == KEY_LASTS:
        stripe.answers.clear()  # By then Stripe may have forgotten the key.

    go_on(desk, later=later)

    assert (len(stripe.accounts), len(stored_accounts()), len(requests())) == (2, 1, 1)


@pytest.mark.parametrize("is_made", [True, False])
def test_an_error_of_stripes_own_does_not_bind_the_firm_for_a_day(
    desk: Desk, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch, *, is_made: bool
) -> None:
    create = accounts.create_account

    def broken(**asked: Any) -> Any:
        if is_made:
            create(**asked)
        return Unknown(reason="status_500")

    with monkeypatch.context() as patched:
        patched.setattr(accounts, "create_account", broken)
        if is_made:
            go_on(desk)
        else:
            with pytest.raises(StripeSilent):
                go_on(desk)

    go_on(desk)

    assert (len(stripe.accounts), len(stored_accounts())) == (2, 1)
    assert [bool(row["problem"]) for row in requests()] == ([False] if is_made else [True, False])


def test_what_stripe_refuses_is_said_and_asked_anew(
    desk: Desk, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refused(reason=Reason.INVALID, code="email_invalid", sentence="No such email.")
    with monkeypatch.context() as patched:
        patched.setattr(accounts, "create_account", lambda **_: refusal)
        with pytest.raises(NotConnected) as refused:
            go_on(desk)

    assert refused.value.sentence == "Stripe made no account. No such email."
    assert go_on(desk).url
    assert len(stripe.accounts) == 2


def test_only_an_owner_connects_and_disconnects(pay_desk: PayDesk) -> None:
    desk = pay_desk.desk
    admin = replace(desk.someone(edit_billing=True), is_admin=True, is_stripe_admin=True)
    before = stored_accounts()

    assert not told(admin, desk).can_disconnect
    for act in (
        lambda: stripe_disconnecting.what_stops(admin, now=desk.now),
        lambda: stripe_disconnecting.disconnect(admin, CHEN, now=desk.now),
    ):
        with pytest.raises(OwnersOnly):
            act()
    assert stored_accounts() == before
    assert takes_payments(desk.jane)

    stripe_disconnecting.disconnect(desk.jane, CHEN, now=desk.now)
    assert (told(admin, desk).state, told(admin, desk).step) == ("Not connected", "")
    with pytest.raises(OwnersOnly):
        stripe_connecting.go_on(admin, now=desk.now)
    assert pay_desk.stripe.calls == []
    assert desk.audit()[-1] == ("Sarah Kim was denied: connect the firm to Stripe (needs Owner)")


def test_an_owner_who_is_none_any_more_connects_nothing(desk: Desk, stripe: FakeStripe) -> None:
    with unit_of_work() as connection:
        is_jane = firm_user.c.id == desk.jane.user_id
        connection.execute(update(firm_user).where(is_jane).values(is_owner=False, is_admin=True))

    with pytest.raises(OwnersOnly):
        go_on(desk)

    assert (requests(), stored_accounts(), stripe.calls) == ([], [], [])


def test_another_firm_ends_nothing_of_this_one(pay_desk: PayDesk) -> None:
    stranger = pay_desk.desk.stranger()

    for account_id in (CHEN, "", None, 7, {"id": CHEN}):
        with pytest.raises(NothingToDisconnect):
            stripe_disconnecting.disconnect(stranger, account_id, now=pay_desk.now)

    assert takes_payments(pay_desk.desk.jane)
    go_on_there = stripe_connecting.go_on(stranger, now=pay_desk.now)
    assert CHEN not in go_on_there.url
    assert [row["firm_id"] for row in stored_accounts() if row["account_id"] != CHEN] == [
        stranger.firm_id
    ]


def test_a_stripe_admin_goes_on_with_the_setup_and_others_do_not(
    desk: Desk, stripe: FakeStripe
) -> None:
    go_on(desk)
    sarah = desk.someone(edit_billing=True)
    admin = replace(sarah, is_stripe_admin=True)
    nobody = replace(sarah, is_stripe_admin=False, is_admin=True)

    assert (told(admin, desk).step, told(nobody, desk).step) == (CONTINUE, "")
    assert stripe_connecting.go_on(admin, now=desk.now).url
    with pytest.raises(PermissionDenied):
        stripe_connecting.go_on(nobody, now=desk.now)
    assert stripe.calls.count("create_account_link") == 2


def test_whoever_went_last_to_finish_it_is_stripe_admin_once(
    desk: Desk, stripe: FakeStripe
) -> None:
    go_on(desk)
    account_id = stored_accounts()[0]["account_id"]
    sarah = replace(desk.someone(), is_owner=True)
    stripe_connecting.go_on(sarah, now=desk.now)
    stripe.finish_setup(account_id)
    stripe_accounts.look(desk.jane, now=desk.now)
    assert admins() == ["Sarah Kim"]

    with unit_of_work() as connection:
        connection.execute(update(firm_user).values(is_stripe_admin=False))
    stripe_accounts.look(desk.jane, now=desk.now)

    assert admins() == []


def test_disconnecting_closes_open_pages_and_ends_payments(pay_desk: PayDesk) -> None:
    jane, number = pay_desk.desk.jane, pay_desk.invoice()
    session = pay_desk.opened(number)
    assert stripe_disconnecting.what_stops(jane, now=pay_desk.now).open_pages == 1

    assert stripe_disconnecting.disconnect(jane, CHEN, now=pay_desk.now)
    assert not stripe_disconnecting.disconnect(jane, CHEN, now=pay_desk.now)

    assert pay_desk.states() == ["expired"]
    assert pay_desk.stripe.sessions[session].status.value == "expired"
    with pytest.raises(NotPayableOnline):
        pay_desk.start(number)
    after = told(jane, pay_desk.desk)
    assert (after.state, after.step) == ("Not connected", CONNECT_AGAIN)
    assert after.reason == "Jane Chen disconnected it on May 22, 11:00 AM."
    assert pay_desk.desk.audit() == [f"Jane Chen disconnected the firm’s Stripe account {CHEN}"]


def test_a_page_that_could_not_be_closed_at_once_is_closed_by_the_sweep(
    pay_desk: PayDesk,
) -> None:
    pay_desk.opened(pay_desk.invoice())
    pay_desk.stripe.be_silent("expire_checkout")
    stripe_disconnecting.disconnect(pay_desk.desk.jane, CHEN, now=pay_desk.now)
    assert pay_desk.states() == ["open"]

    pay_desk.sweep()

    assert pay_desk.states() == ["expired"]


def test_no_page_slips_in_beside_the_disconnecting(pay_desk: PayDesk) -> None:
    numbers = [pay_desk.invoice() for _ in range(3)]

    all_at_once(
        *[lambda number=number: pay_desk.start(number) for number in numbers],
        lambda: stripe_disconnecting.disconnect(pay_desk.desk.jane, CHEN, now=pay_desk.now),
    )
    pay_desk.sweep(after=timedelta(minutes=2))

    assert not {"new", "open"} & set(pay_desk.states())
    assert all(each.status.value == "expired" for each in pay_desk.stripe.sessions.values())


def test_what_was_paid_before_still_arrives(pay_desk: PayDesk) -> None:
    charge_id = pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice()), method="us_bank_account")
    pay_desk.deliver()
    stripe_disconnecting.disconnect(pay_desk.desk.jane, CHEN, now=pay_desk.now)

    pay_desk.stripe.settle(charge_id)
    pay_desk.deliver()

    assert pay_desk.row()["status"] == "Completed"
    assert told(pay_desk.desk.jane, pay_desk.desk).state == "Not connected"


def test_connecting_again_goes_on_with_the_same_account(pay_desk: PayDesk) -> None:
    jane = pay_desk.desk.jane
    stripe_disconnecting.disconnect(jane, CHEN, now=pay_desk.now)

    step = stripe_connecting.go_on(jane, now=pay_desk.now)

    assert step == NextStep(url="", state=ConnectState.ACTIVE)
    assert takes_payments(jane)
    assert [row["account_id"] for row in stored_accounts()] == [CHEN]


def test_an_account_that_let_us_go_is_replaced_and_stays_the_firms(pay_desk: PayDesk) -> None:
    jane = pay_desk.desk.jane
    with unit_of_work() as connection:
        connection.execute(update(firm_user).values(is_stripe_admin=True))
    lose_access(pay_desk)
    lost = told(jane, pay_desk.desk)
    assert (lost.state, lost.step, lost.is_linked) == ("Not connected", CONNECT_AGAIN, False)
    assert lost.reason.startswith("The account’s access for Assure Pro was taken away")
    assert not takes_payments(jane)

    stripe_connecting.go_on(jane, now=pay_desk.now)

    former, current = sorted(stored_accounts(), key=lambda row: row["is_current"])
    assert (former["account_id"], current["account_id"][:5]) == (CHEN, "acct_")
    with reading() as connection:
        assert stripe_accounts.firm_of(connection, CHEN) == jane.firm_id
        found = stripe_accounts.of_firm(connection, jane.firm_id)
    assert found is not None
    assert found.account_id == current["account_id"]
    assert admins() == []
    stripe_accounts.refresh(jane.firm_id, now=pay_desk.now)
    assert told(jane, pay_desk.desk).account_id == current["account_id"]


def test_a_page_of_an_account_that_let_us_go_blocks_its_invoice_for_a_day_at_most(
    pay_desk: PayDesk,
) -> None:
    pay_desk.opened(pay_desk.invoice())
    lose_access(pay_desk)
    pay_desk.stripe.be_silent("retrieve_checkout")
    pay_desk.stripe.be_silent("expire_checkout")
    pay_desk.sweep()
    assert pay_desk.states() == ["open"]

    pay_desk.sweep(after=timedelta(hours=25))

    assert pay_desk.states() == ["expired"]
