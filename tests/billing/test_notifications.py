"""Telling a firm's people: who hears of what, how, and never twice (R136–R139)."""

from contextlib import suppress
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from assure_app.billing import notification_pruning, notifications
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.notifications import RULES, Audience, NotificationKind, may_hear
from assure_app.domain.permissions import Principal, TeamRights
from assure_app.mail.invoice_mail import Letter
from assure_app.models import ClientAssignment, NotificationSetting, Team, TeamMember
from assure_app.models.tables import firm_user, mail_message, notification
from tests import factories
from tests.support.desk import Desk

DISPUTE = NotificationKind.DISPUTE
LETTER = Letter(subject="Its own letter", text="text", html="<p>html</p>")


def tell(desk: Desk, **overrides: Any) -> None:
    values: dict[str, Any] = {
        "firm_id": desk.jane.firm_id,
        "kind": DISPUTE,
        "text": "Patel Family disputes $1,000.00",
        "about": "dispute 1 asked",
        "client_id": desk.client_id,
        "now": desk.now,
    }
    with unit_of_work() as connection:
        notifications.tell(connection, **values | overrides)


def told() -> list[tuple[int, str, bool, bool]]:
    """Who was told what, and whether in the app and by mail, in the order of telling."""
    wanted = select(
        notification.c.user_id,
        notification.c.text,
        notification.c.is_shown,
        notification.c.is_mailed,
    ).order_by(notification.c.id)
    with reading() as connection:
        rows = connection.execute(wanted)
        return [(row.user_id, row.text, row.is_shown, row.is_mailed) for row in rows]


def mails() -> list[tuple[str, str]]:
    """Address and subject of every letter."""
    wanted = select(mail_message.c.to_email, mail_message.c.subject)
    with reading() as connection:
        rows = connection.execute(wanted.order_by(mail_message.c.id))
        return [(row.to_email, row.subject) for row in rows]


def make_user(desk: Desk, **overrides: Any) -> int:
    with unit_of_work() as connection:
        return factories.make_user(connection, desk.jane.firm_id, **overrides)


def choose(user_id: int, kind: NotificationKind, *, in_app: bool, by_email: bool) -> None:
    values = {"user_id": user_id, "kind": kind.value, "in_app": in_app, "by_email": by_email}
    with unit_of_work() as connection:
        factories.insert(connection, NotificationSetting, **values)


def people_with_every_right(desk: Desk) -> dict[int, tuple[Principal, bool]]:
    """Somebody for each combination of rights, and whether the client is assigned to them."""
    found = {}
    firm_id = desk.jane.firm_id
    with unit_of_work() as connection:
        for combination in product((False, True), repeat=6):
            is_admin, is_stripe_admin, views, edits, all_clients, is_assigned = combination
            user_id = factories.make_user(
                connection, firm_id, is_admin=is_admin, is_stripe_admin=is_stripe_admin
            )
            rights = {"view_billing": views, "edit_billing": edits, "all_clients": all_clients}
            team_id = factories.insert(
                connection, Team, firm_id=firm_id, name=str(user_id), **rights
            )
            factories.insert(connection, TeamMember, team_id=team_id, user_id=user_id)
            if is_assigned:
                assigned = {"user_id": user_id, "client_id": desk.client_id}
                factories.insert(connection, ClientAssignment, **assigned)
            principal = Principal(
                session_id=0,
                user_id=user_id,
                firm_id=firm_id,
                name="",
                email="",
                is_owner=False,
                is_admin=is_admin,
                is_stripe_admin=is_stripe_admin,
                rights=TeamRights(**rights),
            )
            found[user_id] = (principal, is_assigned)
    return found


def test_who_hears_is_who_may_see(desk: Desk) -> None:
    people = people_with_every_right(desk)

    for kind in NotificationKind:
        tell(desk, kind=kind, about=f"{kind}", text=f"{kind}")
        none = f"{kind} of none"
        tell(desk, kind=kind, about=none, text=none, client_id=None)

    heard = {(user_id, text) for user_id, text, _, _ in told()}
    for user_id, (principal, is_assigned) in people.items():
        sees = principal.sees_all_clients or is_assigned
        for kind in NotificationKind:
            may = may_hear(principal, kind)
            sees_none = principal.sees_all_clients or RULES[kind].audience is Audience.STRIPE
            assert ((user_id, f"{kind}") in heard) == (may and sees), (kind, principal)
            assert ((user_id, f"{kind} of none") in heard) == (may and sees_none)


def test_only_who_can_sign_in_hears_and_another_firm_never(desk: Desk) -> None:
    make_user(desk, is_admin=True, is_active=False)
    make_user(desk, is_admin=True, password_hash="")
    desk.stranger()

    tell(desk)

    assert [user_id for user_id, _, _, _ in told()] == [desk.jane.user_id]
    assert [email for email, _ in mails()] == [desk.email_of_jane()]


def test_told_again_nobody_hears_twice_but_who_may_since(desk: Desk) -> None:
    tell(desk)
    admin = make_user(desk, is_admin=True, email="admin@chenadvisory.example")
    tell(desk, text="It says something else by now")

    assert [(user_id, text) for user_id, text, _, _ in told()] == [
        (desk.jane.user_id, "Patel Family disputes $1,000.00"),
        (admin, "It says something else by now"),
    ]
    assert [email for email, _ in mails()] == [desk.email_of_jane(), "admin@chenadvisory.example"]


