"""Owners who act on each other at once: one stays (R135)."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from assure_app.billing import members
from assure_app.billing.reading.settings_rows import MemberForm
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Principal
from assure_app.models.tables import firm_user
from tests.auth.people import make_person
from tests.support.desk import Desk

OWNER, MEMBER = MemberForm(name="x", role="Owner"), MemberForm(name="x", role="Member")


@pytest.mark.parametrize("how", ["demote", "deactivate"])
def test_of_two_owners_who_turn_on_each_other_one_stays(desk: Desk, how: str) -> None:
    jane = replace(desk.jane, user_id=owner(desk, "one"))
    olga = replace(desk.jane, user_id=owner(desk, "two"))
    members.set_active(jane, desk.jane.user_id, is_active=False, now=desk.now)
    barrier, outcomes = threading.Barrier(2), []

    def act(actor: Principal, other: Principal) -> None:
        barrier.wait()
        try:
            turn_on(how, actor, other, desk.now)
        except BillingError as refusal:
            outcomes.append(type(refusal).__name__)
        else:
            outcomes.append("done")

    threads = [threading.Thread(target=act, args=pair) for pair in ((jane, olga), (olga, jane))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["PermissionDenied", "done"]
    assert active_owners(desk) == 1


def owner(desk: Desk, name: str) -> int:
    email = f"{name}@chenadvisory.example"
    return make_person(email, firm_id=desk.jane.firm_id, name="x", is_owner=True)


def turn_on(how: str, actor: Principal, other: Principal, now: Any) -> None:
    if how == "demote":
        members.change(actor, other.user_id, before=OWNER, after=MEMBER, now=now)
    else:
        members.set_active(actor, other.user_id, is_active=False, now=now)


def active_owners(desk: Desk) -> int:
    wanted = select(func.count()).where(
        firm_user.c.firm_id == desk.jane.firm_id, firm_user.c.is_owner, firm_user.c.is_active
    )
    with reading() as connection:
        return int(connection.scalar(wanted) or 0)
