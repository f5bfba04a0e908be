"""Who is told by mail of a charge of auto-pay's that failed: the client what to do, with a link to
pay, and the firm; once for each try (R126)."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import answer_address, client_payers, notifications, portal_links
from assure_app.billing.autopay_story import Told, tries_text
from assure_app.billing.charge_text import told_to_firm
from assure_app.billing.checkouts import Checkout
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.autopay import AutopayState, Decline
from assure_app.domain.calendar import day_of, long_day_text
from assure_app.domain.money import full_text
from assure_app.domain.notifications import NotificationKind
from assure_app.mail import autopay_letters, outbox
from assure_app.mail.autopay_letters import MailedTry
from assure_app.mail.invoice_mail import Letter
from assure_app.models.tables import payment_method


def post(
    connection: Connection,
    asking: Checkout,
    invoice: InvoiceRecord,
    told: Told,
    *,
    now: datetime,
) -> None:
    """Put the letters about a failed try into the outbox."""
    mailed = _mailed(invoice, told)
    added_by = connection.scalar(
        select(payment_method.c.added_by_id).where(payment_method.c.id == asking.method_id)
    )
    about = f"auto-pay {told.payment_id}"
    if invoice.balance_cents > 0:
        to_email = client_payers.address(connection, invoice.client_id, added_by)
        _to_client(connection, invoice, _letter(mailed, told), (to_email, about), now=now)
    is_last = told.result.state is AutopayState.EXHAUSTED
    kind = NotificationKind.RETRIES_EXHAUSTED if is_last else NotificationKind.PAYMENT_FAILED
    words = ("Auto-pay stopped" if is_last else "Auto-pay failed", _what_next(mailed, told))
    _to_firm(connection, invoice, mailed, words, about=about, kind=kind, now=now)


def post_not_charged(
    connection: Connection, invoice: InvoiceRecord, why: str, *, tries: int, now: datetime
) -> None:
    """Say that nothing could be charged, and why, to the client and to the firm; once after so many
    tries."""
    mailed = replace(_mailed(invoice, None), reason=why)
    about = f"auto-pay of invoice {invoice.id} without a charge after {tries}"
    to_email = client_payers.address(connection, invoice.client_id, None)
    _to_client(connection, invoice, autopay_letters.not_charged(mailed), (to_email, about), now=now)
    words = (
        "Auto-pay did not charge",
        "The client was asked to pay by themselves.",
    )
    _to_firm(connection, invoice, mailed, words, about=about, now=now)


def _letter(mailed: MailedTry, told: Told) -> Letter:
    if mailed.next_try_on is not None:
        return autopay_letters.tried_again(mailed)
    if told.decline is Decline.AUTHENTICATION:
        return autopay_letters.must_confirm(mailed)
    return autopay_letters.must_pay(mailed)


def _what_next(mailed: MailedTry, told: Told) -> str:
    match told.result.state:
        case AutopayState.EXHAUSTED:
            return (
                f"All {tries_text(mailed.tries)} to charge this invoice failed, and auto-pay does"
                " not try again. The client was asked to pay; you may want to call them."
            )
        case AutopayState.CLIENT:
            return "Auto-pay does not try again. The client was asked to pay by themselves."
        case _ if mailed.next_try_on is not None:
            day = long_day_text(mailed.next_try_on)
            return f"Auto-pay tries again on {day}. The client was told."
        case _:
            return "The client was told."


def _mailed(invoice: InvoiceRecord, told: Told | None) -> MailedTry:
    next_try_at = told.result.next_try_at if told else None
    return MailedTry(
        firm=invoice.firm,
        client=invoice.client,
        number=invoice.number,
        amount_cents=invoice.balance_cents,
        method=told.means if told else "",
        reason=told.reason if told else "",
        invoice_link=portal_links.link_of(invoice.pay_token),
        next_try_on=day_of(next_try_at, invoice.timezone) if next_try_at else None,
        tries=told.result.failures if told else 0,
    )


def _to_client(
    connection: Connection,
    invoice: InvoiceRecord,
    letter: Letter,
    addressed: tuple[str, str],
    *,
    now: datetime,
) -> None:
    to_email, about = addressed
    key = f"{about} to {to_email}"
    if not to_email or outbox.is_known(connection, key):
        return
    outbox.enqueue(
        connection,
        firm_id=invoice.firm_id,
        invoice_id=invoice.id,
        to_email=to_email,
        from_name=invoice.firm,
        reply_to=answer_address.of_firm(connection, invoice.firm_id, but_not=to_email),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        now=now,
        key=key,
    )


def _to_firm(
    connection: Connection,
    invoice: InvoiceRecord,
    mailed: MailedTry,
    words: tuple[str, str],
    *,
    about: str,
    kind: NotificationKind = NotificationKind.PAYMENT_FAILED,
    now: datetime,
) -> None:
    headline, what_next = words
    amount = full_text(mailed.amount_cents)
    notifications.tell(
        connection,
        firm_id=invoice.firm_id,
        kind=kind,
        text=f"{headline}: {invoice.client}, {amount} on {invoice.number}",
        detail=" ".join(part for part in (told_to_firm(mailed.reason), what_next) if part),
        about=f"{about} for the firm",
        invoice_id=invoice.id,
        client_id=invoice.client_id,
        letter=lambda: autopay_letters.for_staff(
            mailed,
            headline=headline,
            what_next=what_next,
            desk_link=portal_links.desk_link(invoice.number),
        ),
        now=now,
    )