@pytest.mark.parametrize(("in_app", "by_email"), list(product((False, True), repeat=2)), ids=str)
def test_a_choice_holds_instead_of_the_rule(desk: Desk, in_app: bool, by_email: bool) -> None:
    choose(desk.jane.user_id, DISPUTE, in_app=in_app, by_email=by_email)

    tell(desk)

    expected = [(desk.jane.user_id, "Patel Family disputes $1,000.00", in_app, by_email)]
    assert told() == (expected if in_app or by_email else [])
    assert len(mails()) == by_email


def test_by_the_rules_leads_get_mail_and_others_see_it_in_the_app(desk: Desk) -> None:
    viewer = make_user(desk)
    with unit_of_work() as connection:
        firm_id = desk.jane.firm_id
        team_id = factories.insert(
            connection, Team, firm_id=firm_id, name="All", view_billing=True, all_clients=True
        )
        factories.insert(connection, TeamMember, team_id=team_id, user_id=viewer)

    tell(desk)
    tell(desk, kind=NotificationKind.PAYMENT_LANDED, about="payment 1")
    tell(desk, kind=NotificationKind.REFUND, about="refund 1")

    assert [(user_id, is_mailed) for user_id, _, _, is_mailed in told()] == [
        *((desk.jane.user_id, True), (viewer, False)),
        *((desk.jane.user_id, False), (viewer, False)),
        *((desk.jane.user_id, True), (viewer, True)),
    ]


def test_a_letter_that_never_arrives_is_never_written_of_by_letter(desk: Desk) -> None:
    undelivered = NotificationKind.UNDELIVERED
    choose(desk.jane.user_id, undelivered, in_app=True, by_email=True)

    tell(desk, kind=undelivered)

    assert [(shown, mailed) for _, _, shown, mailed in told()] == [(True, False)]
    assert mails() == []


def test_the_plain_letter_leads_to_the_invoice_and_to_the_settings(desk: Desk) -> None:
    number = desk.invoice()
    invoice_id = desk.stored(number)["id"]

    tell(desk, invoice_id=invoice_id, client_id=None, detail="Answer <soon>.")

    with reading() as connection:
        (letter,) = connection.execute(select(mail_message)).all()
    assert letter.subject == "Dispute: Patel Family disputes $1,000.00"
    assert letter.invoice_id == invoice_id
    assert letter.text.split("\n\n") == [
        "Chen Advisory",
        "Dispute",
        "Patel Family disputes $1,000.00\nAnswer <soon>.",
        f"Open invoice: http://127.0.0.1:8000/invoices?invoice={number}",
        ("You choose what you are told by email: http://127.0.0.1:8000/settings/notifications\n"),
    ]
    assert "Answer &lt;soon&gt;." in letter.html
    assert 'href="http://127.0.0.1:8000/settings/notifications"' in letter.html


def test_a_kind_with_a_page_of_its_own_leads_there(desk: Desk) -> None:
    tell(desk, kind=NotificationKind.EXCEPTION, text="x", client_id=None)

    with reading() as connection:
        text = connection.scalar(select(mail_message.c.text))
    assert "Look at it: http://127.0.0.1:8000/settings/stripe" in str(text)


def test_a_letter_of_its_own_is_written_once_for_all_and_not_for_nobody(desk: Desk) -> None:
    make_user(desk, is_admin=True, email="admin@chenadvisory.example")
    written = []

    def letter() -> Letter:
        written.append(1)
        return LETTER

    tell(desk, letter=letter, not_by_mail="admin@chenadvisory.example")
    tell(desk, letter=letter)
    tell(desk, letter=letter, about="dispute 2")

    assert mails() == [
        (desk.email_of_jane(), "Its own letter"),
        (desk.email_of_jane(), "Its own letter"),
        ("admin@chenadvisory.example", "Its own letter"),
    ]
    assert len(written) == 2


def test_among_narrows_but_gives_nobody_a_right(desk: Desk) -> None:
    without_right = make_user(desk)
    make_user(desk, is_admin=True)
    theirs = firm_user.c.id.in_([desk.jane.user_id, without_right])

    tell(desk, among=theirs)

    assert [user_id for user_id, _, _, _ in told()] == [desk.jane.user_id]


def test_what_was_forgotten_is_told_again_without_a_second_letter(desk: Desk) -> None:
    tell(desk)
    assert notification_pruning.prune_next(now=desk.now + timedelta(days=366)) is not None

    tell(desk)

    assert (len(told()), len(mails())) == (1, 1)


def test_texts_of_any_length_fit(desk: Desk) -> None:
    tell(desk, text="x" * 600, detail="y" * 600)

    assert [text for _, text, _, _ in told()] == ["x" * 500]
    assert [subject for _, subject in mails()] == [f"Dispute: {'x' * 291}"]


def test_nothing_stays_of_an_act_that_is_rolled_back(desk: Desk) -> None:
    with suppress(RuntimeError), unit_of_work() as connection:
        notifications.tell(
            connection,
            firm_id=desk.jane.firm_id,
            kind=DISPUTE,
            text="x",
            about="x",
            now=desk.now,
        )
        raise RuntimeError

    assert (told(), mails()) == ([], [])


def test_old_ones_are_forgotten_and_the_others_stay(desk: Desk) -> None:
    tell(desk, text="old and unread", about="1", now=desk.now - timedelta(days=365))
    tell(desk, text="less old", about="2", now=desk.now - timedelta(days=364))

    assert notification_pruning.prune_next(now=desk.now) is not None
    assert notification_pruning.prune_next(now=desk.now) is None

    assert [text for _, text, _, _ in told()] == ["less old"]
