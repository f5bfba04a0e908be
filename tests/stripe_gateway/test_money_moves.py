"""Lists by time, balance transactions and payouts: what Stripe's objects become here."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from stripe import params as known

from assure_app.stripe_gateway import balance_transactions, charges, disputes, payouts, refunds
from assure_app.stripe_gateway.balance_records import (
    Balance,
    BalanceTransaction,
    Payout,
    PayoutStatus,
)
from assure_app.stripe_gateway.outcomes import Ok, Outcome, Unknown
from assure_app.stripe_gateway.records import Page, Window
from tests.support.stripe_contract import example, needs_descriptions, require_known_params, schema
from tests.support.stripe_transports import Canned

CREATED = datetime(2009, 2, 13, 23, 31, 30, tzinfo=UTC)
WINDOW = Window(since=datetime(2026, 11, 1, tzinfo=UTC), until=datetime(2026, 11, 2, tzinfo=UTC))
LISTS: dict[str, Callable[[], Outcome[Page[Any]]]] = {
    "charge": lambda: charges.list_charges_made("acct_1", WINDOW),
    "refund": lambda: refunds.list_refunds_made("acct_1", WINDOW),
    "dispute": lambda: disputes.list_disputes_opened("acct_1", WINDOW),
    "payout": lambda: payouts.list_payouts("acct_1", WINDOW),
    "balance_transaction": lambda: balance_transactions.list_balance_transactions("acct_1", WINDOW),
}


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        (charges.made_params(WINDOW, "ch_1"), known.ChargeListParams),
        (refunds.made_params(WINDOW, "re_1"), known.RefundListParams),
        (disputes.opened_params(WINDOW, "dp_1"), known.DisputeListParams),
        (payouts.list_params(WINDOW, "po_1"), known.PayoutListParams),
        (payouts.retrieve_params(), known.PayoutRetrieveParams),
        (balance_transactions.list_params(WINDOW, "txn_1"), known.BalanceTransactionListParams),
        (
            balance_transactions.payout_params("po_1", "txn_1"),
            known.BalanceTransactionListParams,
        ),
    ],
)
def test_every_name_is_one_of_the_librarys_typed_params(params: Any, kind: type) -> None:
    require_known_params(params, kind)


def test_a_window_holds_its_first_second_and_not_its_last() -> None:
    assert charges.made_params(WINDOW)["created"] == {"gte": 1_793_491_200, "lt": 1_793_577_600}


@needs_descriptions
def test_what_we_cannot_do_without_is_always_there() -> None:
    wanted = {
        "balance_transaction": "id type reporting_category amount fee net currency available_on",
        "payout": "id amount currency status automatic arrival_date created reconciliation_status",
        "balance": "available pending",
    }
    for name, each in wanted.items():
        assert set(each.split()) <= set(schema(name)["required"]), name
    assert {"bank_name", "last4"} <= set(schema("bank_account")["properties"])
    described = schema("payout")["properties"]["status"]["description"]
    assert all(f"`{status}`" in described for status in PayoutStatus)


@needs_descriptions
@pytest.mark.parametrize("name", LISTS)
def test_a_list_goes_on_after_its_last_id(canned: Canned, name: str) -> None:
    own = example(name) | ({"balance_transactions": []} if name == "dispute" else {})
    first = {"object": "list", "data": [own], "has_more": True}
    last = {"object": "list", "data": [own], "has_more": False}
    empty = {"object": "list", "data": [], "has_more": True}
    canned.answers(first, last, empty, {"object": "list", "data": [own]})

    pages = [LISTS[name]() for _ in range(4)]

    afters = [page.value.after if isinstance(page, Ok) else page for page in pages]
    assert afters == [own["id"], "", "", Unknown(reason="malformed")]


@needs_descriptions
def test_a_balance_transaction_of_stripes_own(canned: Canned) -> None:
    canned.answers({"object": "list", "data": [example("balance_transaction")], "has_more": False})

    assert LISTS["balance_transaction"]() == Ok(
        Page(
            items=(
                BalanceTransaction(
                    id="txn_1PgaxNB7WZ01zgkWEV3TLf40",
                    account_id="acct_1",
                    kind="charge",
                    category="charge",
                    amount_cents=100,
                    fee_cents=0,
                    net_cents=100,
                    currency="usd",
                    source_id="ch_1PgafuB7WZ01zgkWXYmPNZs8",
                    description="My First Test Charge (created for API docs)",
                    available_at=CREATED,
                    created_at=CREATED,
                ),
            ),
            after="",
        )
    )


@needs_descriptions
@pytest.mark.parametrize(
    ("bank", "named"),
    [({"destination": example("bank_account")}, ("STRIPE TEST BANK", "6789")), ({}, ("", ""))],
)
def test_a_payout_of_stripes_own(
    canned: Canned, bank: dict[str, Any], named: tuple[str, str]
) -> None:
    canned.answers(example("payout") | bank)

    assert payouts.retrieve_payout("acct_1", "po_1") == Ok(
        Payout(
            id="po_1Pgc79B7WZ01zgkWu1KToYf4",
            account_id="acct_1",
            amount_cents=1_100,
            currency="usd",
            status=PayoutStatus.IN_TRANSIT,
            is_automatic=True,
            is_itemized=True,
            arrives_at=CREATED,
            bank_name=named[0],
            last4=named[1],
            failure_code="",
            failure_sentence="",
            created_at=CREATED,
        )
    )


@needs_descriptions
def test_a_balance_counts_dollars_alone(canned: Canned) -> None:
    told = example("balance")
    told["available"] = [{"amount": 500, "currency": "usd"}, {"amount": 9, "currency": "eur"}]
    told["pending"] = [{"amount": -20, "currency": "usd"}]
    canned.answers(told)

    assert balance_transactions.retrieve_balance("acct_1") == Ok(
        Balance(account_id="acct_1", available_cents=500, pending_cents=-20)
    )


@pytest.mark.parametrize(
    "broken",
    [{"status": "lost"}, {"automatic": None}, {"amount": "1"}, {"arrival_date": -1}],
)
@needs_descriptions
def test_an_answer_that_makes_no_sense_leaves_it_unknown(
    canned: Canned, broken: dict[str, Any]
) -> None:
    canned.answers(example("payout") | broken)

    assert payouts.retrieve_payout("acct_1", "po_1") == Unknown(reason="malformed")
