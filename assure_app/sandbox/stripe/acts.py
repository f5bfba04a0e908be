"""What a person or a test makes happen: time passes, banks settle, customers dispute."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

from assure_app.sandbox.stripe import (
    accounts,
    balance_transactions,
    bank_debits,
    disputes,
    faults,
    payment_intents,
    payouts,
    refunds,
)
from assure_app.sandbox.stripe.errors import missing_object
from assure_app.sandbox.stripe.partition import Partition, shown
from assure_app.sandbox.stripe.sandbox import LONGEST_ADVANCE_SECONDS, Sandbox
from assure_app.sandbox.stripe.store import Json

MOST_FAULTS = 1_000
RETURN_REASONS = ("insufficient_funds", "incorrect_account_details", "bank_cannot_process")


def advance(sandbox: Sandbox, *, seconds: int) -> Json:
    """Let time pass, with all that becomes due; backwards only to where the world's clock is."""
    if not 0 <= seconds <= LONGEST_ADVANCE_SECONDS:
        raise ValueError(f"The clock goes forward by at most {LONGEST_ADVANCE_SECONDS} seconds.")
    sandbox.advance(seconds)
    return {"now": int(sandbox.time())}


def settle(sandbox: Sandbox, *, charge: str) -> Json:
    """A pending bank debit succeeds now."""
    with sandbox.at(_account_of(sandbox, charge)) as partition:
        return shown(bank_debits.settle(partition, charge))


def fail(sandbox: Sandbox, *, charge: str, failure_code: str = "insufficient_funds") -> Json:
    """A pending bank debit fails now."""
    with sandbox.at(_account_of(sandbox, charge)) as partition:
        return shown(bank_debits.fail(partition, charge, failure_code=failure_code))


def return_late(sandbox: Sandbox, *, charge: str, reason: str = "insufficient_funds") -> Json:
    """The bank returns a debit that had succeeded; Stripe tells it as a lost dispute."""
    return dispute(sandbox, charge=charge, reason=reason)


def dispute(
    sandbox: Sandbox, *, charge: str, reason: str = "fraudulent", inquiry: bool = False
) -> Json:
    """The customer disputes a charge, or only asks about it."""
    if reason not in disputes.REASONS:
        raise ValueError(f"A dispute's reason is one of {', '.join(disputes.REASONS)}.")
    with sandbox.at(_account_of(sandbox, charge)) as partition:
        found = partition.get("charge", charge)
        return shown(disputes.start(partition, found, reason=reason, is_inquiry=inquiry))


def win_dispute(sandbox: Sandbox, *, dispute: str) -> Json:
    """The bank decides for the account."""
    with sandbox.at(_account_of(sandbox, dispute)) as partition:
        return shown(disputes.win(partition, dispute))


def lose_dispute(sandbox: Sandbox, *, dispute: str) -> Json:
    """The bank decides for the customer."""
    with sandbox.at(_account_of(sandbox, dispute)) as partition:
        return shown(disputes.lose(partition, dispute))


def escalate_dispute(sandbox: Sandbox, *, dispute: str) -> Json:
    """An inquiry becomes a dispute."""
    with sandbox.at(_account_of(sandbox, dispute)) as partition:
        return shown(disputes.escalate(partition, dispute))


def reverse_dispute(sandbox: Sandbox, *, dispute: str) -> Json:
    """The bank gives back what it took for a dispute that was lost."""
    with sandbox.at(_account_of(sandbox, dispute)) as partition:
        return shown(disputes.reverse(partition, dispute))


def charge(
    sandbox: Sandbox,
    *,
    account: str,
    amount: int,
    method: str = "pm_card_visa",
    seconds_ago: int = 0,
) -> Json:
    """Somebody of the firm takes a payment in Stripe's dashboard, which no invoice asked for.

    One of so many seconds ago nobody was told of.
    """
    given: Json = {"amount": amount, "currency": "usd", "payment_method": method, "confirm": True}
    with _ago(sandbox, account, seconds_ago) as partition:
        accounts.find(partition, account)
        intent = payment_intents.create(partition, given)
        if seconds_ago:  # Its fee was known soon after.
            balance_transactions.book_charge(partition, intent["latest_charge"])
        return shown(partition.get("charge", intent["latest_charge"]))


