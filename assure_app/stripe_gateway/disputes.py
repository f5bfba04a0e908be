"""Disputes: a payer's bank asks about a charge, contests it, or sends a debit back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import stripe

from assure_app.stripe_gateway import fields, pages
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import Dispute, DisputeStatus, Page, Window

if TYPE_CHECKING:
    from stripe.params import DisputeListParams

MOST_DISPUTES = 100


def retrieve_dispute(account_id: str, dispute_id: str) -> Outcome[Dispute]:
    """The dispute as it is now, with the money that was moved because of it."""
    return ask(
        lambda: client().v1.disputes.retrieve(dispute_id, options=options(account_id)),
        lambda dispute: _dispute(dispute, account_id),
    )


def list_disputes(account_id: str, charge_id: str) -> Outcome[tuple[Dispute, ...]]:
    """Every dispute of a charge, the newest first; at most a hundred."""
    return ask(
        lambda: client().v1.disputes.list(list_params(charge_id), options(account_id)),
        lambda page: tuple(_dispute(each, account_id) for each in fields.items(page)),
    )


def list_disputes_opened(
    account_id: str, window: Window, *, after: str = ""
) -> Outcome[Page[Dispute]]:
    """Every dispute that opened within the window, the newest first; `after` is of the page
    before."""
    return ask(
        lambda: client().v1.disputes.list(opened_params(window, after), options(account_id)),
        lambda page: pages.read_page(page, lambda each: _dispute(each, account_id)),
    )


def list_params(charge_id: str) -> DisputeListParams:
    return {"charge": charge_id, "limit": MOST_DISPUTES}


def opened_params(window: Window, after: str = "") -> DisputeListParams:
    params: DisputeListParams = {
        "limit": pages.PAGE_SIZE,
        "created": {**pages.created(window)},
    }
    return params | {"starting_after": after} if after else params


def _dispute(dispute: stripe.Dispute, account_id: str) -> Dispute:
    moved = [
        _moved_cents(dispute, each) for each in fields.items_of(dispute, "balance_transactions")
    ]
    evidence = fields.part(dispute, "evidence_details")
    # Stripe says 0 for a dispute that cannot be answered.
    is_answerable = bool(fields.part(evidence, "due_by"))
    return Dispute(
        id=fields.text(dispute, "id"),
        account_id=account_id,
        charge_id=_charge_id(dispute),
        amount_cents=fields.cents(dispute, "amount"),
        currency=fields.text(dispute, "currency"),
        status=fields.one_of(DisputeStatus, dispute, "status"),
        reason=fields.text(dispute, "reason"),
        is_charge_refundable=fields.flag(dispute, "is_charge_refundable"),
        withdrawn_cents=-sum(each for each in moved if each < 0),
        reinstated_cents=sum(each for each in moved if each > 0),
        evidence_due_at=fields.moment(evidence, "due_by") if is_answerable else None,
        created_at=fields.moment(dispute, "created"),
    )


def _charge_id(dispute: stripe.Dispute) -> str:
    charge_id = fields.reference(dispute, "charge")
    if charge_id is None:
        raise fields.Malformed("charge")
    return charge_id


def _moved_cents(dispute: stripe.Dispute, transaction: object) -> int:
    """What one booking took (negative) or gave back, without Stripe's fee for it."""
    if fields.text(transaction, "currency") != fields.text(dispute, "currency"):
        raise fields.Malformed("currency")  # Two currencies cannot be added.
    return fields.signed_cents(transaction, "amount")
