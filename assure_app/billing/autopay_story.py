"""What auto-pay does, told in the invoice's timeline (R109): Auto-Pay tells of its tries, System of
what is decided around them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import activity
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.autopay import AfterFailure, AutopayState, Decline
from assure_app.domain.calendar import day_of, day_text

AUTO_PAY = "Auto-Pay"
SYSTEM = "System"
PAID_BY = "System (auto-pay)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A failed try and what follows from it; `reason` and `means` are for people."""

    payment_id: int
    amount_cents: int
    reason: str
    means: str
    made_at: datetime
    decline: Decline
    result: AfterFailure


def tell(connection: Connection, invoice: InvoiceRecord, told: Told, *, now: datetime) -> None:
    """Say what follows from a failed try; that it failed was said with its ledger row."""
    result = told.result
    if result.next_try_at is not None:
        day = day_text(day_of(result.next_try_at, invoice.timezone), today=invoice.today(now))
        add(connection, invoice, f"Auto-pay tries again on {day}", AUTO_PAY, now=now)
    elif result.state is AutopayState.EXHAUSTED:
        text = f"Auto-pay stopped after {tries_text(result.failures)}: every one failed"
        add(connection, invoice, text, SYSTEM, now=now)
    elif result.state is AutopayState.CLIENT:
        add(connection, invoice, _WAITS[told.decline], AUTO_PAY, now=now)


def tell_not_charged(
    connection: Connection, invoice: InvoiceRecord, why: str, *, now: datetime
) -> None:
    """Say that nothing was tried, and why."""
    add(connection, invoice, f"Auto-pay did not charge this invoice. {why}", SYSTEM, now=now)


def add(
    connection: Connection,
    invoice: InvoiceRecord,
    text: str,
    actor: str,
    *,
    now: datetime,
    user_id: int | None = None,
) -> None:
    """One entry about auto-pay; the caller holds the invoice."""
    activity.append(
        connection,
        firm_id=invoice.firm_id,
        invoice_id=invoice.id,
        at=now,
        text=text,
        actor=actor,
        user_id=user_id,
    )


def tries_text(count: int) -> str:
    """ "1 try", "4 tries"."""
    return f"{count} {'try' if count == 1 else 'tries'}"


def try_label(failures: int) -> str:
    """What charging an invoice now is called, after so many tries that failed."""
    return "Try again now" if failures else "Charge now"


_WAITS = {
    Decline.AUTHENTICATION: "Auto-pay waits for the client, who has to confirm to the bank",
    Decline.HARD: "Auto-pay waits for the client: this method will not be charged again",
    Decline.SOFT: "Auto-pay waits for the client",
}
