"""Who looks at the comparison with Stripe, who asks for it, and how each difference is mended.

Mending never writes a figure of its own: what Stripe has is booked by the ways that every callback
takes, which are idempotent, and then both sides are looked at again. Only saying that something is
not ours needs no Stripe; it can be taken back.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import (
    audit,
    reconciliation_differences,
    reconciliation_look,
    reconciliation_runs,
    stripe_accounts,
    stripe_news,
)
from assure_app.billing.reconciliation_differences import Difference
from assure_app.billing.reconciliation_runs import Run
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.entry import Entry
from assure_app.domain.errors import BillingError, NotFound
from assure_app.domain.permissions import ALL_CLIENTS, Permission, Principal
from assure_app.domain.reconciliation_facts import Mending
from assure_app.models.tables import reconciliation_difference, stripe_account

NOTE_LIMIT = 250
_MENDS = {
    Mending.BOOK: "booked what Stripe has",
    Mending.TAKE_FEE: "took over Stripe’s fee",
    Mending.ASK_AGAIN: "asked Stripe again",
    Mending.HAND_OVER: "asked Stripe again",
}
_WAYS = {mending: did[:1].upper() + did[1:] for mending, did in _MENDS.items()}


class NeedsAllClients(BillingError):
    """A payout and a comparison gather what all clients paid."""

    def __init__(self) -> None:
        super().__init__(
            f"Payouts and reconciliation gather the payments of all clients: you need "
            f"“{ALL_CLIENTS}”. Ask an owner or admin of your firm."
        )


class NoAccount(BillingError):
    """There is nothing to compare with."""

    def __init__(self) -> None:
        super().__init__("Your firm has no Stripe account yet: there is nothing to compare.")


class NotOurs(BillingError):
    """Only what nobody here asked for can be set aside."""

    def __init__(self) -> None:
        super().__init__("Only money that no invoice asked for can be set aside as not ours.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What came of mending a difference."""

    sentence: str
    is_closed: bool


def require_to_look(principal: Principal, *, act: str, now: datetime) -> None:
    """Raise PermissionDenied without View billing, NeedsAllClients for who sees some clients only:
    the sums on these pages are of all of them (R136, R137)."""
    audit.require(principal, Permission.VIEW_BILLING, act=act, now=now)
    if not principal.sees_all_clients:
        raise NeedsAllClients


def may_look(principal: Principal) -> bool:
    """Whether these pages are open to the person."""
    return principal.has(Permission.VIEW_BILLING) and principal.sees_all_clients


def require_to_mend(principal: Principal, *, act: str, now: datetime) -> None:
    """Raise PermissionDenied without Edit billing; a denial is logged (R112)."""
    require_to_look(principal, act=act, now=now)
    audit.require(principal, Permission.EDIT_BILLING, act=act, now=now)


def check_now(principal: Principal, *, is_full: bool = False, now: datetime) -> list[Run]:
    """Begin comparing each account of the firm, or go on with what is running.

    Raises PermissionDenied, NeedsAllClients, NoAccount.
    """
    require_to_mend(principal, act="compare the books with Stripe", now=now)
    return begin_firm(principal.firm_id, started_by=principal.name, is_full=is_full, now=now)


def begin_firm(firm_id: int, *, started_by: str, is_full: bool = False, now: datetime) -> list[Run]:
    """Begin the runs of a firm's accounts, former ones too. Raises NoAccount."""
    with unit_of_work() as connection:
        runs = [
            reconciliation_runs.begin(
                connection,
                firm_id=firm_id,
                account_id=account_id,
                started_by=started_by,
                is_full=is_full,
                now=now,
            )
            for account_id in _accounts(connection, firm_id)
        ]
    if not runs:
        raise NoAccount
    return [run for run in runs if run is not None]


