"""Adding a method without paying: one page for one form, and what was saved is known once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from assure_app.billing import method_pages
from assure_app.billing.method_pages import NothingToAddTo
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import InvalidInput, NotFound
from assure_app.domain.portal_access import PaymentNotAllowed, PortalRole
from assure_app.models.tables import contact, method_page, stripe_account, stripe_customer
from tests.support.online import PayDesk

TOKEN = "one-form-token-00001"
ANOTHER = "one-form-token-00002"


def start(pay_desk: PayDesk, token: object = TOKEN, **later: timedelta) -> str:
    now = pay_desk.now + later.get("after", timedelta(0))
    return method_pages.start(pay_desk.anita, form_token=token, now=now)


def pages() -> list[dict[str, Any]]:
    with reading() as connection:
        rows = connection.execute(select(method_page).order_by(method_page.c.id)).mappings()
        return [dict(row) for row in rows]


def returned(pay_desk: PayDesk, token: object = None) -> str:
    return method_pages.returned(pay_desk.anita, token or pages()[0]["token"], now=pay_desk.now)


def test_what_is_saved_there_is_known_on_the_way_back(pay_desk: PayDesk) -> None:
    session_id = start(pay_desk).rpartition("/")[2]
    assert returned(pay_desk) == ""
    pay_desk.stripe.save_on_page(session_id)

    assert returned(pay_desk) == "Your payment method was saved."
    pay_desk.deliver()

    assert [(row["last4"], row["is_default"]) for row in pay_desk.methods()] == [("4242", True)]
    assert pay_desk.desk.rows() == []
    assert (pay_desk.exceptions(), set(pay_desk.events())) == ([], {"done"})
    assert verify() == []


def test_whoever_never_comes_back_has_saved_it_all_the_same(pay_desk: PayDesk) -> None:
    pay_desk.stripe.save_on_page(start(pay_desk).rpartition("/")[2], "us_bank_account")

    pay_desk.deliver()

    assert [row["kind"] for row in pay_desk.methods()] == ["us_bank_account"]


def test_one_form_is_one_page_and_one_customer(pay_desk: PayDesk) -> None:
    assert start(pay_desk) == start(pay_desk)
    assert start(pay_desk, ANOTHER) != start(pay_desk)

    assert len(pages()) == len(pay_desk.stripe.sessions) == 2
    assert len(pay_desk.stripe.customers) == 1


@pytest.mark.parametrize("name", ["create_customer", "create_setup_page"])
@pytest.mark.parametrize("after_acting", [False, True])
def test_a_silent_stripe_opens_one_page(
    pay_desk: PayDesk, name: str, *, after_acting: bool
) -> None:
    pay_desk.stripe.be_silent(name, after_acting=after_acting)

    with pytest.raises(StripeSilent):
        start(pay_desk)
    start(pay_desk)

    assert len(pay_desk.stripe.sessions) == len(pay_desk.stripe.customers) == 1


def test_a_form_of_yesterday_is_over(pay_desk: PayDesk) -> None:
    pay_desk.stripe.be_silent("create_setup_page")
    with pytest.raises(StripeSilent):
        start(pay_desk)

    with pytest.raises(NothingToAddTo, match="again"):
        start(pay_desk, after=timedelta(hours=24))

    assert pay_desk.stripe.sessions == {}


def test_a_customer_that_the_firm_deleted_is_made_anew(pay_desk: PayDesk) -> None:
    start(pay_desk)
    pay_desk.stripe.customers.clear()

    with pytest.raises(NothingToAddTo):
        start(pay_desk, ANOTHER)
    start(pay_desk, "one-form-token-00003")

    with reading() as connection:
        gone = connection.execute(select(stripe_customer.c.gone_at.is_(None))).scalars()
        assert sorted(gone) == [False, True]


def test_a_silent_stripe_says_so_on_the_way_back(pay_desk: PayDesk) -> None:
    pay_desk.stripe.save_on_page(start(pay_desk).rpartition("/")[2])
    pay_desk.stripe.be_silent("retrieve_checkout")

    assert returned(pay_desk).startswith("We are waiting for Stripe")


def test_a_page_that_is_not_theirs_says_nothing(pay_desk: PayDesk) -> None:
    pay_desk.stripe.save_on_page(start(pay_desk).rpartition("/")[2])
    other = replace(pay_desk.anita, client_id=pay_desk.anita.client_id + 1)
    viewer = replace(pay_desk.anita, role=PortalRole.VIEWER)
    own = pages()[0]["token"]

    tokens: tuple[object, ...] = ("", "x" * 65, "\0", "é", 7, [], "unknown")
    for token in tokens:
        assert method_pages.returned(pay_desk.anita, token, now=pay_desk.now) == ""
    assert method_pages.returned(other, own, now=pay_desk.now) == ""
    assert method_pages.returned(viewer, own, now=pay_desk.now) == ""
    assert pay_desk.methods() == []


def test_a_form_without_a_token_is_none(pay_desk: PayDesk) -> None:
    tokens: tuple[object, ...] = ("", "short", None, 7, "x" * 65)
    for token in tokens:
        with pytest.raises(InvalidInput):
            start(pay_desk, token)

    assert pages() == []


def test_who_may_not_pay_adds_nothing(pay_desk: PayDesk) -> None:
    viewer = replace(pay_desk.anita, role=PortalRole.VIEWER)
    with pytest.raises(PaymentNotAllowed):
        method_pages.start(viewer, form_token=TOKEN, now=pay_desk.now)
    with unit_of_work() as connection:
        connection.execute(update(contact).values(is_active=False))

    with pytest.raises(NotFound):
        start(pay_desk)

    assert (pages(), pay_desk.stripe.calls) == ([], [])


def test_where_nothing_can_be_paid_nothing_is_added(pay_desk: PayDesk) -> None:
    with unit_of_work() as connection:
        connection.execute(update(stripe_account).values(charges_enabled=False))

    with pytest.raises(NothingToAddTo, match="no online payments"):
        start(pay_desk)


def test_what_was_asked_cannot_change(pay_desk: PayDesk) -> None:
    start(pay_desk)

    for change in ({"customer_id": "x"}, {"token": "x"}, {"session_id": "x"}, {"contact_id": 9}):
        with pytest.raises(IntegrityError, match="R051"), unit_of_work() as connection:
            connection.execute(update(method_page).values(change))
    with pytest.raises(IntegrityError, match="R051"), unit_of_work() as connection:
        connection.execute(delete(method_page))
