"""From the rows of a file to its invoices: rows gathered, facts read, sums held against each other.

Nothing is guessed. What we have no place for (discounts, credits, other currencies) and what
contradicts itself is a sentence at its line.
"""

import re
from collections.abc import Iterator
from datetime import date

from assure_app.billing.importing.cells import LONGEST_NAME, Cells
from assure_app.billing.importing.dates_and_amounts import DateForm, read_rate_thousandths
from assure_app.billing.importing.formats import folded
from assure_app.billing.importing.problems import Problems
from assure_app.billing.importing.reading import Row, Survey, rows_of
from assure_app.billing.importing.rows import ImportedInvoice
from assure_app.domain.line_items import (
    DESCRIPTION_LIMIT,
    MAX_TAX_RATE_THOUSANDTHS,
    Line,
    LineProblem,
    amount_cents,
    check_lines,
    tax_cents,
    totals,
)
from assure_app.domain.money import full_text

_NOTHING = re.compile(r"\$?0*(\.0*)?%?", re.ASCII)
_SALES = ("", "invoice", "salesinvoice", "accrec")
_DRAFT = ("draft", "awaitingapproval", "submitted", "needsapproval")
_GONE = ("void", "deleted", "cancelled", "canceled")
_OPEN = (
    *("awaitingpayment", "authorised", "authorized", "approved", "open", "sent", "notsent"),
    *("viewed", "delivered", "overdue", "due", "unpaid", "partial", "needtosend"),
)
_UNTAXED = ("exempt", "non", "notax", "zero", "nottaxable", "outofscope")
_PAID = ("paid", "deposited", "closed")


def invoices_of(
    surveyed: Survey, form: DateForm, *, today: date, problems: Problems
) -> Iterator[ImportedInvoice]:
    """Every good invoice of the file in its order; what is wrong is added to `problems`."""
    lines: dict[str, int] = {}
    for rows in _groups(surveyed):
        cells = Cells(rows, surveyed.recognised.format, form, problems)
        each = _read(cells, is_itemised=surveyed.recognised.is_itemised, today=today)
        known_line = lines.setdefault(each.number, each.line) if each.number else each.line
        if known_line != each.line:
            cells.refuse(f"{each.number} stands on line {known_line} already.")
        if not cells.is_refused:
            yield each


def _groups(surveyed: Survey) -> Iterator[list[Row]]:
    """The rows of one invoice together; they follow each other and bear one number."""
    group: list[Row] = []
    is_itemised = surveyed.recognised.is_itemised
    for row in rows_of(surveyed):
        number = row.cells["number"]
        if group and not (is_itemised and number and group[0].cells["number"] == number):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _read(cells: Cells, *, is_itemised: bool, today: date) -> ImportedInvoice:
    cells.check_length()
    _check_kind(cells)
    title = cells.text("title", limit=LONGEST_NAME)
    issued_on, due_on = cells.day("issued"), cells.day("due")
    if due_on < issued_on and not cells.is_refused:
        cells.refuse("An invoice cannot be due before it is issued.")
    if is_itemised:
        lines = tuple(_line(cells, row, title) for row in cells.rows)
    else:
        lines = _only_line(cells, title)
    total_cents = _total(cells, lines, is_itemised=is_itemised)
    is_draft, says_paid = _status(cells)
    paid_cents = _paid(cells, total_cents, is_draft=is_draft, says_paid=says_paid)
    return ImportedInvoice(
        line=cells.line,
        number=cells.number(),
        client=cells.client(),
        contact_name=cells.contact_name(),
        emails=cells.emails(),
        title=title,
        issued_on=issued_on,
        due_on=due_on,
        lines=lines,
        total_cents=total_cents,
        paid_cents=paid_cents,
        paid_on=_paid_on(cells, min(issued_on, today), today),
        is_draft=is_draft,
    )


def _check_kind(cells: Cells) -> None:
    """Refuse what is no sales invoice in dollars, and discounts."""
    kind = cells.fact("type")
    if folded(kind) not in _SALES:
        cells.refuse(f"“{kind[:40]}” cannot be imported, only sales invoices: remove the row.")
    currency = cells.fact("currency")
    if currency.upper() not in {"", "USD"}:
        cells.refuse(f"It is in {currency[:10]}. Only US dollars can be imported.")
    for row in cells.rows:
        discount = row.cells.get("discount", "")
        if not _NOTHING.fullmatch(discount):
            cells.refuse(
                f"A discount of {discount[:20]} cannot be imported: take it off the price.",
                line=row.line,
            )


def _only_line(cells: Cells, title: str) -> tuple[Line, ...]:
    """The one line of an invoice of which the file tells the total only."""
    cells.required("total")
    return (Line(description=title or "Services", unit_price_cents=cells.cents("total") or 0),)


