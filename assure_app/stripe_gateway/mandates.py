"""Mandates: a payer's leave to debit a bank account."""

from __future__ import annotations

import stripe

from assure_app.stripe_gateway import fields
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.fields import Malformed
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import Mandate


def retrieve_mandate(account_id: str, mandate_id: str) -> Outcome[Mandate]:
    """The mandate as it is now."""
    return ask(
        lambda: client().v1.mandates.retrieve(mandate_id, options=options(account_id)),
        lambda mandate: _mandate(mandate, account_id),
    )


def _mandate(mandate: stripe.Mandate, account_id: str) -> Mandate:
    method_id = fields.reference(mandate, "payment_method")
    if method_id is None:
        raise Malformed("payment_method")
    return Mandate(
        id=fields.text(mandate, "id"),
        account_id=account_id,
        payment_method_id=method_id,
        is_lasting=fields.text(mandate, "type") == "multi_use",
        is_void=fields.text(mandate, "status") == "inactive",
    )
