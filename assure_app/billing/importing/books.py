"""What the firm's books hold already, asked batch by batch: clients by name, invoices by number.

Of the clients only names and ids are kept in memory, for whom an invoice goes to has to be told
without regard to case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from assure_app.billing.importing.problems import Problems
from assure_app.billing.importing.rows import ImportedClient, ImportedInvoice
from assure_app.models.tables import client, contact, firm, invoice

_NEW = 0
"""The id of a client that the file brings and that is not written yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmFacts:
    """What an import needs to know of its firm."""

    id: int
    timezone: str
    invoice_prefix: str


@dataclass(slots=True)
class _Spelling:
    """How a client's name is written, and where it is from: a line of the file, or the books."""

    name: str
    client_id: int
    line: int = 0
    others: list[str] = field(default_factory=list)


class Books:
    """The firm's clients and invoices as far as a file names them.

    Without writing it answers what would be new, which is what a preview shows.
    """

    def __init__(self, connection: Connection, firm_id: int) -> None:
        self._connection = connection
        self._clients: dict[str, _Spelling] = {}
        self.firm = _firm(connection, firm_id)
        self.new_clients = 0
        self._read_clients()

    def client_id(self, name: str) -> int:
        """The id of a client that the books hold by now."""
        return self._clients[name.casefold()].client_id

    def name_of(self, name: str) -> str:
        """The client's name as the books write it."""
        return self._clients[name.casefold()].name

    def take_clients(self, wanted: Iterable[ImportedClient], problems: Problems) -> list[str]:
        """The names that the books do not have yet, which count as had from now on."""
        new = []
        for each in wanted:
            known = self._clients.get(each.client.casefold())
            if known is None:
                spelling = _Spelling(each.client, _NEW, line=each.line)
                self._clients[each.client.casefold()] = spelling
                new.append(each.client)
            elif problem := _spelling_problem(each.client, known):
                problems.add(each.line, problem)
        self.new_clients += len(new)
        return new

    def note_written(self, ids: Iterable[tuple[str, int]]) -> None:
        """Keep the ids of clients that were written."""
        for name, client_id in ids:
            self._clients[name.casefold()].client_id = client_id

    def new_invoices(
        self, wanted: Sequence[ImportedInvoice], problems: Problems
    ) -> list[ImportedInvoice]:
        """Those whose number the books do not have; one with other facts is a problem."""
        known = self._known([each.number for each in wanted])
        new = []
        for each in wanted:
            if each.number not in known:
                new.append(each)
            elif differing := _differences(each, known[each.number]):
                what = " and ".join(f"another {name}" for name in differing)
                problems.add(each.line, f"{each.number} exists already with {what}.")
        return new

    def known_contacts(self, client_ids: Iterable[int]) -> set[tuple[int, str]]:
        """The emails of these clients' contacts."""
        rows = self._connection.execute(
            select(contact.c.client_id, contact.c.email).where(
                contact.c.client_id.in_(sorted(set(client_ids)))
            )
        )
        return {(row.client_id, row.email.lower()) for row in rows}

    def _known(self, numbers: Sequence[str]) -> dict[str, Row[Any, Any, Any, Any, Any]]:
        rows = self._connection.execute(
            select(
                invoice.c.number,
                invoice.c.client_name,
                invoice.c.issued_on,
                invoice.c.due_on,
                invoice.c.total_cents,
            ).where(invoice.c.firm_id == self.firm.id, invoice.c.number.in_(numbers))
        )
        return {row.number: row for row in rows}

    def _read_clients(self) -> None:
        rows = self._connection.execute(
            select(client.c.name, client.c.id)
            .where(client.c.firm_id == self.firm.id)
            .order_by(client.c.id)
        )
        for row in rows:
            spelling = self._clients.setdefault(row.name.casefold(), _Spelling(row.name, row.id))
            if spelling.client_id != row.id:
                spelling.others.append(row.name)


def _firm(connection: Connection, firm_id: int) -> FirmFacts:
    found = connection.execute(
        select(firm.c.id, firm.c.timezone, firm.c.invoice_prefix).where(firm.c.id == firm_id)
    ).one()
    return FirmFacts(id=found.id, timezone=found.timezone, invoice_prefix=found.invoice_prefix)


def _spelling_problem(name: str, known: _Spelling) -> str:
    """Why a name cannot be told to be the client known by it, or ""."""
    if known.others:
        several = " and ".join(f"“{each}”" for each in (known.name, *known.others))
        return f"You have the clients {several}, told apart by case only: rename one first."
    if known.line and name != known.name:
        return f"“{name}” is written “{known.name}” on line {known.line}: write it in one way."
    return ""


def _differences(wanted: ImportedInvoice, known: Row[Any, Any, Any, Any, Any]) -> list[str]:
    is_same = {
        "client": wanted.client.casefold() == known.client_name.casefold(),
        "issued day": wanted.issued_on == known.issued_on,
        "due day": wanted.due_on == known.due_on,
        "amount": wanted.total_cents == known.total_cents,
    }
    return [name for name, same in is_same.items() if not same]