def refund(
    sandbox: Sandbox, *, charge: str, amount: int = 0, reason: str = "", seconds_ago: int = 0
) -> Json:
    """Somebody of the firm gives a charge back in Stripe's dashboard: this much of it, or with 0
    all that is left. One of so many seconds ago nobody was told of."""
    if reason not in ("", *refunds.REASONS):
        raise ValueError(f"A refund's reason is one of {', '.join(refunds.REASONS)}.")
    if amount < 0:
        raise ValueError("Give an amount in cents.")
    with _ago(sandbox, _account_of(sandbox, charge), seconds_ago) as partition:
        given: Json = {"charge": charge} | ({"amount": amount} if amount else {})
        return shown(refunds.create(partition, given | {"reason": reason or None}))


def fail_refund(sandbox: Sandbox, *, refund: str, reason: str = "expired_or_canceled_card") -> Json:
    """A refund comes back, even one that had succeeded."""
    with sandbox.at(_account_of(sandbox, refund)) as partition:
        return shown(refunds.fail(partition, refund, reason=reason))


def renew_card(sandbox: Sandbox, *, method: str, year: int) -> Json:
    """The bank sends a new card in a saved one's place, and Stripe learns of it."""
    with sandbox.at(_account_of(sandbox, method)) as partition:
        found = partition.get("payment_method", method)
        if found["type"] != "card" or not 2000 <= year <= 2100:
            raise ValueError("Give a card, and the year in which its new one expires.")
        card = found["card"] | {"exp_year": year}
        partition.save(found, card=card)
        partition.emit("payment_method.automatically_updated", found)
        return shown(found)


def pay_out(sandbox: Sandbox, *, account: str) -> Json:
    """Send what is available to the account's bank."""
    with sandbox.at(account) as partition:
        accounts.find(partition, account)
        return shown(payouts.pay_out(partition))


def fail_payout(sandbox: Sandbox, *, payout: str) -> Json:
    """The bank sends a payout back."""
    with sandbox.at(_account_of(sandbox, payout)) as partition:
        return shown(payouts.fail(partition, payout))


def set_balance(sandbox: Sandbox, *, account: str, amount: int) -> Json:
    """Give an account this balance in cents; refunds that waited for it go out."""
    with sandbox.at(account) as partition:
        accounts.find(partition, account)
        difference = amount - balance_transactions.balance(partition)
        balance_transactions.book(
            partition, kind="adjustment", amount=difference, source="adj_control"
        )
        refunds.send_waiting(partition)
    return {"account": account, "amount": amount}


def enable_account(sandbox: Sandbox, *, account: str, enabled: bool = True) -> Json:
    """Finish an account's onboarding, or restrict it."""
    with sandbox.at() as platform:
        return shown(accounts.set_enabled(platform, account, is_enabled=enabled))


def deauthorize(sandbox: Sandbox, *, account: str) -> Json:
    """An account's owner takes the platform's access away."""
    with sandbox.at() as platform:
        accounts.deauthorize(platform, account)
    return {"account": account}


def plan_fault(
    sandbox: Sandbox, *, kind: str, value: float = 1, count: int = 1, path: str = ""
) -> Json:
    """Let the next deliveries, or the next calls whose path begins so, go wrong."""
    if kind not in (*faults.OF_DELIVERIES, *faults.OF_CALLS):
        raise ValueError(f"No fault is called “{kind[:40]}”.")
    if not 1 <= count <= MOST_FAULTS or not 0 < value <= LONGEST_ADVANCE_SECONDS:
        raise ValueError(f"Give a value, and a count of up to {MOST_FAULTS}.")
    if kind in faults.ERRORS and not 400 <= value <= 599:
        raise ValueError("An error's value is its status, from 400 to 599.")
    with sandbox.at() as partition:
        faults.plan(partition.store, kind, value=value, count=count, path=path)
    return {"kind": kind, "value": value, "count": count, "path": path}


def reset_faults(sandbox: Sandbox) -> Json:
    """Let nothing more go wrong."""
    with sandbox.at() as partition:
        faults.forget_all(partition.store)
    return {}


@contextmanager
def _ago(sandbox: Sandbox, account: str, seconds: int) -> Iterator[Partition]:
    """The account's part now, or as it was: of what happens then no callback is sent."""
    if not 0 <= seconds <= LONGEST_ADVANCE_SECONDS:
        raise ValueError(f"Go back by at most {LONGEST_ADVANCE_SECONDS} seconds.")
    with sandbox.at(account) as partition:
        if not seconds:
            yield partition
            return
        then = partition.now - seconds
        yield dataclasses.replace(partition, now=then, on_event=lambda _partition, _event: None)


def _account_of(sandbox: Sandbox, object_id: str) -> str:
    row = sandbox.store.row("SELECT account FROM object WHERE id = ?", (object_id,))
    if row is None:
        raise missing_object("object", object_id)
    return str(row["account"])
