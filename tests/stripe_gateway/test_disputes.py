"""What Stripe's disputes become here, and that the description promises what we rely on."""

from datetime import UTC, datetime
from typing import Any

import pytest
from stripe import params as known

from assure_app.domain.disputes import DisputeState
from assure_app.stripe_gateway import disputes
from assure_app.stripe_gateway.outcomes import Ok, Unknown
from assure_app.stripe_gateway.records import Dispute, DisputeStatus
from tests.support.stripe_contract import (
    example,
    needs_descriptions,
    require_known_params,
    schema,
)
from tests.support.stripe_transports import Canned

CREATED = datetime(2009, 2, 13, 23, 31, 30, tzinfo=UTC)


def transaction(cents: int, currency: str = "usd") -> dict[str, Any]:
    return {"id": "txn_1", "amount": cents, "currency": currency, "fee": 1_500}


@needs_descriptions
def test_our_words_are_all_of_stripes() -> None:
    described = schema("dispute")["properties"]

    words = set(described["status"]["enum"])
    assert words == {each.value for each in DisputeStatus}
    assert words == {each.value for each in DisputeState}
    for reason in ("insufficient_funds", "incorrect_account_details", "bank_cannot_process"):
        assert f"`{reason}`" in described["reason"]["description"]


@needs_descriptions
def test_what_we_rely_on_is_there() -> None:
    always = ("id", "amount", "currency", "charge", "status", "reason", "is_charge_refundable")
    described = schema("dispute")

    assert {*always, "balance_transactions", "evidence_details"} <= set(described["required"])
    assert not any(described["properties"][each].get("nullable") for each in always)
    assert "due_by" in schema("dispute_evidence_details")["properties"]
    assert {"amount", "currency"} <= set(schema("balance_transaction")["required"])


def test_a_list_is_asked_for_by_names_that_stripe_knows() -> None:
    require_known_params(disputes.list_params("ch_1"), known.DisputeListParams)


@needs_descriptions
def test_a_dispute_of_stripes_own(canned: Canned) -> None:
    moved = [transaction(-1_000), transaction(400)]
    canned.answers(example("dispute") | {"balance_transactions": moved})

    assert disputes.retrieve_dispute("acct_1", "dp_1") == Ok(
        Dispute(
            id="dp_1Pgc71B7WZ01zgkWMevJiAUx",
            account_id="acct_1",
            charge_id="ch_1PgafuB7WZ01zgkWXYmPNZs8",
            amount_cents=1_000,
            currency="usd",
            status=DisputeStatus.INQUIRY_ASKED,
            reason="general",
            is_charge_refundable=True,
            withdrawn_cents=1_000,
            reinstated_cents=400,
            evidence_due_at=datetime(2024, 8, 14, 23, 59, 59, tzinfo=UTC),
            created_at=CREATED,
        )
    )


@needs_descriptions
@pytest.mark.parametrize("due_by", [0, None])
def test_what_cannot_be_answered_has_no_day(canned: Canned, due_by: int | None) -> None:
    told = example("dispute")
    details = told["evidence_details"] | {"due_by": due_by}
    canned.answers({"object": "list", "data": [told | {"evidence_details": details}]})

    outcome = disputes.list_disputes("acct_1", "ch_1")

    assert isinstance(outcome, Ok)
    assert [each.evidence_due_at for each in outcome.value] == [None]


@needs_descriptions
@pytest.mark.parametrize(
    "changes",
    [
        {"status": "made_up"},
        {"charge": None},
        {"reason": ""},
        {"amount": -1},
        {"is_charge_refundable": "no"},
        {"balance_transactions": None},
        {"balance_transactions": [transaction(-1_000, "eur")]},
        {"balance_transactions": [{"currency": "usd", "amount": "1"}]},
    ],
)
def test_an_answer_that_makes_no_sense_leaves_it_unknown(
    canned: Canned, changes: dict[str, Any]
) -> None:
    canned.answers(example("dispute") | changes)

    assert disputes.retrieve_dispute("acct_1", "dp_1") == Unknown(reason="malformed")
