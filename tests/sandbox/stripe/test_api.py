"""The API's own rules: keys, accounts, parameters, idempotency, lists, expansion, errors."""

import threading
from collections.abc import Callable

import pytest
import stripe

from assure_app.sandbox.stripe import acts
from tests.support.stripe_sandbox import CHEN, NORTHSIDE, LocalStripe, local_stripe


def keyed(local: LocalStripe, key: str) -> stripe.RequestOptions:
    return {**local.account, "idempotency_key": key}


def refusal(act: Callable[[], object]) -> stripe.StripeError:
    with pytest.raises(stripe.StripeError) as refused:
        act()
    return refused.value


def code_of(refused: stripe.StripeError) -> str | None:
    return refused.error.code if refused.error else None


def test_a_wrong_key_and_a_foreign_account_are_turned_away(local: LocalStripe) -> None:
    customers = local.client.v1.customers

    wrong = refusal(lambda: customers.list({}, {"api_key": "sk_test_other"}))
    foreign = refusal(lambda: customers.list({}, {"stripe_account": "acct_1Nobody"}))

    assert isinstance(wrong, stripe.AuthenticationError)
    assert isinstance(foreign, stripe.PermissionError)
    assert (foreign.http_status, code_of(foreign)) == (403, "account_invalid")
    assert (foreign.request_id or "").startswith("req_")


def test_accounts_do_not_see_each_others_objects(local: LocalStripe) -> None:
    customer = local.client.v1.customers.create({"name": "Anita"}, local.account)

    unseen = refusal(
        lambda: local.client.v1.customers.retrieve(customer.id, None, {"stripe_account": NORTHSIDE})
    )

    assert (unseen.http_status, code_of(unseen)) == (404, "resource_missing")
    assert local.client.v1.customers.list({}, {"stripe_account": NORTHSIDE}).data == []
    assert local.client.v1.customers.list({}).data == []


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
        ({"metadata": {"a": "1"}, "colour": "red"}, "parameter_unknown", "colour"),
        ({"amount": "ten"}, "parameter_invalid_integer", "amount"),
        ({"currency": ""}, "parameter_missing", "currency"),
    ],
)
def test_what_an_endpoint_does_not_take_is_refused(
    local: LocalStripe, params: dict[str, object], code: str, param: str
) -> None:
    given = {"amount": 500, "currency": "usd"} | params

    refused = refusal(
        lambda: local.client.v1.payment_intents.create(given, local.account)  # type: ignore[arg-type]
    )

    assert refused.error is not None
    assert (refused.http_status, refused.error.code, refused.error.param) == (400, code, param)
    assert local.event_types() == []


def test_a_key_gives_its_first_result_again_and_takes_no_other_parameters(
    local: LocalStripe,
) -> None:
    create = local.client.v1.customers.create

    first = create({"name": "Anita"}, keyed(local, "one"))
    again = create({"name": "Anita"}, keyed(local, "one"))
    other = refusal(lambda: create({"name": "Ravi"}, keyed(local, "one")))
    elsewhere = create({"name": "Ravi"}, {"stripe_account": NORTHSIDE, "idempotency_key": "one"})

    assert again.id == first.id
    assert again.last_response is not None
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert isinstance(other, stripe.IdempotencyError)
    assert elsewhere.id != first.id
    assert len(local.client.v1.customers.list({}, local.account).data) == 1


def test_a_decline_and_a_500_are_kept_but_a_refused_parameter_is_not(local: LocalStripe) -> None:
    declined = {"amount": 500, "currency": "usd", "confirm": True}
    declined["payment_method"] = "pm_card_visa_chargeDeclined"
    create = local.client.v1.payment_intents.create
    customers = local.client.v1.customers

    first = refusal(lambda: create(declined, keyed(local, "decline")))  # type: ignore[arg-type]
    again = refusal(lambda: create(declined, keyed(local, "decline")))  # type: ignore[arg-type]
    refusal(lambda: customers.create({"colour": "red"}, keyed(local, "typo")))  # type: ignore[arg-type]
    acts.plan_fault(local.sandbox, kind="error", value=500, path="/v1/customers")
    broken = [
        refusal(lambda: customers.create({"name": "A"}, keyed(local, "500"))).http_status
        for _ in range(2)
    ]

    assert isinstance(first, stripe.CardError)
    assert isinstance(again, stripe.CardError)
    assert len(local.client.v1.charges.list({}, local.account).data) == 1
    assert customers.create({"name": "A"}, keyed(local, "typo")).name == "A"
    assert broken == [500, 500]


