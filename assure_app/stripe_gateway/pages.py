"""Lists of an account by time, a page at a time: what one page of Stripe's becomes here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from assure_app.stripe_gateway import fields
from assure_app.stripe_gateway.records import Page, Window

if TYPE_CHECKING:
    from stripe.params import ChargeListParamsCreated

PAGE_SIZE = 100
Value = TypeVar("Value")


def created(window: Window) -> ChargeListParamsCreated:
    """The span as Stripe asks for it: from its first second to just before its last."""
    return {"gte": int(window.since.timestamp()), "lt": int(window.until.timestamp())}


def read_page(page: Any, read: Callable[[Any], Value]) -> Page[Value]:
    """The values of a page, and after which id the next one begins."""
    found = fields.items(page)
    has_more = bool(found) and fields.flag(page, "has_more")
    after = fields.text(found[-1], "id") if has_more else ""
    return Page(items=tuple(read(each) for each in found), after=after)
