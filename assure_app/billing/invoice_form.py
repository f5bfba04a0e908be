"""Reading the invoice form by the one rule that previews and saves it; every problem at its field.

Lines are told apart by their key: the quantity of the line with key 2 is the field "quantity-2".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from assure_app.billing import client_form, clients, invoice_numbers
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.reading.editor_form import LineForm
from assure_app.billing.reading.invoice_form import InvoiceForm
from assure_app.domain.entry import EARLIEST_DAY, Entry
from assure_app.domain.invoice_number import LONGEST_NUMBER, number_problem
from assure_app.domain.line_items import (
    DESCRIPTION_LIMIT,
    MOST_LINES,
    Line,
    LineProblem,
    check_line,
    check_lines,
    parse_price,
    parse_quantity,
    parse_tax_rate,
)
from assure_app.domain.permissions import Principal

TITLE_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedInvoice:
    """What a form says. `client` is None where none was named or where `new_client` is to be added.

    `number` is "" for the firm's next one. `lines` are by key, those only whose figures can stand.
    """

    client: clients.KnownClient | None = None
    new_client: clients.NewClient | None = None
    engagement_id: int | None = None
    number: str = ""
    title: str = ""
    issued_on: date = EARLIEST_DAY
    due_on: date = EARLIEST_DAY
    lines: dict[str, Line]

    @property
    def ordered_lines(self) -> tuple[Line, ...]:
        """The lines as they stand on the invoice."""
        return tuple(self.lines.values())


def read(
    connection: Connection,
    principal: Principal,
    entry: Entry,
    form: InvoiceForm,
    *,
    edited: InvoiceRecord | None,
    suggestion: str = "",
) -> WantedInvoice:
    """Read the form; what is wrong is noted in `entry`.

    `edited` is the invoice being edited, None for a new one, which takes the firm's next number
    when the `suggestion` was left as it was.
    """
    client, new_client = _client(connection, principal, entry, form, edited)
    issued_on = entry.day("date", form.date)
    due_on = entry.day("due", form.due)
    if not {"date", "due"} & set(entry.problems) and due_on < issued_on:
        entry.refuse("due", "An invoice cannot be due before its date.")
    return WantedInvoice(
        client=client,
        new_client=new_client,
        engagement_id=read_engagement(connection, entry, form.engagement, client),
        number=_number(connection, principal, entry, form, edited=edited, suggestion=suggestion),
        title=entry.line("title", form.title, limit=TITLE_LIMIT, name="Title"),
        issued_on=issued_on,
        due_on=due_on,
        lines=read_lines(entry, form.lines),
    )


def read_engagement(
    connection: Connection, entry: Entry, chosen_id: str, client: clients.KnownClient | None
) -> int | None:
    """The engagement of this client that was chosen, None for none."""
    if not chosen_id:
        return None
    of_client = clients.engagements_of(connection, client.id) if client else []
    chosen = next((each.id for each in of_client if str(each.id) == chosen_id), None)
    if chosen is None:
        entry.refuse("engagement", "Choose an engagement of this client, or none.")
    return chosen


def read_lines(entry: Entry, forms: Sequence[LineForm]) -> dict[str, Line]:
    """The lines by key, those only whose figures can stand."""
    found = {line.key: _line(entry, line) for line in forms[: MOST_LINES + 1]}
    lines = {key: line for key, line in found.items() if line is not None}
    try:
        check_lines(tuple(lines.values()))
    except LineProblem as problem:
        if lines or not forms:  # Otherwise each line says itself why it cannot stand.
            entry.refuse("lines", str(problem))
    return lines


def _client(
    connection: Connection,
    principal: Principal,
    entry: Entry,
    form: InvoiceForm,
    edited: InvoiceRecord | None,
) -> tuple[clients.KnownClient | None, clients.NewClient | None]:
    if edited is None or not _is_sent(edited):
        return client_form.read(connection, principal, entry, form)
    why = "An invoice that was sent keeps its client."
    client_form.refuse_another(entry, form, kept=edited.client, why=why)
    return clients.KnownClient(id=edited.client_id, name=edited.client), None


def _number(
    connection: Connection,
    principal: Principal,
    entry: Entry,
    form: InvoiceForm,
    *,
    edited: InvoiceRecord | None,
    suggestion: str,
) -> str:
    typed = entry.line("number", form.number, limit=LONGEST_NUMBER, name="A number")
    if edited is not None:
        if typed == edited.number or (_is_sent(edited) and not typed):
            return edited.number
        if _is_sent(edited):
            entry.refuse("number", "An invoice that was sent keeps its number.")
    elif typed in {"", suggestion}:
        return ""
    if problem := number_problem(typed):
        entry.refuse("number", problem)
    elif invoice_numbers.is_taken(connection, principal.firm_id, typed):
        entry.refuse("number", f"Another invoice is {typed} already.")
    return typed


def _line(entry: Entry, form: LineForm) -> Line | None:
    """The line; its description may be missing. None when its figures cannot stand."""
    description = _description(entry, form)
    quantity = _figure(entry, f"quantity-{form.key}", form.quantity, parse_quantity)
    price = _figure(entry, f"price-{form.key}", form.price, parse_price)
    tax_rate = _figure(entry, f"tax-{form.key}", form.tax, parse_tax_rate)
    if quantity is None or price is None or tax_rate is None:
        return None
    line = Line(
        description=description,
        quantity_thousandths=quantity,
        unit_price_cents=price,
        tax_rate_thousandths=tax_rate,
    )
    try:
        check_line(line)
    except LineProblem as problem:
        entry.refuse(f"quantity-{form.key}", str(problem))
        return None
    return line


def _description(entry: Entry, form: LineForm) -> str:
    field = f"description-{form.key}"
    text = entry.line(field, form.description, limit=DESCRIPTION_LIMIT, name="Description")
    if not text:
        entry.refuse(field, "Describe what this line is for.")
    return text


def _figure(entry: Entry, field: str, text: object, parse: Callable[[str], int]) -> int | None:
    try:
        return parse(text if isinstance(text, str) else "")
    except LineProblem as problem:
        entry.refuse(field, str(problem))
        return None


def _is_sent(edited: InvoiceRecord | None) -> bool:
    return edited is not None and edited.sent_at is not None
