"""One thing at Stripe looked at again, alone: asked for now, then compared with the books as they
are now. Only what differs so is told to anybody, because two long lists read one after the other
always differ by what happened between."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from assure_app.billing import payout_books, reconciliation_sides, stripe_events
from assure_app.billing.stripe_silence import answer
from assure_app.db.unit_of_work import reading
from assure_app.domain.balance_movements import payout_difference
from assure_app.domain.reconciliation import differences
from assure_app.domain.reconciliation_facts import Finding, Subject, Thing, Told
from assure_app.models.tables import stripe_event
from assure_app.stripe_gateway import charges, disputes, events, refunds
from assure_app.stripe_gateway.outcomes import Refused
from assure_app.stripe_gateway.records import Charge, Dispute, Refund

GRACE = timedelta(minutes=15)
"""What happened since is under way: a callback may tell of it yet, and polling will."""
_MOST_WAITING = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What differs, and what was `left` for later because it is under way."""

    findings: tuple[Finding, ...]
    left: frozenset[Thing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What Stripe says of a thing at this moment; all None when it does not have it."""

    thing: Thing
    charge: Charge | None = None
    refund: Refund | None = None
    dispute: Dispute | None = None

    @property
    def is_missing(self) -> bool:
        if self.thing.subject is Subject.PAYOUT:
            return False
        return self.charge is None and self.refund is None and self.dispute is None


def see(account_id: str, thing: Thing) -> Seen:
    """Ask Stripe for it, outside any transaction. Raises StripeSilent."""
    match thing.subject:
        case Subject.CHARGE:
            charge = answer(charges.retrieve_charge(account_id, thing.object_id))
            return Seen(thing=thing, charge=None if isinstance(charge, Refused) else charge)
        case Subject.REFUND:
            refund = answer(refunds.retrieve_refund(account_id, thing.object_id))
            return Seen(thing=thing, refund=None if isinstance(refund, Refused) else refund)
        case Subject.DISPUTE:
            told = answer(disputes.retrieve_dispute(account_id, thing.object_id))
            return Seen(thing=thing, dispute=None if isinstance(told, Refused) else told)
        case Subject.PAYOUT:
            return Seen(thing=thing)


def find(account_id: str, thing: Thing) -> list[Finding]:
    """In what the books and Stripe differ about one thing now. Raises StripeSilent."""
    seen = see(account_id, thing)
    with reading() as connection:
        return compare(connection, account_id, seen)


def compare(connection: Connection, account_id: str, seen: Seen) -> list[Finding]:
    """What was seen beside the books as they are now."""
    if seen.thing.subject is Subject.PAYOUT:
        return _of_payout(connection, account_id, seen.thing.object_id)
    named = {seen.thing} | {
        Thing(subject=Subject.CHARGE, object_id=each.charge_id)
        for each in (seen.refund, seen.dispute)
        if each is not None
    }
    told = Told(
        charges=reconciliation_sides.charges_told(
            connection, account_id, () if seen.charge is None else (seen.charge,)
        ),
        refunds=() if seen.refund is None else (reconciliation_sides.refund_told(seen.refund),),
        disputes=(
            () if seen.dispute is None else (reconciliation_sides.dispute_told(seen.dispute),)
        ),
        missing=frozenset({seen.thing} if seen.is_missing else ()),
    )
    return differences(told, reconciliation_sides.kept(connection, account_id, named))


def look_at(account_id: str, things: Iterable[Thing], *, now: datetime) -> Looked:
    """Look at each of these, alone; of what is under way nothing is said. Raises StripeSilent."""
    findings: list[Finding] = []
    left: set[Thing] = set()
    moving: set[str] | None = None
    for thing in sorted(set(things), key=lambda each: (each.subject, each.object_id)):
        found = find(account_id, thing)
        if not found:
            continue
        moving = _moving(account_id, now) if moving is None else moving
        if thing.object_id in moving:
            left.add(thing)
        else:
            findings.extend(found)
    return Looked(findings=tuple(findings), left=frozenset(left))


def _moving(account_id: str, now: datetime) -> set[str]:
    """What Stripe told of in the last minutes, and what waits in the inbox to be applied."""
    told = answer(events.list_events(account_id, since=now - GRACE, types=stripe_events.TYPES))
    lately = set() if isinstance(told, Refused) else {each.object_id for each in told}
    waiting = select(stripe_event.c.object_id).where(
        stripe_event.c.due_at.is_not(None), stripe_event.c.account_id == account_id
    )
    with reading() as connection:
        return lately | set(connection.execute(waiting.limit(_MOST_WAITING)).scalars())


def _of_payout(connection: Connection, account_id: str, payout_id: str) -> list[Finding]:
    known = payout_books.find(connection, account_id, payout_id)
    if known is None or not known.is_itemized:
        return []
    found = payout_difference(
        payout_id,
        amount_cents=known.amount_cents,
        net_cents=payout_books.net_cents(connection, known.id),
    )
    return [] if found is None else [found]
