"""The Checkout page for a customer who saved something: offered again, paid with, declined."""

from typing import Any

import pytest
import stripe

from tests.support.hosted_pages import HostedPages
from tests.support.stripe_sandbox import LocalStripe

ANY = ["always", "limited", "unspecified"]


def customer(local: LocalStripe) -> str:
    return local.client.v1.customers.create(
        {"name": "Patel Family", "email": "anita@patelfamily.example"}, local.account
    ).id


def open_page(
    local: LocalStripe, customer_id: str, *, saves: bool = False, shown: list[str] | None = None
) -> stripe.checkout.Session:
    """A page of the customer's, as the product asks for it."""
    more: dict[str, Any] = {"customer": customer_id}
    if shown:
        more["saved_payment_method_options"] = {"allow_redisplay_filters": shown}
    if saves:
        more["payment_intent_data"] = {"setup_future_usage": "off_session"}
    return local.checkout(12_300, **more)


def saved(pages: HostedPages, customer_id: str, method: str = "pm_card_visa") -> str:
    """The customer pays once and what they pay with is saved; its id."""
    session = open_page(pages.local, customer_id, saves=True)
    pages.local.pay(session.id, method)
    known = pages.local.client.v1.payment_methods.list(
        {"customer": customer_id}, pages.local.account
    )
    return known.data[0].id


@pytest.mark.parametrize(("shown", "is_offered"), [(None, False), (["always"], False), (ANY, True)])
def test_what_was_saved_while_paying_is_offered_only_when_asked_for(
    pages: HostedPages, shown: list[str] | None, is_offered: bool
) -> None:
    customer_id = customer(pages.local)
    method_id = saved(pages, customer_id)

    text = pages.get(str(open_page(pages.local, customer_id, shown=shown).url)).text

    assert (
        f'value="{method_id}" checked><span>Visa •••• 4242 (saved)</span>' in text
    ) is is_offered


def test_with_it_nothing_need_be_typed(pages: HostedPages) -> None:
    customer_id = customer(pages.local)
    method_id = saved(pages, customer_id)
    session = open_page(pages.local, customer_id, shown=ANY)
    path = f"/checkout/{session.id}"

    answer = pages.send(pages.get(path), path, method=method_id)

    assert answer.status_code == 303
    (charge,) = pages.local.charges(session.id)
    assert (charge.status, charge.payment_method, charge.customer) == (
        "succeeded",
        method_id,
        customer_id,
    )


def test_a_saved_one_that_is_declined_says_so_where_another_can_be_typed(
    pages: HostedPages,
) -> None:
    customer_id = customer(pages.local)
    method_id = saved(pages, customer_id)
    with pages.local.sandbox.at("acct_1ChenAdvisory") as partition:
        method = partition.get("payment_method", method_id)
        partition.save(method, _behaviour="pm_card_chargeDeclinedInsufficientFunds")
    session = open_page(pages.local, customer_id, shown=ANY)
    path = f"/checkout/{session.id}"

    answer = pages.send(pages.get(path), path, method=method_id)

    assert answer.status_code == 422
    assert '<p class="error" id="number-error">Your card has insufficient funds.</p>' in answer.text
    assert 'name="method" value="card" checked' in answer.text


def test_what_is_anothers_is_neither_offered_nor_taken(pages: HostedPages) -> None:
    method_id = saved(pages, customer(pages.local))
    session = open_page(pages.local, customer(pages.local), shown=ANY)
    path = f"/checkout/{session.id}"

    page = pages.get(path)
    answer = pages.send(page, path, method=method_id)

    assert "(saved)" not in page.text
    assert answer.status_code == 422
    assert (
        pages.local.client.v1.checkout.sessions.retrieve(
            session.id, None, pages.local.account
        ).status
        == "open"
    )
