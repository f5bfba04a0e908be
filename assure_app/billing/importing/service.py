"""Checking a file against a firm's books, and importing it whole or not at all.

Both read the file in the same way, as a stream in batches, so what a preview promises is what an
import does, unless the books changed in between: then the import looks again and says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, select

from assure_app.billing import audit
from assure_app.billing.importing.books import Books
from assure_app.billing.importing.clients import clients_of
from assure_app.billing.importing.dates_and_amounts import DateForm
from assure_app.billing.importing.formats import Kind
from assure_app.billing.importing.invoices import invoices_of
from assure_app.billing.importing.preview import (
    ImportOptions,
    ImportOutcome,
    ImportPreview,
    SampleRow,
    counted,
)
from assure_app.billing.importing.problems import ImportRefused, Problems
from assure_app.billing.importing.reading import Survey, survey
from assure_app.billing.importing.rows import ImportedClient, ImportedInvoice
from assure_app.billing.importing.writing import Writer
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.errors import NotFound, PermissionDenied
from assure_app.domain.invoice_status import InvoiceFacts, status
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import firm

ACT = "import invoices"
BATCH = 1_000
_ALL_CLIENTS = "Access to all clients"
_SAMPLE = 10
_AMERICAN = ("America/", "US/", "Pacific/Honolulu")

Item = TypeVar("Item")


def require(principal: Principal, *, now: datetime) -> None:
    """Raise PermissionDenied unless the person may import; the denial is logged.

    A file may name any client of the firm, so it takes someone who may see them all.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    if not principal.sees_all_clients:
        text = f"{principal.name} was denied: {ACT} (needs access to all clients)"
        with unit_of_work() as connection:
            audit.note(
                connection,
                firm_id=principal.firm_id,
                user_id=principal.user_id,
                text=text,
                at=now,
            )
        raise PermissionDenied(_ALL_CLIENTS)


def denial(principal: Principal) -> str:
    """The sentence shown instead of the page to who may not import, or ""."""
    if not principal.has(Permission.EDIT_BILLING):
        return PermissionDenied(Permission.EDIT_BILLING).sentence
    return "" if principal.sees_all_clients else PermissionDenied(_ALL_CLIENTS).sentence


def check(
    principal: Principal, content: bytes, options: ImportOptions, *, now: datetime
) -> ImportPreview:
    """What importing this file would do; writes nothing, and never raises for what is in it."""
    require(principal, now=now)
    try:
        surveyed = survey(content)
    except ImportRefused as refusal:
        return ImportPreview(problems=tuple(refusal.found.told), problem_count=refusal.found.count)
    with reading() as connection:
        books = Books(connection, principal.firm_id)
        form = _date_form(surveyed, options, books.firm.timezone)
        pass_through = _Pass(surveyed, form, books, now)
        for _ in pass_through.batches():
            pass  # what is wrong and what is new is counted on the way
        return pass_through.preview()


def run(
    principal: Principal, content: bytes, options: ImportOptions, *, now: datetime
) -> ImportOutcome:
    """Import the file in one transaction, whole or not at all; a repeat adds nothing.

    Raises ImportRefused with what is wrong; then nothing was written.
    """
    require(principal, now=now)
    surveyed = survey(content)
    with unit_of_work() as connection:
        lock_firm(connection, principal.firm_id)
        return write(connection, principal, surveyed, options, now=now)


def lock_firm(connection: Connection, firm_id: int) -> None:
    """A second import waits here and then sees what the first one added.

    The lock leaves room for rows that only refer to the firm, so that payments go on meanwhile.
    """
    found = connection.execute(
        select(firm.c.id).where(firm.c.id == firm_id).with_for_update(key_share=True)
    ).first()
    if found is None:
        raise NotFound("firm")


def write(
    connection: Connection,
    principal: Principal,
    surveyed: Survey,
    options: ImportOptions,
    *,
    now: datetime,
) -> ImportOutcome:
    """Write all of the file in the caller's transaction, which holds the firm's lock."""
    books = Books(connection, principal.firm_id)
    form = _date_form(surveyed, options, books.firm.timezone)
    pass_through = _Pass(surveyed, form, books, now)
    writer = Writer(connection, books, principal, now)
    contacts = 0
    for batch in pass_through.batches():
        if pass_through.problems.count:
            continue  # it will be rolled back: only the other problems are still of interest
        writer.add_clients(batch.new_clients)
        contacts += writer.add_contacts(batch.items)
        writer.add_invoices(batch.new)
    pass_through.problems.check()
    writer.raise_next_number()
    outcome = pass_through.outcome(contacts)
    text = f"{principal.name} imported a file. {outcome.sentence}"
    audit.note(connection, firm_id=principal.firm_id, user_id=principal.user_id, text=text, at=now)
    return outcome