def _line(cells: Cells, row: Row, title: str) -> Line:
    description = (
        cells.text("description", limit=DESCRIPTION_LIMIT, row=row)
        or cells.text("item", limit=DESCRIPTION_LIMIT, row=row)
        or title
        or "Services"
    )
    quantity = cells.quantity_thousandths(row) or 1000
    price, stated = cells.cents("price", row), cells.cents("amount", row)
    if price is None:
        price = _price(cells, row, quantity, stated)
    computed = amount_cents(quantity_thousandths=quantity, unit_price_cents=price)
    if stated is not None and stated != computed and row.cells.get("price"):
        cells.refuse(
            f"Quantity times price is {full_text(computed)}, but the line says "
            f"{full_text(stated)}.",
            line=row.line,
        )
    return Line(
        description=description,
        quantity_thousandths=quantity,
        unit_price_cents=price,
        tax_rate_thousandths=_tax_rate(cells, row, computed),
    )


def _price(cells: Cells, row: Row, quantity: int, amount: int | None) -> int:
    """The price that a line's amount and quantity tell; a line with no figure is only a note."""
    if amount is None:
        if row.cells.get("quantity") and not row.cells.get("price") and not row.cells.get("amount"):
            cells.refuse("The line has a quantity, but no price.", line=row.line)
        return 0
    if amount * 1000 % quantity:
        cells.refuse(
            f"{full_text(amount)} cannot be divided by the quantity: write the quantity 1.",
            line=row.line,
        )
    return amount * 1000 // quantity


def _tax_rate(cells: Cells, row: Row, amount: int) -> int:
    """The rate in thousandths of a percent; the tax that the file says must follow from it."""
    text = row.cells.get("rate", "")
    named = read_rate_thousandths(text)
    tax = cells.cents("tax", row)
    if tax is None:
        if text and named is None and not any(word in folded(text) for word in _UNTAXED):
            cells.refuse(
                f"“{text[:40]}” names no tax rate, and no tax is given: write 8.25%, or the tax.",
                line=row.line,
            )
        return named or 0
    if named is not None and tax_cents(amount, tax_rate_thousandths=named) == tax:
        return named
    told = (tax * 100_000 + amount // 2) // amount if amount else 0
    if tax_cents(amount, tax_rate_thousandths=told) != tax or told > MAX_TAX_RATE_THOUSANDTHS:
        cells.refuse(
            f"The tax {full_text(tax)} is no rate of {full_text(amount)} that "
            "can be kept: make it a line of its own.",
            line=row.line,
        )
    return told


def _total(cells: Cells, lines: tuple[Line, ...], *, is_itemised: bool) -> int:
    """What the lines come to with their taxes, which is what the file must say as well."""
    sums = totals(lines)
    stated = cells.cents("total") if is_itemised else None
    if cells.is_refused:
        return 0
    try:
        check_lines(lines)
    except LineProblem as problem:
        cells.refuse(str(problem))
    if stated not in {None, sums.total_cents} and stated == sums.subtotal_cents:
        cells.refuse("Its prices include the tax: export it with prices before tax.")
    elif stated not in {None, sums.total_cents}:
        cells.refuse(
            f"The lines come to {full_text(sums.total_cents)}, but the file says "
            f"{full_text(stated or 0)}."
        )
    elif sums.total_cents == 0:
        cells.refuse("The invoice comes to $0.00.")
    return sums.total_cents


def _status(cells: Cells) -> tuple[bool, bool]:
    """Whether the file says that the invoice is a draft, and that it is paid."""
    if (sent := cells.fact("sent").lower()) or "sent" in cells.rows[0].cells:
        if sent not in {"yes", "no"}:
            cells.refuse("Write yes or no under “sent”.")
        return sent == "no", False
    status = folded(cells.fact("status"))
    if status.startswith(_GONE):
        cells.refuse("It was voided or deleted: remove the row.")
    elif status and not status.startswith((*_DRAFT, *_OPEN, *_PAID)):
        cells.refuse(f"“{cells.fact('status')[:40]}” is no status that we know.")
    return status.startswith(_DRAFT), status.startswith(_PAID)


def _paid(cells: Cells, total_cents: int, *, is_draft: bool, says_paid: bool) -> int:
    """What was paid before, by all that the file says of it."""
    paid, still_open = cells.cents("paid"), cells.cents("open")
    if paid is None:
        is_told = still_open is not None
        paid = total_cents - (still_open or 0) if is_told or says_paid else 0
    if cells.is_refused:
        return 0
    if still_open is not None and still_open > total_cents:
        cells.refuse(f"{full_text(still_open)} are open of {full_text(total_cents)}.")
    elif still_open is not None and paid + still_open != total_cents:
        cells.refuse(
            f"{full_text(paid)} paid and {full_text(still_open)} open are not the total of "
            f"{full_text(total_cents)}: credits cannot be imported."
        )
    elif paid > total_cents:
        cells.refuse(f"{full_text(paid)} were paid of {full_text(total_cents)}.")
    elif says_paid and paid < total_cents:
        cells.refuse(f"It is called paid, but {full_text(total_cents - paid)} are open.")
    elif is_draft and paid:
        cells.refuse(f"It is a draft, but {full_text(paid)} were paid.")
    return paid


def _paid_on(cells: Cells, otherwise: date, today: date) -> date:
    text = cells.fact("paid_on")
    if not text:
        return otherwise
    day = cells.day_of("paid_on", text)
    if day > today:
        cells.refuse("It was paid on a day that is still to come.")
    return day
