"""What the card of saved methods says: names, and never a number; words, and never colour alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from assure_app.billing import method_books
from assure_app.billing.reading.portal_home import portal_home
from assure_app.billing.reading.portal_invoice import portal_invoice
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.portal_access import PortalPerson, PortalRole
from assure_app.models.tables import stripe_account
from tests.support.fake_stripe import CHEN
from tests.support.online import PayDesk


def save(pay_desk: PayDesk, *kinds: str) -> None:
    for kind in kinds:
        pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice(), saves=True), method=kind)
    pay_desk.deliver()


def shown(pay_desk: PayDesk, now: datetime | None = None) -> list[tuple[str, str, bool]]:
    home = portal_home(pay_desk.anita, now=now or pay_desk.now)
    return [(row.name, row.state, row.can_be_default) for row in home.methods]


def names(pay_desk: PayDesk) -> str:
    """What the page of an invoice says can be chosen."""
    person = PortalPerson(session_id=1, email="anita@x.example", contacts=(pay_desk.anita,))
    token = pay_desk.pay_token(pay_desk.invoice())
    return portal_invoice(person, token, now=pay_desk.now)[1].saved


def test_before_anything_is_saved_the_card_says_so(pay_desk: PayDesk) -> None:
    home = portal_home(pay_desk.anita, now=pay_desk.now)

    assert (home.shows_methods, home.methods) == (True, ())
    assert names(pay_desk) == ""


@pytest.mark.parametrize(
    ("day", "word"),
    [
        (datetime(2030, 2, 1, tzinfo=UTC), ""),
        (datetime(2030, 4, 30, 23, tzinfo=UTC), "Expires soon"),
        (datetime(2030, 5, 2, tzinfo=UTC), "Expired"),
    ],
)
def test_a_card_says_when_it_does_not_last(pay_desk: PayDesk, day: datetime, word: str) -> None:
    save(pay_desk, "card")

    assert shown(pay_desk, day) == [("Visa •••• 4242", word, False)]


def test_the_default_comes_first_then_the_newest(pay_desk: PayDesk) -> None:
    save(pay_desk, "card", "us_bank_account", "card")

    home = portal_home(pay_desk.anita, now=pay_desk.now)

    assert [(row.id, row.kind, row.is_default) for row in home.methods] == [
        (1, "card", True),
        (3, "card", False),
        (2, "bank", False),
    ]
    assert names(pay_desk) == "Visa •••• 4242, Visa •••• 4242 and 1 more"


def test_what_is_disabled_says_why_and_is_not_offered(pay_desk: PayDesk) -> None:
    save(pay_desk, "us_bank_account", "card")
    (method_id, _) = pay_desk.stripe.methods
    with unit_of_work() as connection:
        method_books.disable(
            connection, account_id=CHEN, method_id=method_id, reason="Why.", now=pay_desk.now
        )

    home = portal_home(pay_desk.anita, now=pay_desk.now)

    assert [(row.state, row.why, row.can_be_default) for row in home.methods] == [
        ("", "", False),
        ("Disabled", "Why.", False),
    ]
    assert names(pay_desk) == "Visa •••• 4242"


def test_where_nothing_can_be_paid_an_empty_card_is_not_shown(pay_desk: PayDesk) -> None:
    with unit_of_work() as connection:
        connection.execute(update(stripe_account).values(charges_enabled=False))

    assert not portal_home(pay_desk.anita, now=pay_desk.now).shows_methods


def test_who_may_only_look_and_another_client_see_nothing(pay_desk: PayDesk) -> None:
    save(pay_desk, "card")

    for viewer in (
        replace(pay_desk.anita, role=PortalRole.VIEWER),
        replace(pay_desk.anita, client_id=pay_desk.anita.client_id + 1),
    ):
        assert portal_home(viewer, now=pay_desk.now).methods == ()
