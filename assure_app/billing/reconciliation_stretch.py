"""A few days of an account: what Stripe lists of them, page by page, beside the books.

Nothing is concluded here. What agrees is counted; what does not is named, to be looked at alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from assure_app.billing import payout_news, reconciliation_sides
from assure_app.billing.reconciliation_runs import Tally
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.balance_movements import things_of, to_look_at
from assure_app.domain.reconciliation import differences
from assure_app.domain.reconciliation_facts import Kept, Subject, Thing, Told
from assure_app.domain.stripe_refunds import RefundState
from assure_app.models.tables import dispute, payment, stripe_refund
from assure_app.stripe_gateway import balance_transactions, charges, disputes, payouts, refunds
from assure_app.stripe_gateway.outcomes import Outcome, Refused
from assure_app.stripe_gateway.records import Page, Window

MOST_PAGES = 1_000
"""A stretch holds up to a hundred thousand objects of a kind."""
_ROWS_AT_ONCE = 1_000
Item = TypeVar("Item")


@dataclass(slots=True)
class Stretch:
    """What a stretch came to: what agreed, what was `listed`, and what is to be looked at: it was
    listed and in doubt, or something else pointed to it."""

    account_id: str
    window: Window
    tally: Tally = field(default_factory=Tally)
    listed: set[Thing] = field(default_factory=set)
    doubtful: set[Thing] = field(default_factory=set)
    pointed_to: set[Thing] = field(default_factory=set)


def compare(account_id: str, window: Window, *, now: datetime) -> Stretch:
    """Read the stretch from both sides. Raises StripeSilent."""
    stretch = Stretch(account_id, window)
    _compare_charges(stretch)
    _compare_refunds(stretch)
    _compare_disputes(stretch)
    _compare_movements(stretch)
    _keep_payouts(stretch, now)
    for batch in _books_of(stretch):
        stretch.pointed_to |= batch - stretch.listed
    return stretch


def count(tally: Tally, kept: Kept, thing: Thing) -> None:
    """Count what agrees: money that is in the books, with what Stripe kept of it."""
    if thing.subject is Subject.CHARGE:
        row = kept.settled(thing.object_id)
        if row is not None:
            tally.payments += 1
            tally.payments_cents += row.amount_cents
            tally.fees_cents += row.fee_cents
    elif thing.subject is Subject.REFUND:
        refund = kept.refunds.get(thing.object_id)
        if refund is not None and refund.state is not RefundState.FAILED:
            tally.refunds += 1
            tally.refunds_cents += refund.amount_cents
    elif thing.object_id in kept.disputes:
        tally.disputes += 1
        tally.disputes_cents += kept.disputes[thing.object_id].amount_cents


def _compare_charges(stretch: Stretch) -> None:
    account_id, window = stretch.account_id, stretch.window
    for page in _pages(lambda after: charges.list_charges_made(account_id, window, after=after)):
        things = {_charge(each.id) for each in page}
        with reading() as connection:
            kept = reconciliation_sides.kept(connection, account_id, things)
            told = reconciliation_sides.charges_told(connection, account_id, page)
        _sort(stretch, things, Told(charges=told), kept)


def _compare_refunds(stretch: Stretch) -> None:
    account_id, window = stretch.account_id, stretch.window
    for page in _pages(lambda after: refunds.list_refunds_made(account_id, window, after=after)):
        things = {Thing(subject=Subject.REFUND, object_id=each.id) for each in page}
        of_charges = {_charge(each.charge_id) for each in page}
        with reading() as connection:
            kept = reconciliation_sides.kept(connection, account_id, things | of_charges)
        told = tuple(reconciliation_sides.refund_told(each) for each in page)
        _sort(stretch, things, Told(refunds=told), kept)


def _compare_disputes(stretch: Stretch) -> None:
    account_id, window = stretch.account_id, stretch.window
    for page in _pages(
        lambda after: disputes.list_disputes_opened(account_id, window, after=after)
    ):
        things = {Thing(subject=Subject.DISPUTE, object_id=each.id) for each in page}
        of_charges = {_charge(each.charge_id) for each in page}
        with reading() as connection:
            kept = reconciliation_sides.kept(connection, account_id, things | of_charges)
        told = tuple(reconciliation_sides.dispute_told(each) for each in page)
        _sort(stretch, things, Told(disputes=told), kept)


def _sort(stretch: Stretch, things: set[Thing], told: Told, kept: Kept) -> None:
    doubtful = {each.thing for each in differences(told, kept)}
    stretch.listed |= things
    stretch.doubtful |= doubtful
    for thing in things - doubtful:
        count(stretch.tally, kept, thing)


def _compare_movements(stretch: Stretch) -> None:
    """What moved the balance points to what changed, however old that is."""
    account_id, window = stretch.account_id, stretch.window
    for page in _pages(
        lambda after: balance_transactions.list_balance_transactions(
            account_id, window, after=after
        )
    ):
        movements = [reconciliation_sides.movement(each) for each in page]
        with reading() as connection:
            kept = reconciliation_sides.kept(connection, account_id, things_of(movements))
        stretch.pointed_to |= to_look_at(movements, kept)
        stretch.tally.movements += len(movements)


def _keep_payouts(stretch: Stretch, now: datetime) -> None:
    """Payouts are no books of ours: they are kept as Stripe tells them, then added up."""
    account_id, window = stretch.account_id, stretch.window
    for page in _pages(lambda after: payouts.list_payouts(account_id, window, after=after)):
        for each in page:
            book = payout_news.of_told(each)
            with unit_of_work() as connection:
                book(connection, now=now)
            stretch.tally.payouts += 1
            stretch.tally.payouts_cents += each.amount_cents
            stretch.pointed_to.add(Thing(subject=Subject.PAYOUT, object_id=each.id))


def _books_of(stretch: Stretch) -> Iterator[set[Thing]]:
    """What the books hold of the stretch, a thousand rows at a time."""
    wanted = (
        (Subject.CHARGE, payment, "stripe_account_id", "stripe_charge_id", "created_at"),
        (Subject.REFUND, stripe_refund, "account_id", "refund_id", "asked_at"),
        (Subject.DISPUTE, dispute, "account_id", "dispute_id", "opened_at"),
    )
    for subject, table, account, name, moment in wanted:
        rows = select(table.c[name]).where(
            table.c[account] == stretch.account_id,
            table.c[name].is_not(None),
            table.c[moment] >= stretch.window.since,
            table.c[moment] < stretch.window.until,
        )
        with reading() as connection:
            found = connection.execute(rows.execution_options(yield_per=_ROWS_AT_ONCE)).scalars()
            for batch in found.partitions():
                yield {Thing(subject=subject, object_id=each) for each in batch}


def _pages(ask: Callable[[str], Outcome[Page[Item]]]) -> Iterator[Sequence[Item]]:
    """Page after page, a hundred at a time. Raises StripeSilent."""
    after = ""
    for _ in range(MOST_PAGES):
        page = answer(ask(after))
        if isinstance(page, Refused):
            raise StripeSilent(page.code)
        if page.items:
            yield page.items
        after = page.after
        if not after:
            return
    raise StripeSilent("too_many_pages")


def _charge(charge_id: str) -> Thing:
    return Thing(subject=Subject.CHARGE, object_id=charge_id)
