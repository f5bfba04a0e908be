"""In whose account and under which key each thing is asked, and what is never written down."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from assure_app import sandbox_keys
from assure_app.settings import get_settings
from assure_app.stripe_gateway import (
    accounts,
    charges,
    checkouts,
    customers,
    events,
    payment_intents,
)
from assure_app.stripe_gateway.outcomes import Ok, Unknown
from assure_app.stripe_gateway.records import Event
from tests.support.stripe_transports import Canned, stripe_over

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def create_checkout() -> object:
    return checkouts.create_checkout(
        "acct_1",
        amount_cents=500,
        description="Invoice INV-1",
        client_reference="INV-1",
        metadata={"assure_checkout": "token-of-ours"},
        success_url="https://a.example",
        cancel_url="https://a.example",
        email="anita@patelfamily.example",
        idempotency_key="key-1",
    )


POSTS = [
    (create_checkout, "/v1/checkout/sessions", "acct_1"),
    (
        lambda: checkouts.expire_checkout("acct_1", "cs_1", idempotency_key="key-1"),
        "/v1/checkout/sessions/cs_1/expire",
        "acct_1",
    ),
    (
        lambda: customers.create_customer(
            "acct_1", name="A", email="a@b.example", metadata={}, idempotency_key="key-1"
        ),
        "/v1/customers",
        "acct_1",
    ),
    (
        lambda: accounts.create_account(email="a@b.example", metadata={}, idempotency_key="key-1"),
        "/v1/accounts",
        None,
    ),
    (
        lambda: accounts.create_account_link(
            "acct_1", return_url="https://a", refresh_url="https://b", idempotency_key="key-1"
        ),
        "/v1/account_links",
        None,
    ),
]
GETS = [
    (lambda: checkouts.retrieve_checkout("acct_1", "cs_1"), "/v1/checkout/sessions/cs_1", "acct_1"),
    (lambda: charges.retrieve_charge("acct_1", "ch_1"), "/v1/charges/ch_1", "acct_1"),
    (lambda: charges.list_charges("acct_1", "pi_1"), "/v1/charges", "acct_1"),
    (
        lambda: payment_intents.retrieve_payment_intent("acct_1", "pi_1"),
        "/v1/payment_intents/pi_1",
        "acct_1",
    ),
    (lambda: events.list_events("acct_1", since=NOON), "/v1/events", "acct_1"),
    (lambda: events.list_events(None, since=NOON), "/v1/events", None),
    (lambda: accounts.retrieve_account("acct_1"), "/v1/accounts/acct_1", None),
]


@pytest.mark.parametrize(("act", "path", "account_id"), POSTS)
def test_what_changes_something_goes_under_our_own_key(
    canned: Canned, act: Callable[[], object], path: str, account_id: str | None
) -> None:
    act()

    (sent,) = canned.sent
    assert (sent.method, sent.path) == ("post", path)
    assert sent.headers["Idempotency-Key"] == "key-1"
    assert sent.headers.get("Stripe-Account") == account_id
    assert sent.headers["Stripe-Version"] == "2026-10-28.endive"


@pytest.mark.parametrize(("act", "path", "account_id"), GETS)
def test_what_only_looks_says_whose_it_is(
    canned: Canned, act: Callable[[], object], path: str, account_id: str | None
) -> None:
    act()

    (sent,) = canned.sent
    assert (sent.method, sent.path) == ("get", path)
    assert "Idempotency-Key" not in sent.headers
    assert sent.headers.get("Stripe-Account") == account_id


def test_the_sandbox_is_asked_with_its_own_key(canned: Canned) -> None:
    charges.retrieve_charge("acct_1", "ch_1")

    keys = sandbox_keys.read(get_settings())
    (sent,) = canned.sent
    assert sent.headers["Authorization"] == f"Bearer {keys.secret_key}"
    assert sent.params == {"expand[0]": "balance_transaction"}


def test_no_key_and_nothing_of_a_client_is_logged(
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stripe._util.STRIPE_LOG", "debug")

    with caplog.at_level(logging.DEBUG), stripe_over(Canned()):
        create_checkout()

    keys = sandbox_keys.read(get_settings())
    written = caplog.text + "".join(capsys.readouterr())
    assert "anita" not in written
    assert "token-of-ours" not in written
    assert keys.secret_key not in written


def event(number: int, kind: str = "charge.succeeded") -> dict[str, object]:
    return {
        "id": f"evt_{number}",
        "object": "event",
        "type": kind,
        "created": 1_795_176_000 + number,
        "livemode": False,
        "data": {"object": {"id": f"ch_{number}", "object": "charge"}},
    }


def test_events_come_from_every_page_the_oldest_first(canned: Canned) -> None:
    canned.answers(
        {"data": [event(3), event(2, "payout.paid")], "has_more": True},
        {"data": [event(1)], "has_more": False},
    )

    outcome = events.list_events("acct_1", since=NOON, types=["charge.succeeded"])

    assert isinstance(outcome, Ok)
    assert [each.id for each in outcome.value] == ["evt_1", "evt_3"]
    assert outcome.value[0] == Event(
        id="evt_1",
        account_id="acct_1",
        type="charge.succeeded",
        object_id="ch_1",
        object_kind="charge",
        is_live=False,
        created_at=datetime(2026, 11, 20, 12, 0, 1, tzinfo=UTC),
    )
    assert [each.params for each in canned.sent] == [
        {"limit": "100", "created[gte]": "1795176000", "types[0]": "charge.succeeded"},
        {
            "limit": "100",
            "created[gte]": "1795176000",
            "types[0]": "charge.succeeded",
            "starting_after": "evt_2",
        },
    ]


def test_a_page_that_fails_leaves_all_of_them_unknown(canned: Canned) -> None:
    canned.answers({"data": [event(3)], "has_more": True}, {"data": [event(2)]})

    assert events.list_events("acct_1", since=NOON) == Unknown(reason="malformed")


def test_a_list_that_never_ends_does(canned: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_PAGES", 3)
    canned.answers({"data": [event(1)], "has_more": True})

    outcome = events.list_events("acct_1", since=NOON)

    assert isinstance(outcome, Ok)
    assert len(outcome.value) == len(canned.sent) == 3
