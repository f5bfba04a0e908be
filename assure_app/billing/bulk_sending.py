"""Sending many drafts at once to their clients' contacts, each for itself (R140)."""

from collections.abc import Sequence
from datetime import datetime

from assure_app.billing import invoice_letters, invoice_record, sending
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.reading.send_rows import BulkOutcome, BulkSendPreview, BulkSendRow, Refused
from assure_app.billing.send_form import AlreadySent, InvoiceChanged, NoAddress, NotSendable, Wanted
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import long_day_text
from assure_app.domain.errors import BillingError, InvalidInput, NotFound
from assure_app.domain.invoice_status import Status
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Principal

MOST_AT_ONCE = 200


def preview_many(
    principal: Principal, numbers: Sequence[object], *, now: datetime
) -> BulkSendPreview:
    """What `send_many` would do with each of these invoices; nothing is written."""
    sending.require(principal, now)
    rows: list[BulkSendRow] = []
    ready_cents = 0
    with reading() as connection:
        for number in _chosen(numbers):
            try:
                found = invoice_record.find(connection, principal, number)
            except NotFound as refusal:
                rows.append(BulkSendRow(number=number, problem=refusal.sentence))
                continue
            addresses = invoice_letters.addresses_of(connection, found.client_id)
            problem = _why_not(found, addresses, now)
            ready_cents += 0 if problem else found.balance_cents
            rows.append(_row(found, addresses, problem))
    ready = sum(not row.problem for row in rows)
    return BulkSendPreview(rows=tuple(rows), ready=ready, total=full_text(ready_cents))


def send_many(
    principal: Principal,
    numbers: Sequence[object],
    *,
    shown: Sequence[BulkSendRow] = (),
    now: datetime,
) -> BulkOutcome:
    """Send each of 1 to 200 drafts to its client's contacts, each for itself.

    What cannot be sent stays as it is and is told with its sentence, and so is what is not any
    more as it was `shown`; the others go. Raises InvalidInput for a wrong count, MailNotSetUp when
    nothing can be sent from here.
    """
    sending.require(principal, now)
    sending.require_mail()
    sent: list[str] = []
    refused: list[Refused] = []
    lasting: BillingError | None = None
    looked_at = {row.number: row for row in shown}
    for number in _chosen(numbers):
        try:
            if lasting:  # A database that is gone or held is not waited for 200 times.
                raise lasting
            sent.append(_send_to_contacts(principal, number, looked_at.get(number), now))
        except BillingError as refusal:
            lasting = refusal if refusal.retryable else None
            refused.append(Refused(number=number, sentence=refusal.sentence))
    return BulkOutcome(sent=tuple(sent), refused=tuple(refused))


def _send_to_contacts(
    principal: Principal, number: str, shown: BulkSendRow | None, now: datetime
) -> str:
    with unit_of_work() as connection:
        found = invoice_record.find_and_lock(connection, principal, number)
        addresses = invoice_letters.addresses_of(connection, found.client_id)
        if problem := _why_not(found, addresses, now):
            raise problem
        if shown and _row(found, addresses, None) != shown:
            raise InvoiceChanged(found.number)
        sending.open_and_post(connection, principal, found, Wanted(addresses=addresses), now)
    return found.number


def _why_not(found: InvoiceRecord, addresses: Sequence[str], now: datetime) -> BillingError | None:
    """Why this invoice does not go with the others, or None."""
    status = found.status(now)
    if status is not Status.DRAFT:
        is_sent = found.opened_at is not None
        return AlreadySent(found.number) if is_sent else NotSendable(found.number, status)
    return None if addresses else NoAddress(found.client)


def _row(
    found: InvoiceRecord, addresses: Sequence[str], problem: BillingError | None
) -> BulkSendRow:
    return BulkSendRow(
        number=found.number,
        invoice_id=found.id,
        version=found.version,
        client=found.client,
        addresses=", ".join(addresses),
        amount=full_text(found.balance_cents),
        due=long_day_text(found.due_on),
        problem=problem.sentence if problem else "",
    )


def _chosen(numbers: Sequence[object]) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(each for each in numbers if isinstance(each, str)))
    if not 1 <= len(chosen) <= MOST_AT_ONCE:
        raise InvalidInput({"": f"Choose from 1 to {MOST_AT_ONCE} invoices."})
    return chosen
