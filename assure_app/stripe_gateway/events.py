"""Events: the list of what happened in an account, for what no webhook told us."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import stripe

from assure_app.stripe_gateway import fields
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import Event

if TYPE_CHECKING:
    from stripe.params import EventListParams

PAGE_SIZE = 100
MOST_PAGES = 50
MOST_TYPES = 20
"""Stripe filters by no more types than this in one request."""


def list_events(
    account_id: str | None, *, since: datetime, types: Collection[str] = ()
) -> Outcome[tuple[Event, ...]]:
    """What happened at or after `since`, the oldest first, of these types or of any.

    Stripe keeps 30 days. Of more than five thousand it gives the newest, so ask often. None asks
    for this installation's own account.
    """
    return ask(
        lambda: list(_raw(account_id, since, types)),
        lambda found: tuple(reversed([event_of(each, account_id) for each in found])),
    )


def list_params(since: datetime, types: Collection[str], after: str = "") -> EventListParams:
    """What is sent for one page; `after` is the last id of the page before."""
    params: EventListParams = {"limit": PAGE_SIZE, "created": {"gte": int(since.timestamp())}}
    if 0 < len(types) <= MOST_TYPES:
        params["types"] = sorted(types)
    if after:
        params["starting_after"] = after
    return params


def _raw(account_id: str | None, since: datetime, types: Collection[str]) -> Iterator[stripe.Event]:
    after = ""
    for _ in range(MOST_PAGES):
        page = client().v1.events.list(list_params(since, types, after), options(account_id))
        found = fields.items(page)
        yield from (each for each in found if not types or fields.part(each, "type") in types)
        if not found or not fields.flag(page, "has_more"):
            return
        after = fields.text(found[-1], "id")


def event_of(told: stripe.Event, account_id: str | None) -> Event:
    """The event, of which only what it is about counts: the object is asked for anew."""
    about = fields.part(fields.part(told, "data"), "object")
    return Event(
        id=fields.text(told, "id"),
        account_id=account_id,
        type=fields.text(told, "type"),
        object_id=fields.text_or_empty(about, "id"),
        object_kind=fields.text_or_empty(about, "object"),
        is_live=fields.flag(told, "livemode"),
        created_at=fields.moment(told, "created"),
    )
