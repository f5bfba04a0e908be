"""The same news told by several at once: one row and one letter for each person."""

from functools import partial

import pytest
from sqlalchemy import func, select

from assure_app.billing import notification_marks
from assure_app.billing.reading import notifications
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import mail_message, notification
from tests.billing.test_notifications import make_user, tell
from tests.concurrency.test_online_rivals import all_at_once
from tests.support.desk import Desk

RIVALS = 6


def counts() -> tuple[int, int]:
    with reading() as connection:
        return (
            connection.scalar(select(func.count()).select_from(notification)) or 0,
            connection.scalar(select(func.count()).select_from(mail_message)) or 0,
        )


@pytest.mark.parametrize("kinds_of_news", [1, 3])
def test_however_many_tell_nobody_hears_twice(desk: Desk, kinds_of_news: int) -> None:
    for _ in range(4):
        make_user(desk, is_admin=True)

    acts = [partial(tell, desk, about=f"{each % kinds_of_news}") for each in range(RIVALS)]
    outcomes = all_at_once(*acts)

    assert outcomes == {"done": RIVALS}
    assert counts() == (5 * kinds_of_news, 5 * kinds_of_news)


def test_marked_by_many_while_more_comes_in_only_what_was_seen_is_read(desk: Desk) -> None:
    for each in range(3):
        tell(desk, about=f"{each}")
    seen = notifications.page(desk.jane, now=desk.now).newest_id
    mark = partial(notification_marks.mark_all_read, desk.jane, until=seen, now=desk.now)

    outcomes = all_at_once(mark, mark, *(partial(tell, desk, about=f"new {n}") for n in range(3)))

    assert outcomes == {"done": 5}
    assert notifications.unread(desk.jane) == "3"
