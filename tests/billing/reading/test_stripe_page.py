"""What the Stripe page shows, to whom, and what becomes of what waits there (R061, R067)."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, update

from assure_app.billing import stripe_accounts, stripe_exceptions, stripe_replay
from assure_app.billing.reading import stripe_page
from assure_app.billing.reading.desk import desk as read_desk
from assure_app.billing.reading.stripe_page import ExceptionRow
from assure_app.billing.stripe_exceptions import NOTE_LIMIT, Problem
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import InvalidInput, NotFound, PermissionDenied
from assure_app.domain.permissions import Principal, TeamRights
from assure_app.models.online import ExceptionKind
from assure_app.models.tables import client_assignment, stripe_account
from tests.support.fake_stripe import CHEN, make_account
from tests.support.online import PayDesk

VIEWS, EDITS = TeamRights(view_billing=True), TeamRights(edit_billing=True)


def tell(pay_desk: PayDesk, object_id: str = "ch_1", **changes: Any) -> None:
    """Something of the firm's account waits for a person."""
    values: dict[str, Any] = {
        "kind": ExceptionKind.UNKNOWN_CHARGE,
        "account_id": CHEN,
        "object_id": object_id,
        "object_kind": "charge",
        "sentence": f"Stripe took money by {object_id}.",
        "firm_id": pay_desk.desk.jane.firm_id,
        "amount_cents": 4_200,
    }
    with unit_of_work() as connection:
        assert stripe_exceptions.open_one(connection, Problem(**values | changes), now=pay_desk.now)


def describe(**changes: Any) -> None:
    with unit_of_work() as connection:
        connection.execute(update(stripe_account).values(changes))


def waiting(pay_desk: PayDesk, principal: Principal | None = None) -> tuple[ExceptionRow, ...]:
    return stripe_page.page(principal or pay_desk.desk.jane, now=pay_desk.now).waiting


def sarah(pay_desk: PayDesk, rights: TeamRights, **changes: Any) -> Principal:
    """A Stripe admin of the firm who is neither its owner nor an admin."""
    return replace(pay_desk.desk.someone(), rights=rights, is_stripe_admin=True, **changes)


