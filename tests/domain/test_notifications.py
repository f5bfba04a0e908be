"""The rules of notifications: who may hear, what the bell counts, how long they are kept."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from assure_app.domain.notifications import (
    KEPT_READ,
    KEPT_UNREAD,
    RULES,
    MailedTo,
    NotificationKind,
    age_text,
    count_text,
    forget_at,
    is_mailed_by_default,
    kinds_for,
    may_hear,
)
from assure_app.domain.permissions import Permission, Principal, TeamRights

MOMENT = datetime(2026, 5, 22, 15, tzinfo=UTC)


@some.composite
def principals(draw: some.DrawFn) -> Principal:
    return Principal(
        session_id=0,
        user_id=1,
        firm_id=1,
        name="",
        email="",
        is_owner=draw(some.booleans()),
        is_admin=draw(some.booleans()),
        is_stripe_admin=draw(some.booleans()),
        rights=TeamRights(
            view_billing=draw(some.booleans()),
            edit_billing=draw(some.booleans()),
            all_clients=draw(some.booleans()),
        ),
    )


@given(principals())
def test_nobody_without_view_billing_hears_of_anything(principal: Principal) -> None:
    heard = set(kinds_for(principal))

    assert bool(heard) == principal.has(Permission.VIEW_BILLING)
    assert heard == {kind for kind in NotificationKind if may_hear(principal, kind)}
    assert (NotificationKind.JOB_STOPPED in heard) == principal.has(Permission.EDIT_BILLING)
    leads = principal.is_owner or principal.is_admin
    may_settle = principal.has(Permission.EDIT_BILLING) and (leads or principal.is_stripe_admin)
    assert (NotificationKind.EXCEPTION in heard) == may_settle


def test_every_kind_has_a_rule_in_the_words_of_the_settings() -> None:
    assert set(RULES) == set(NotificationKind)
    assert len({rule.label for rule in RULES.values()}) == len(RULES)


@pytest.mark.parametrize("kind", NotificationKind)
@pytest.mark.parametrize("leads", [False, True])
def test_mail_by_default_is_for_whom_the_rule_says(kind: NotificationKind, leads: bool) -> None:
    expected = {MailedTo.NOBODY: False, MailedTo.LEADS: leads, MailedTo.EVERYBODY: True}

    assert is_mailed_by_default(kind, leads=leads) == expected[RULES[kind].mailed_to]


@pytest.mark.parametrize(
    ("unread", "text"), [(-1, ""), (0, ""), (1, "1"), (99, "99"), (100, "99+"), (10**6, "99+")]
)
def test_the_bell_counts_to_99(unread: int, text: str) -> None:
    assert count_text(unread) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((-5, "just now"), (0, "just now"), (59, "just now")),
        *((60, "1 min ago"), (3599, "59 min ago")),
        *((3600, "1 h ago"), (86_399, "23 h ago"), (86_400, "")),
    ],
)
def test_an_age_is_said_in_whole_units(seconds: int, text: str) -> None:
    assert age_text(timedelta(seconds=seconds)) == text


@given(some.integers(0, 800))
def test_reading_never_keeps_it_longer(days: int) -> None:
    read_at = MOMENT + timedelta(days=days)

    kept_until = forget_at(told_at=MOMENT, read_at=read_at)

    assert kept_until == min(MOMENT + KEPT_UNREAD, read_at + KEPT_READ)
    assert kept_until <= forget_at(told_at=MOMENT)
