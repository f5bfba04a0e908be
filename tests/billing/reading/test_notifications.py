"""What the bell shows, what is marked as read, and what each person chose (R136–R139)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from assure_app.billing import notification_marks, notification_settings
from assure_app.billing.notification_settings import Choice
from assure_app.billing.reading import notifications
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import NotFound, PermissionDenied
from assure_app.domain.notifications import NotificationKind
from assure_app.domain.permissions import Principal, TeamRights
from assure_app.models import ClientAssignment, Team, TeamMember
from assure_app.models.tables import client_assignment, notification, notification_setting, team
from tests import factories
from tests.billing.test_notifications import tell
from tests.support.desk import Desk

HOSTILE: tuple[object, ...] = (None, True, 1.5, "1", "x", -1, 0, 2**31, 10**30, [], {})


def texts(principal: Principal, desk: Desk) -> list[str]:
    return [row.text for row in notifications.page(principal, now=desk.now).rows]


def preparer(desk: Desk) -> Principal:
    """Somebody who sees billing of the one client that is assigned to them."""
    someone = replace(desk.someone(view_billing=True), is_stripe_admin=False)
    with unit_of_work() as connection:
        team_id = factories.insert(
            connection, Team, firm_id=desk.jane.firm_id, name="Preparers", view_billing=True
        )
        factories.insert(connection, TeamMember, team_id=team_id, user_id=someone.user_id)
        assigned = {"user_id": someone.user_id, "client_id": desk.client_id}
        factories.insert(connection, ClientAssignment, **assigned)
    return someone


def test_the_newest_first_with_where_they_lead(desk: Desk) -> None:
    number = desk.invoice(number="INV-7 A")
    invoice_id = desk.stored(number)["id"]
    tell(desk, text="oldest", about="1", now=desk.now - timedelta(days=2), detail="more")
    tell(desk, text="an invoice", about="2", invoice_id=invoice_id)
    tell(desk, text="an exception", about="3", kind=NotificationKind.EXCEPTION, client_id=None)

    rows = notifications.page(desk.jane, now=desk.now + timedelta(minutes=5)).rows

    assert [(row.text, row.detail, row.when, row.href, row.is_unread) for row in rows] == [
        ("an exception", "", "5 min ago", "/settings/stripe", True),
        ("an invoice", "", "5 min ago", "/invoices?invoice=INV-7%20A", True),
        ("oldest", "more", "May 20, 11:00 AM", "/notifications", True),
    ]
    assert {row.moment for row in rows} == {"May 20, 11:00 AM", "May 22, 11:00 AM"}
    assert rows[0].label == "Exception waiting"


def test_older_ones_follow_page_by_page(desk: Desk) -> None:
    for each in range(5):
        tell(desk, text=f"{each}", about=f"{each}")

    first = notifications.page(desk.jane, most=2, now=desk.now)
    before = int(first.older.removeprefix("/notifications?before="))
    second = notifications.page(desk.jane, before=before, most=2, now=desk.now)
    third = notifications.page(desk.jane, before=second.rows[-1].id, most=2, now=desk.now)

    shown = [[row.text for row in page.rows] for page in (first, second, third)]
    assert shown == [["4", "3"], ["2", "1"], ["0"]]
    assert (third.older, first.is_first, third.is_first) == ("", True, False)
    assert first.newest_id == first.rows[0].id
    for hostile in HOSTILE:
        assert len(notifications.page(desk.jane, before=hostile, now=desk.now).rows) == 5


def test_the_bell_counts_what_is_unread_and_ends_at_99(desk: Desk) -> None:
    assert notifications.unread(desk.jane) == ""
    tell(desk)
    assert notifications.unread(desk.jane) == "1"

    with unit_of_work() as connection:
        row = dict(connection.execute(select(notification)).mappings().one())
        del row["id"]
        copies = [row | {"about": f"copy {each}"} for each in range(99)]
        connection.execute(notification.insert(), copies)

    assert notifications.unread(desk.jane) == "99+"


def test_what_is_only_mailed_is_neither_counted_nor_shown(desk: Desk) -> None:
    notification_settings.save(desk.jane, {"dispute": Choice(in_app=False, by_email=True)})

    tell(desk)

    assert (notifications.unread(desk.jane), texts(desk.jane, desk)) == ("", [])


def test_who_loses_a_client_or_a_right_sees_nothing_of_it_any_more(desk: Desk) -> None:
    someone = preparer(desk)
    tell(desk)
    assert texts(someone, desk) == ["Patel Family disputes $1,000.00"]
    assert notifications.unread(someone) == "1"
    (row,) = notifications.page(someone, now=desk.now).rows

    without_right = replace(someone, rights=TeamRights())
    assert (texts(without_right, desk), notifications.unread(without_right)) == ([], "")

    with unit_of_work() as connection:
        connection.execute(delete(client_assignment))
    assert (texts(someone, desk), notifications.unread(someone)) == ([], "")
    with pytest.raises(NotFound):
        notification_marks.mark_read(someone, row.id, now=desk.now)
    assert notification_marks.mark_all_read(someone, until=row.id, now=desk.now) == 0


def test_who_sees_some_clients_sees_nothing_about_the_firm_as_a_whole(desk: Desk) -> None:
    someone = preparer(desk)
    difference = NotificationKind.DIFFERENCE
    with unit_of_work() as connection:
        connection.execute(update(team).values(all_clients=True))
    tell(desk, kind=difference, client_id=None)
    with_all = replace(someone, rights=TeamRights(view_billing=True, all_clients=True))
    assert len(texts(with_all, desk)) == 1

    assert texts(someone, desk) == []


def test_marking_one_read_tells_where_to_go_and_counts_once(desk: Desk) -> None:
    invoice_id = desk.stored(desk.invoice(number="INV-7"))["id"]
    tell(desk, invoice_id=invoice_id)
    tell(desk, about="another")
    (_, row) = notifications.page(desk.jane, now=desk.now).rows

    for later in range(2):
        now = desk.now + timedelta(days=later)
        href = notification_marks.mark_read(desk.jane, row.id, now=now)
        assert href == "/invoices?invoice=INV-7"

    assert notifications.unread(desk.jane) == "1"
    with reading() as connection:
        wanted = select(notification).where(notification.c.id == row.id)
        stored = connection.execute(wanted).one()
    assert stored.read_at == desk.now
    assert stored.forget_at == desk.now + timedelta(days=90)


def test_nobody_marks_what_another_was_told(desk: Desk) -> None:
    tell(desk)
    (row,) = notifications.page(desk.jane, now=desk.now).rows
    colleague = replace(preparer(desk), is_admin=True)
    stranger = desk.stranger()
    same_id_elsewhere = replace(desk.jane, firm_id=stranger.firm_id)

    for other in (colleague, stranger, same_id_elsewhere):
        with pytest.raises(NotFound):
            notification_marks.mark_read(other, row.id, now=desk.now)
        assert notification_marks.mark_all_read(other, until=row.id, now=desk.now) == 0
        assert texts(other, desk) == []
    for hostile in HOSTILE:
        with pytest.raises(NotFound):
            notification_marks.mark_read(desk.jane, hostile, now=desk.now)
        assert notification_marks.mark_all_read(desk.jane, until=hostile, now=desk.now) == 0
    assert notifications.unread(desk.jane) == "1"


def test_all_that_was_seen_is_marked_and_what_came_since_stays_new(desk: Desk) -> None:
    tell(desk, about="1")
    tell(desk, about="2")
    seen = notifications.page(desk.jane, now=desk.now).newest_id
    tell(desk, about="3")

    assert notification_marks.mark_all_read(desk.jane, until=seen, now=desk.now) == 2

    unread = [row.is_unread for row in notifications.page(desk.jane, now=desk.now).rows]
    assert unread == [True, False, False]


def test_choices_begin_with_the_rules_and_keep_what_was_changed(desk: Desk) -> None:
    before = {row.kind: row for row in notification_settings.start(desk.jane)}
    assert set(before) == set(NotificationKind)
    assert (before["dispute"].in_app, before["dispute"].by_email) == (True, True)
    assert not before["payment_landed"].by_email

    wanted = {
        "payment_landed": Choice(in_app=False, by_email=True),
        "undelivered": Choice(in_app=True, by_email=True),
        "made up": Choice(in_app=True, by_email=True),
    }
    for _ in range(2):
        notification_settings.save(desk.jane, wanted)

    after = {row.kind: row for row in notification_settings.start(desk.jane)}
    changed = replace(before["payment_landed"], in_app=False, by_email=True)
    assert after == before | {"payment_landed": changed}
    with reading() as connection:
        rows = connection.execute(select(notification_setting)).all()
    assert [(row.user_id, row.kind) for row in rows] == [(desk.jane.user_id, "payment_landed")]


def test_each_has_their_own_choices_of_what_they_may_hear(desk: Desk) -> None:
    someone = preparer(desk)
    offered = {row.kind for row in notification_settings.start(someone)}
    assert "exception" not in offered
    assert "job_stopped" not in offered

    notification_settings.save(
        someone,
        {
            "exception": Choice(in_app=True, by_email=True),
            "dispute": Choice(in_app=False, by_email=False),
        },
    )

    with reading() as connection:
        rows = connection.execute(select(notification_setting)).all()
    assert [(row.user_id, row.kind) for row in rows] == [(someone.user_id, "dispute")]
    tell(desk)
    assert (texts(someone, desk), len(texts(desk.jane, desk))) == ([], 1)


def test_who_hears_of_nothing_has_nothing_to_choose(desk: Desk) -> None:
    someone = desk.someone()

    assert notification_settings.start(replace(someone, rights=TeamRights())) == ()
    with pytest.raises(PermissionDenied):
        notification_settings.save(someone, {})
