"""Onboarding: an account that may charge, one that is left for later, a link that is spent."""

import pytest
import stripe

from tests.support.hosted_pages import HostedPages

TYPED = {
    "kind": "company",
    "representative": "Olga Marin",
    "routing": "110000000",
    "account": "000123456789",
    "terms": "yes",
    "act": "submit",
}


@pytest.fixture
def account(pages: HostedPages) -> stripe.Account:
    return pages.local.client.v1.accounts.create({"business_profile": {"name": "Bright & Co"}})


@pytest.fixture
def path(pages: HostedPages, account: stripe.Account) -> str:
    link = pages.local.client.v1.account_links.create(
        {
            "account": account.id,
            "type": "account_onboarding",
            "return_url": "http://127.0.0.1:8000/back",
            "refresh_url": "http://127.0.0.1:8000/again",
        }
    )
    return link.url.removeprefix("http://127.0.0.1:8001")


def may_charge(pages: HostedPages, account: stripe.Account) -> bool:
    return bool(pages.local.client.v1.accounts.retrieve(account.id).charges_enabled)


def test_the_form_activates_the_account(
    pages: HostedPages, account: stripe.Account, path: str
) -> None:
    page = pages.get(path)

    answer = pages.send(page, path, **TYPED)

    assert "Bright &amp; Co" in page.text
    assert (answer.status_code, answer.headers["Location"]) == (303, "http://127.0.0.1:8000/back")
    assert may_charge(pages, account)


def test_left_for_later_it_stays_restricted_and_the_link_good(
    pages: HostedPages, account: stripe.Account, path: str
) -> None:
    answer = pages.send(pages.get(path), path, act="later")

    assert answer.headers["Location"] == "http://127.0.0.1:8000/back"
    assert not may_charge(pages, account)
    assert pages.get(path).status_code == 200


def test_a_spent_link_leads_to_where_another_is_given_out(
    pages: HostedPages, account: stripe.Account, path: str
) -> None:
    page = pages.get(path)
    pages.local.sandbox.advance(300)

    for answer in (pages.get(path), pages.send(page, path, **TYPED)):
        assert (answer.status_code, answer.headers["Location"]) == (
            303,
            "http://127.0.0.1:8000/again",
        )
    assert not may_charge(pages, account)


@pytest.mark.parametrize(
    ("typed", "name", "sentence"),
    [
        ({"routing": "1"}, "routing", "In test mode the routing number is 110000000."),
        ({"account": ""}, "account", "Enter the account number."),
        ({"terms": ""}, "terms", "Agree to the terms to go on."),
    ],
)
def test_what_is_missing_is_told_beside_its_field(
    pages: HostedPages,
    path: str,
    typed: dict[str, str],
    name: str,
    sentence: str,
) -> None:
    answer = pages.send(pages.get(path), path, **(TYPED | typed))

    assert answer.status_code == 422
    assert f'<p class="error" id="{name}-error">{sentence}</p>' in answer.text
    assert 'value="Olga Marin"' in answer.text
    assert pages.get(path).status_code == 200


def test_a_link_fills_in_an_example(pages: HostedPages, path: str) -> None:
    assert 'value="Jane Chen"' in pages.get(f"{path}?try=example").text


def test_a_guess_finds_no_form(pages: HostedPages) -> None:
    assert pages.get("/connect/made-up").status_code == 404