def mend(principal: Principal, difference_id: object, *, now: datetime) -> Mended:
    """Book what Stripe has of it, or ask Stripe again, and look whether both agree by then.

    Raises PermissionDenied, NotFound, and StripeSilent when Stripe cannot be asked.
    """
    require_to_mend(principal, act="mend a reconciliation difference", now=now)
    with reading() as connection:
        known = _find(connection, principal, difference_id)
    if known.closed_at is not None:
        return Mended(sentence="This was settled already.", is_closed=True)
    news = None
    if known.mending is not Mending.SET_ASIDE:  # What nobody asked for is in no book of ours.
        news = stripe_news.of_object(known.account_id, known.subject.value, known.object_id)
    if news is not None:
        with unit_of_work() as connection:
            news(connection, now=now)
    findings = reconciliation_look.find(known.account_id, known.thing)
    with unit_of_work() as connection:
        audit.note(
            connection,
            firm_id=principal.firm_id,
            user_id=principal.user_id,
            text=f"{principal.name} {_MENDS.get(known.mending, 'asked Stripe again')}: "
            f"{known.sentence}",
            at=now,
        )
        for finding in findings:
            reconciliation_differences.note(
                connection,
                firm_id=known.firm_id,
                account_id=known.account_id,
                finding=finding,
                now=now,
            )
        how = f"{_WAYS.get(known.mending, 'Asked Stripe again')}: both agree."
        is_closed = reconciliation_differences.close_others(
            connection, known, findings, by=principal.name, how=how, now=now
        )
    if is_closed:
        return Mended(sentence="Mended: books and Stripe agree.", is_closed=True)
    return Mended(
        sentence="They still differ. What Stripe says now stands in the card.", is_closed=False
    )


def set_aside(principal: Principal, difference_id: object, note: object, *, now: datetime) -> str:
    """Say that it is not ours, with a word why; a second time changes nothing.

    Raises PermissionDenied, NotFound, NotOurs, and InvalidInput for no note, or a long one.
    """
    require_to_mend(principal, act="set a reconciliation difference aside", now=now)
    why = _note(note)
    with unit_of_work() as connection:
        known = _find(connection, principal, difference_id, is_held=True)
        if known.mending is not Mending.SET_ASIDE:
            raise NotOurs
        if not reconciliation_differences.close(
            connection, known.id, by=principal.name, how=why, is_set_aside=True, now=now
        ):
            return "This was settled already."
        audit.note(
            connection,
            firm_id=principal.firm_id,
            user_id=principal.user_id,
            text=f"{principal.name} set aside as not ours: {known.sentence} — {why}",
            at=now,
        )
    return "It is set aside, with your note. You can take that back."


def take_back(principal: Principal, difference_id: object, *, now: datetime) -> str:
    """Have what was set aside stand open again. Raises PermissionDenied and NotFound."""
    require_to_mend(principal, act="take back a reconciliation note", now=now)
    with unit_of_work() as connection:
        known = _find(connection, principal, difference_id, is_held=True)
        if not reconciliation_differences.take_back(connection, known.id):
            return "This is open already."
        audit.note(
            connection,
            firm_id=principal.firm_id,
            user_id=principal.user_id,
            text=f"{principal.name} took back that this is not ours: {known.sentence}",
            at=now,
        )
    return "It is open again."


def find(principal: Principal, difference_id: object, *, now: datetime) -> Difference:
    """A difference that the person may mend. Raises PermissionDenied and NotFound."""
    require_to_mend(principal, act="mend a reconciliation difference", now=now)
    with reading() as connection:
        return _find(connection, principal, difference_id)


def _find(
    connection: Connection, principal: Principal, difference_id: object, *, is_held: bool = False
) -> Difference:
    is_id = isinstance(difference_id, int) and not isinstance(difference_id, bool)
    if is_id and 0 < difference_id < 2**31:  # type: ignore[operator]
        table = reconciliation_difference
        wanted = select(table).where(
            table.c.id == difference_id, table.c.firm_id == principal.firm_id
        )
        found = connection.execute(wanted.with_for_update() if is_held else wanted)
        if row := found.mappings().first():
            return reconciliation_differences.of_row(row)
    raise NotFound("difference")


def _note(text: object) -> str:
    entry = Entry()
    note = entry.line("note", text, limit=NOTE_LIMIT, name="The note")
    if not note:
        entry.refuse("note", "Say what this money is.")
    entry.check()
    return note


def _accounts(connection: Connection, firm_id: int) -> list[str]:
    """The firm's accounts that can be asked, its current one last."""
    rows = connection.execute(
        select(stripe_account.c.account_id)
        .where(
            stripe_account.c.firm_id == firm_id,
            stripe_account.c.disabled_reason != stripe_accounts.DEAUTHORIZED,
        )
        .order_by(stripe_account.c.is_current, stripe_account.c.account_id)
    )
    return list(rows.scalars())