def test_the_newest_comes_first_with_its_invoice(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice(number="INV-7 A")
    tell(pay_desk)
    kind = ExceptionKind.SURPLUS
    tell(pay_desk, "ch_2", kind=kind, invoice_id=pay_desk.desk.stored(number)["id"])

    second, first = waiting(pay_desk)

    assert (second.kind, second.number, second.can_replay) == (
        *("Needs refund or credit", "INV-7 A"),
        False,
    )
    assert second.href == "/invoices?invoice=INV-7%20A"
    assert (first.kind, first.number, first.can_replay) == ("Unknown charge", "", True)
    assert (first.amount, first.opened) == ("$42.00", "May 22, 11:00 AM")
    assert first.sentence == "Stripe took money by ch_1."


def test_more_than_fit_are_said_to_be_there(
    pay_desk: PayDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_page, "MOST_SHOWN", 2)
    for each in ("ch_1", "ch_2"):
        tell(pay_desk, each)
    assert stripe_page.page(pay_desk.desk.jane, now=pay_desk.now).more == ""

    tell(pay_desk, "ch_3")

    view = stripe_page.page(pay_desk.desk.jane, now=pay_desk.now)
    assert [row.object_id for row in view.waiting] == ["ch_3", "ch_2"]
    assert view.more == "Only the newest 2 are shown."


def test_what_is_settled_moves_below_with_its_note(pay_desk: PayDesk) -> None:
    jane = pay_desk.desk.jane
    tell(pay_desk)
    (row,) = waiting(pay_desk)

    first = stripe_exceptions.resolve(jane, row.id, " Refunded\nin Stripe ", now=pay_desk.now)
    second = stripe_exceptions.resolve(jane, row.id, "Again", now=pay_desk.now)

    assert (first, second) == (
        "It is off the list. The audit log keeps your note.",
        "This was settled already.",
    )
    view = stripe_page.page(jane, now=pay_desk.now)
    (settled,) = view.settled
    assert view.waiting == ()
    assert (settled.settled, settled.settled_by, settled.note) == (
        *("May 22, 11:00 AM", "Jane Chen"),
        "Refunded in Stripe",
    )
    assert pay_desk.desk.audit() == [
        "Jane Chen settled: Stripe took money by ch_1. — Refunded in Stripe"
    ]


@pytest.mark.parametrize("note", ["", "  \n ", None, 7, "x" * (NOTE_LIMIT + 1), "\0"])
def test_a_note_that_says_nothing_settles_nothing(pay_desk: PayDesk, note: object) -> None:
    tell(pay_desk)
    (row,) = waiting(pay_desk)

    with pytest.raises(InvalidInput) as refused:
        stripe_exceptions.resolve(pay_desk.desk.jane, row.id, note, now=pay_desk.now)

    assert list(refused.value.problems) == ["note"]
    assert len(waiting(pay_desk)) == 1


def test_the_longest_note_is_kept_whole_in_the_log(pay_desk: PayDesk) -> None:
    jane = replace(pay_desk.desk.jane, name="J" * 200)
    tell(pay_desk, sentence="s" * 500)
    (row,) = waiting(pay_desk)

    stripe_exceptions.resolve(jane, row.id, "n" * NOTE_LIMIT, now=pay_desk.now)

    assert pay_desk.desk.audit()[-1].endswith("n" * NOTE_LIMIT)


def test_a_decision_is_not_made_by_asking_again(pay_desk: PayDesk) -> None:
    tell(pay_desk, kind=ExceptionKind.SURPLUS)
    (row,) = waiting(pay_desk)

    done = stripe_replay.replay(pay_desk.desk.jane, row.id, now=pay_desk.now)

    assert (done.is_settled, pay_desk.stripe.calls) == (False, [])
    assert "a decision of yours" in done.sentence
    assert waiting(pay_desk) == (row,)


def test_another_firm_sees_and_settles_nothing(pay_desk: PayDesk) -> None:
    tell(pay_desk)
    tell(pay_desk, "ch_2", firm_id=None)
    (row,) = waiting(pay_desk)
    olga = pay_desk.desk.stranger()

    view = stripe_page.page(olga, now=pay_desk.now)

    assert (view.waiting, view.settled, view.connection.account_id) == ((), (), "")
    assert stripe_exceptions.count_open(olga) == 0
    for known in (row.id, row.id + 1):
        with pytest.raises(NotFound):
            stripe_exceptions.resolve(olga, known, "Mine now", now=pay_desk.now)
        with pytest.raises(NotFound):
            stripe_replay.replay(olga, known, now=pay_desk.now)
        with pytest.raises(NotFound):
            stripe_page.settle_start(olga, known, now=pay_desk.now)
    assert waiting(pay_desk) == (row,)


def test_what_is_about_a_client_is_for_who_may_see_that_client(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    tell(pay_desk, "ch_of_patel", invoice_id=pay_desk.desk.stored(number)["id"])
    (row,) = waiting(pay_desk)
    tell(pay_desk, "ch_of_nobody")
    person = sarah(pay_desk, EDITS)

    assert [each.object_id for each in waiting(pay_desk, person)] == ["ch_of_nobody"]
    assert stripe_exceptions.count_open(person) == 1
    with pytest.raises(NotFound):
        stripe_exceptions.resolve(person, row.id, "Done", now=pay_desk.now)
    with pytest.raises(NotFound):
        stripe_replay.replay(person, row.id, now=pay_desk.now)

    with unit_of_work() as connection:
        mine = {"user_id": person.user_id, "client_id": pay_desk.desk.client_id}
        connection.execute(insert(client_assignment).values(mine))
    assert [each.object_id for each in waiting(pay_desk, person)] == ["ch_of_nobody", "ch_of_patel"]
    assert stripe_exceptions.count_open(person) == 2


def test_looking_and_acting_ask_for_different_rights(pay_desk: PayDesk) -> None:
    tell(pay_desk)
    (row,) = waiting(pay_desk)
    jane = pay_desk.desk.jane
    admin = replace(jane, is_owner=False, is_admin=True, is_stripe_admin=False)
    reads, sees = sarah(pay_desk, VIEWS), sarah(pay_desk, TeamRights())
    shown = {
        "owner": replace(jane, is_stripe_admin=False),
        "admin": admin,
        "edits": sarah(pay_desk, EDITS),
        "reads": reads,
        "sees": sees,
    }

    views = {name: stripe_page.page(who, now=pay_desk.now) for name, who in shown.items()}

    assert {name: (len(each.waiting), each.may_act) for name, each in views.items()} == {
        "owner": (1, True),
        "admin": (1, True),
        "edits": (1, True),
        "reads": (1, False),
        "sees": (0, False),
    }
    assert {each.connection.state for each in views.values()} == {"Active"}
    assert {name: read_desk(who).stripe_waiting for name, who in shown.items()} == {
        **dict.fromkeys(("owner", "admin", "edits", "reads"), 1),
        "sees": 0,
    }
    for who in (reads, sees):
        for act in acts(who, row.id, pay_desk):
            with pytest.raises(PermissionDenied, match="Edit billing"):
                act()
    assert len(pay_desk.desk.audit()) == 8
    assert pay_desk.stripe.calls == []


def test_who_looks_after_nothing_is_refused_and_logged(pay_desk: PayDesk) -> None:
    tell(pay_desk)
    (row,) = waiting(pay_desk)
    person = replace(pay_desk.desk.someone(), rights=EDITS, is_stripe_admin=False)

    with pytest.raises(PermissionDenied):
        stripe_page.page(person, now=pay_desk.now)
    for act in acts(person, row.id, pay_desk):
        with pytest.raises(PermissionDenied):
            act()

    assert pay_desk.desk.audit() == [
        f"Sarah Kim was denied: {what} (needs Stripe admin)"
        for what in (
            "look at the Stripe connection",
            "check the Stripe connection",
            "replay a Stripe exception",
            "settle a Stripe exception",
            "settle a Stripe exception",
        )
    ]
    desk = read_desk(person)
    assert (desk.looks_after_stripe, desk.acts_on_stripe, desk.stripe_waiting) == (False, False, 0)
    assert waiting(pay_desk) == (row,)


def acts(who: Principal, known: int, pay_desk: PayDesk) -> list[Any]:
    now = pay_desk.now
    return [
        lambda: stripe_accounts.check(who, now=now),
        lambda: stripe_replay.replay(who, known, now=now),
        lambda: stripe_page.settle_start(who, known, now=now),
        lambda: stripe_exceptions.resolve(who, known, "Done", now=now),
    ]


def test_checking_again_says_what_stripe_says_now(pay_desk: PayDesk) -> None:
    jane = pay_desk.desk.jane
    restricted = make_account(CHEN, charges_enabled=False, disabled_reason="requirements.past_due")
    pay_desk.stripe.accounts[CHEN] = restricted

    stripe_accounts.check(jane, now=pay_desk.now)

    told = stripe_page.page(jane, now=pay_desk.now).connection
    assert (told.state, told.account_id, told.checked) == ("Restricted", CHEN, "May 22, 11:00 AM")
    assert told.meaning.startswith("Your clients cannot pay online")
    assert told.reason.startswith("Details that Stripe asked for are overdue.")


def test_a_silent_stripe_leaves_what_was_known(pay_desk: PayDesk) -> None:
    jane = pay_desk.desk.jane
    before = stripe_page.page(jane, now=pay_desk.now)
    pay_desk.stripe.be_silent("retrieve_account")

    with pytest.raises(StripeSilent):
        stripe_accounts.check(jane, now=pay_desk.now)

    assert stripe_page.page(jane, now=pay_desk.now) == before


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({}, ""),
        ({"payouts_enabled": False}, "Stripe holds back payouts to your bank."),
        ({"charges_enabled": False}, "Stripe gives no reason."),
        ({"charges_enabled": False, "details_submitted": False}, "Stripe does not have the firm’s"),
        ({"charges_enabled": False, "disabled_reason": "rejected.fraud"}, "Stripe has closed"),
        ({"charges_enabled": False, "disabled_reason": "new.one"}, "Stripe says “new.one”."),
    ],
)
def test_what_is_in_the_way_is_said(
    pay_desk: PayDesk, stored: dict[str, object], said: str
) -> None:
    if stored:
        describe(**stored)

    told = stripe_page.page(pay_desk.desk.jane, now=pay_desk.now).connection

    assert told.state == ("Restricted" if "charges_enabled" in stored else "Active")
    assert told.reason.startswith(said)
    assert bool(told.reason) == bool(said)


def test_a_firm_without_an_account_is_not_connected(pay_desk: PayDesk) -> None:
    told = stripe_page.page(pay_desk.desk.stranger(), now=pay_desk.now).connection

    assert (told.state, told.reason, told.account_id) == ("Not connected", "", "")
    assert "the firm has no Stripe account here" in told.meaning
