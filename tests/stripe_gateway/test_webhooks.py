"""Only what Stripe signed, just so and just now, is an event."""

import json
import time
from collections.abc import Callable

import pytest
import stripe

from assure_app import sandbox_keys
from assure_app.settings import get_settings
from assure_app.stripe_gateway import webhooks
from assure_app.stripe_gateway.records import Event
from assure_app.stripe_gateway.webhooks import BadSignature, verify_webhook

SECRET = "whsec_of_ours"
OF_A_FIRM = {
    "id": "evt_1",
    "object": "event",
    "account": "acct_1",
    "type": "charge.succeeded",
    "created": 1_795_176_000,
    "livemode": False,
    "data": {"object": {"id": "ch_1", "object": "charge", "amount": 1}},
}
BODY = json.dumps(OF_A_FIRM)


def signed(body: str, *, secret: str = SECRET, age_seconds: int = 0) -> str:
    at = int(time.time()) - age_seconds
    return str(stripe.WebhookSignature.generate_signature_header(body, secret, at))


def test_an_event_of_a_firm_names_its_account() -> None:
    event = verify_webhook(BODY.encode(), signed(BODY), [SECRET])

    assert isinstance(event, Event)
    assert (event.id, event.account_id, event.type) == ("evt_1", "acct_1", "charge.succeeded")
    assert (event.object_id, event.object_kind, event.is_live) == ("ch_1", "charge", False)


def test_an_event_of_our_own_account_names_none() -> None:
    body = json.dumps({name: value for name, value in OF_A_FIRM.items() if name != "account"})

    assert verify_webhook(body.encode(), signed(body), [SECRET]).account_id is None


def test_either_of_two_secrets_will_do() -> None:
    assert verify_webhook(BODY.encode(), signed(BODY), ["whsec_other", SECRET]).id == "evt_1"


def test_a_thing_without_an_id_is_named_by_its_kind_alone() -> None:
    body = json.dumps(OF_A_FIRM | {"data": {"object": {"object": "balance"}}})

    event = verify_webhook(body.encode(), signed(body), [SECRET])

    assert (event.object_id, event.object_kind) == ("", "balance")


def test_it_may_be_five_minutes_old() -> None:
    assert verify_webhook(BODY.encode(), signed(BODY, age_seconds=290), [SECRET]).id == "evt_1"

    with pytest.raises(BadSignature):
        verify_webhook(BODY.encode(), signed(BODY, age_seconds=310), [SECRET])


@pytest.mark.parametrize(
    "make_signature",
    [
        lambda: "",
        lambda: "nonsense",
        lambda: "t=,v1=",
        lambda: "t=1",
        lambda: "v1=aa",
        lambda: "t=now,v1=aa",
        lambda: f"t={'9' * 5_000},v1=aa",
        lambda: f"t={int(time.time())},v1=",
        lambda: f"t={int(time.time())},v1=ü",
        lambda: signed(BODY).replace("v1=", "v0="),
        lambda: signed(BODY)[:-1],
        lambda: signed(BODY, secret="whsec_of_others"),
        lambda: signed(BODY + " "),
    ],
)
def test_a_signature_that_is_not_stripes_is_refused(make_signature: Callable[[], str]) -> None:
    # Made only now: one made while the tests were collected could be refused for its age alone.
    signature = make_signature()

    with pytest.raises(BadSignature):
        verify_webhook(BODY.encode(), signature, [SECRET])


def test_a_body_that_was_touched_is_refused() -> None:
    good = signed(BODY)

    with pytest.raises(BadSignature):
        verify_webhook(BODY.replace("acct_1", "acct_2").encode(), good, [SECRET])
    with pytest.raises(BadSignature):
        verify_webhook(BODY.encode()[:-1], good, [SECRET])
    with pytest.raises(BadSignature):
        verify_webhook(b"\xff" + BODY.encode(), good, [SECRET])


@pytest.mark.parametrize("secrets", [[], [""], ["   "]])
def test_without_a_secret_nothing_is_stripes(secrets: list[str]) -> None:
    with pytest.raises(BadSignature):
        verify_webhook(BODY.encode(), signed(BODY, secret=(secrets or [""])[0]), secrets)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "7",
        "{}",
        "[" * 100_000,
        json.dumps(OF_A_FIRM | {"object": "v2.core.event"}),
        json.dumps(OF_A_FIRM | {"id": 7}),
        json.dumps(OF_A_FIRM | {"id": ""}),
        json.dumps(OF_A_FIRM | {"type": None}),
        json.dumps(OF_A_FIRM | {"account": ["acct_1"]}),
        json.dumps(OF_A_FIRM | {"livemode": "no"}),
        json.dumps(OF_A_FIRM | {"created": "now"}),
        json.dumps(OF_A_FIRM | {"data": {"object": {"id": 7}}}),
    ],
)
def test_what_is_signed_but_no_event_is_refused(body: str) -> None:
    with pytest.raises(BadSignature):
        verify_webhook(body.encode(), signed(body), [SECRET])


def test_the_secrets_are_the_sandboxs_or_those_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = sandbox_keys.read(get_settings())
    assert webhooks.secrets() == (keys.webhook_secret,)

    get_settings.cache_clear()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_1")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_1,whsec_2")
    found = webhooks.secrets()
    get_settings.cache_clear()

    assert found == ("whsec_1", "whsec_2")
