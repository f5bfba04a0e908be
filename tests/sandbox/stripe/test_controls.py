"""The controls: for whoever knows the token, and only for what they are meant to do."""

from collections.abc import AsyncIterator

import httpx
import pytest
import stripe

from assure_app.sandbox.stripe import acts
from tests.support.stripe_sandbox import KEYS, LocalStripe


@pytest.fixture
async def control(local: LocalStripe) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {KEYS.control_token}"}
    way = httpx.ASGITransport(local.app)
    async with httpx.AsyncClient(
        transport=way, base_url="http://127.0.0.1:8001/_sandbox", headers=headers
    ) as opened:
        yield opened


async def test_without_the_token_nothing_is_done(
    local: LocalStripe, control: httpx.AsyncClient
) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer guess"}):
        answer = await control.post("/advance", json={"seconds": 5}, headers=headers)
        assert answer.status_code == 401
    assert local.sandbox.advanced_seconds == 0


@pytest.mark.parametrize(
    ("act", "given", "status"),
    [
        ("nothing", {}, 404),
        ("advance", {}, 400),
        ("advance", {"seconds": "5"}, 400),
        ("advance", {"seconds": -1}, 400),
        ("advance", {"seconds": 10**12}, 400),
        ("advance", {"seconds": 5, "more": 1}, 400),
        ("advance", [], 400),
        ("settle", {"charge": "ch_none"}, 404),
        ("refund", {"charge": "ch_none"}, 404),
        ("refund", {"charge": "ch_none", "amount": -1}, 400),
        ("refund", {"charge": "ch_none", "reason": "because"}, 400),
        ("fault", {"kind": "earthquake"}, 400),
        ("fault", {"kind": "error", "value": 200}, 400),
        ("advance", {"seconds": "5" * 20_000}, 413),
    ],
)
async def test_what_makes_no_sense_is_refused(
    control: httpx.AsyncClient, act: str, given: object, status: int
) -> None:
    answer = await control.post(f"/{act}", json=given)

    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_a_session_is_paid_and_its_debit_settled_over_http(
    local: LocalStripe, control: httpx.AsyncClient
) -> None:
    session = local.checkout()

    paid = await control.post(
        "/pay", json={"session": session.id, "method": "pm_usBankAccount_success"}
    )
    charge = local.charges(session.id)[0]
    settled = await control.post("/settle", json={"charge": charge.id})
    advanced = await control.post("/advance", json={"seconds": 86_400})

    assert paid.json()["outcome"] == "finished"
    assert settled.json()["status"] == "succeeded"
    assert advanced.json() == {"now": int(local.sandbox.time())}
    assert (await control.post("/settle", json={"charge": charge.id})).status_code == 400


def test_a_call_may_be_done_and_yet_never_be_answered_in_time(local: LocalStripe) -> None:
    acts.plan_fault(local.sandbox, kind="time_out", value=0.2, path="/v1/customers")
    keyed: stripe.RequestOptions = {**local.account, "idempotency_key": "one"}

    first = local.client.v1.customers.create({"name": "A"}, keyed)
    again = local.client.v1.customers.create({"name": "A"}, keyed)

    assert again.id == first.id


def test_an_answer_can_be_lost_after_the_act_and_found_again_by_its_key(
    local: LocalStripe,
) -> None:
    acts.plan_fault(local.sandbox, kind="lost", value=502, path="/v1/customers")
    keyed: stripe.RequestOptions = {**local.account, "idempotency_key": "one"}

    with pytest.raises(stripe.APIError) as lost:
        local.client.v1.customers.create({"name": "A"}, keyed)
    again = local.client.v1.customers.create({"name": "A"}, keyed)

    assert lost.value.http_status == 502
    (kept,) = local.client.v1.customers.list({}, local.account).data
    assert again.id == kept.id


def test_an_error_after_the_act_is_all_that_its_key_will_ever_tell(local: LocalStripe) -> None:
    acts.plan_fault(local.sandbox, kind="error_after", value=500, path="/v1/customers")
    keyed: stripe.RequestOptions = {**local.account, "idempotency_key": "one"}

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            local.client.v1.customers.create({"name": "A"}, keyed)

    assert len(local.client.v1.customers.list({}, local.account).data) == 1


def test_faults_meet_the_calls_they_are_meant_for_and_can_be_taken_back(
    local: LocalStripe,
) -> None:
    acts.plan_fault(local.sandbox, kind="error", value=503, count=2, path="/v1/charges")

    local.client.v1.customers.list({}, local.account)
    with pytest.raises(stripe.APIError) as refused:
        local.client.v1.charges.list({}, local.account)
    acts.reset_faults(local.sandbox)
    local.client.v1.charges.list({}, local.account)

    assert refused.value.http_status == 503


def test_a_deauthorized_account_is_out_of_reach(local: LocalStripe) -> None:
    acts.deauthorize(local.sandbox, account="acct_1ChenAdvisory")

    with pytest.raises(stripe.PermissionError):
        local.client.v1.charges.list({}, local.account)
    with pytest.raises(stripe.PermissionError):
        local.client.v1.accounts.retrieve("acct_1ChenAdvisory")
    assert [each.event_type for each in local.sandbox.deliveries()] == [
        "account.application.deauthorized"
    ]