def test_a_429_is_not_kept(local: LocalStripe) -> None:
    acts.plan_fault(local.sandbox, kind="error", value=429, path="/v1/customers")
    create = local.client.v1.customers.create

    refused = refusal(lambda: create({"name": "A"}, keyed(local, "busy")))

    assert isinstance(refused, stripe.RateLimitError)
    assert create({"name": "A"}, keyed(local, "busy")).name == "A"


def test_a_key_under_way_is_not_taken_a_second_time(local: LocalStripe) -> None:
    acts.plan_fault(local.sandbox, kind="slow", value=0.3, path="/v1/customers")
    outcomes: list[object] = []
    both = threading.Barrier(2)

    def create() -> None:
        both.wait()
        try:
            outcomes.append(local.client.v1.customers.create({"name": "A"}, keyed(local, "same")))
        except stripe.StripeError as error:
            outcomes.append((error.http_status, code_of(error)))

    threads = [threading.Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (409, "idempotency_key_in_use") in outcomes
    assert len(local.client.v1.customers.list({}, local.account).data) == 1


def test_a_list_is_given_a_page_at_a_time_the_newest_first(local: LocalStripe) -> None:
    customers = local.client.v1.customers
    made = [customers.create({"name": str(number)}, local.account).id for number in range(5)]
    newest = made[::-1]

    first = customers.list({"limit": 2}, local.account)
    second = customers.list({"limit": 2, "starting_after": first.data[-1].id}, local.account)
    back = customers.list({"limit": 2, "ending_before": newest[3]}, local.account)

    assert ([each.id for each in first.data], first.has_more) == (newest[:2], True)
    assert [each.id for each in second.data] == newest[2:4]
    assert [each.id for each in back.data] == newest[1:3]
    everything = customers.list({"limit": 2}, local.account).auto_paging_iter()
    assert [each.id for each in everything] == newest


def test_events_are_listed_by_type_and_time_for_thirty_days(local: LocalStripe) -> None:
    local.paid()
    events = local.client.v1.events

    by_types = events.list(
        {"types": ["charge.succeeded", "payment_intent.succeeded"]}, local.account
    )
    by_pattern = events.list({"type": "payment_intent.*"}, local.account)
    future = events.list({"created": {"gte": int(local.sandbox.time()) + 1}}, local.account)

    assert [each.type for each in by_types.data] == ["payment_intent.succeeded", "charge.succeeded"]
    assert len(by_pattern.data) == 2
    assert by_types.data[0].account == CHEN
    assert future.data == []
    local.sandbox.advance(31 * 86_400)
    kept = {event.type for event in events.list({"limit": 100}, local.account).data}
    assert "payment_intent.succeeded" not in kept


def test_expansion_goes_deep_and_refuses_what_leads_nowhere(local: LocalStripe) -> None:
    charge = local.paid()
    local.sandbox.advance(1)
    intents = local.client.v1.payment_intents

    intent = intents.retrieve(
        str(charge.payment_intent),
        {"expand": ["latest_charge.balance_transaction", "payment_method"]},
        local.account,
    )

    assert isinstance(intent.latest_charge, stripe.Charge)
    assert isinstance(intent.latest_charge.balance_transaction, stripe.BalanceTransaction)
    assert isinstance(intent.payment_method, stripe.PaymentMethod)
    nowhere = refusal(lambda: intents.retrieve(intent.id, {"expand": ["colour"]}, local.account))
    assert "cannot be expanded" in str(nowhere)


def test_an_unknown_address_is_told_as_stripe_tells_it(local: LocalStripe) -> None:
    unknown = refusal(lambda: local.client.raw_request("get", "/v1/coupons"))

    assert unknown.http_status == 404
    assert "Unrecognized request URL (GET: /v1/coupons)" in str(unknown)


def test_what_was_done_outlives_the_process(local: LocalStripe) -> None:
    session = local.checkout()
    local.pay(session.id)
    local.sandbox.advance(100)

    with local_stripe(local.directory) as opened:
        assert opened.charges(session.id)[0].status == "succeeded"
        assert opened.sandbox.time() == local.sandbox.time()
        assert len(opened.sandbox.deliveries()) == len(local.sandbox.deliveries()) > 0
