"""Asking Stripe anew about what could not be settled, because a person says so (R061)."""

from dataclasses import dataclass
from datetime import datetime

from assure_app.billing import audit, stripe_access, stripe_exceptions, stripe_news
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.permissions import Principal

_FOR_A_PERSON = "Stripe has told all there is to tell here: what is missing is a decision of yours."


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What asking again came to, in a sentence for the toast."""

    is_settled: bool
    sentence: str


def replay(principal: Principal, exception_id: object, *, now: datetime) -> Replay:
    """Ask Stripe about the object of an exception and book what it says now.

    Settled, the exception closes itself; otherwise it stays open. Raises PermissionDenied,
    NotFound, and StripeSilent when Stripe cannot be asked.
    """
    stripe_access.require_to_act(principal, act="replay a Stripe exception", now=now)
    with reading() as connection:
        found = stripe_exceptions.find(connection, principal, exception_id)
    if found.resolved_at is not None:
        return Replay(is_settled=True, sentence="This is settled already.")
    if found.kind in stripe_exceptions.FOR_PEOPLE_ONLY:
        return Replay(is_settled=False, sentence=_FOR_A_PERSON)
    news = stripe_news.of_object(found.account_id, found.object_kind, found.object_id)
    if news is None:
        return Replay(is_settled=False, sentence=found.sentence)
    with unit_of_work() as connection:
        booked = news(connection, now=now)
        known = stripe_exceptions.find(connection, principal, exception_id)
        is_settled = known.resolved_at is not None or not booked.problem
        if is_settled:
            stripe_exceptions.close(
                connection, found.id, by=principal.name, resolution="Replayed.", now=now
            )
        audit.note(
            connection,
            firm_id=principal.firm_id,
            user_id=principal.user_id,
            text=f"{principal.name} replayed: {found.sentence}",
            at=now,
        )
    if is_settled:
        return Replay(is_settled=True, sentence="Stripe was asked again, and it is settled now.")
    return Replay(is_settled=False, sentence=booked.problem)