@dataclass(slots=True)
class _Batch:
    """Some items of the file, held against the books."""

    items: list[ImportedInvoice] | list[ImportedClient]
    new_clients: list[str]
    new: list[ImportedInvoice] = field(default_factory=list)


class _Pass:
    """One reading of a whole file, with all that is counted on the way."""

    def __init__(self, surveyed: Survey, form: DateForm, books: Books, now: datetime) -> None:
        self.problems = Problems()
        self._surveyed = surveyed
        self._form = form
        self._books = books
        self._today = day_of(now, books.firm.timezone)
        self._is_clients = surveyed.recognised.format.kind is Kind.CLIENTS
        self._sample: list[SampleRow] = []
        self._new = 0
        self._known = 0
        self._total_cents = 0
        self._open_cents = 0

    def batches(self) -> Iterator[_Batch]:
        """The file in batches."""
        return self._clients() if self._is_clients else self._invoices()

    def preview(self) -> ImportPreview:
        """What was counted, once all batches were taken."""
        has_numbers = bool(self._surveyed.decided or self._surveyed.undecided)
        return ImportPreview(
            format=self._surveyed.recognised.format.name,
            is_clients=self._is_clients,
            rows=self._surveyed.rows,
            new=self._new,
            known=self._known,
            new_clients=self._books.new_clients,
            total=full_text(self._total_cents),
            open_balance=full_text(self._open_cents),
            dates=self._form.value if has_numbers else "",
            asks_dates=not self._surveyed.decided and self._surveyed.undecided > 0,
            problems=tuple(self.problems.told),
            problem_count=self.problems.count,
            sample=tuple(self._sample),
        )

    def outcome(self, contacts: int) -> ImportOutcome:
        """What was written."""
        clients = self._books.new_clients
        if self._is_clients:
            sentence = f"{counted(clients, 'client')}, {counted(contacts, 'contact')} imported"
        else:
            sentence = f"{counted(self._new, 'invoice')}, {counted(clients, 'new client')} imported"
        there = "was" if self._known == 1 else "were"
        return ImportOutcome(
            sentence=f"{sentence}; {self._known:,} {there} there already.",
            added=self._new,
            known=self._known,
            new_clients=clients,
        )

    def _clients(self) -> Iterator[_Batch]:
        for items in _batched(clients_of(self._surveyed, self.problems)):
            new = self._books.take_clients(items, self.problems)
            self._known += len(items) - len(new)
            for each in items[: _SAMPLE - len(self._sample)]:
                self._sample.append(SampleRow(client=each.client, email=", ".join(each.emails)))
            yield _Batch(items=items, new_clients=new)

    def _invoices(self) -> Iterator[_Batch]:
        found = invoices_of(self._surveyed, self._form, today=self._today, problems=self.problems)
        for items in _batched(found):
            new_clients = self._books.take_clients(items, self.problems)
            before = self.problems.count
            new = self._books.new_invoices(items, self.problems)
            self._new += len(new)
            self._known += len(items) - len(new) - (self.problems.count - before)
            self._total_cents += sum(each.total_cents for each in new)
            self._open_cents += sum(each.total_cents - each.paid_cents for each in new)
            for each in items[: _SAMPLE - len(self._sample)]:
                self._sample.append(self._sample_row(each))
            yield _Batch(items=items, new_clients=new_clients, new=new)

    def _sample_row(self, each: ImportedInvoice) -> SampleRow:
        balance_cents = each.total_cents - each.paid_cents
        facts = InvoiceFacts(
            total_cents=each.total_cents,
            settled_cents=each.paid_cents,
            balance_cents=balance_cents,
            due_date=each.due_on,
            opened_at=None if each.is_draft else _ANY_MOMENT,
        )
        return SampleRow(
            number=each.number,
            client=each.client,
            issued=day_text(each.issued_on, today=self._today),
            due=day_text(each.due_on, today=self._today),
            lines=str(len(each.lines)),
            total=full_text(each.total_cents),
            balance=full_text(balance_cents) if balance_cents else "",
            status=status(facts, self._today).value,
        )


_ANY_MOMENT = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _date_form(surveyed: Survey, options: ImportOptions, timezone: str) -> DateForm:
    """The file's own form, or what the person says, or what the firm's country uses."""
    if options.dates in set(DateForm):
        return DateForm(options.dates)
    if surveyed.date_form is not None:
        return surveyed.date_form
    is_american = timezone.startswith(_AMERICAN)
    return DateForm.MONTH_FIRST if is_american else DateForm.DAY_FIRST


def _batched(items: Iterable[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH)):
        yield batch
