"""Files as the programs export them, written from plain facts."""

import csv
import io
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from assure_app.billing.importing import service
from assure_app.billing.importing.preview import ImportOptions, ImportOutcome, ImportPreview
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import (
    activity,
    client,
    contact,
    invoice,
    invoice_line,
    payment,
    search_key,
)
from tests.support.desk import Desk

OWN = "number,client,contact_name,contact_email,title,issued,due,amount,sent"
XERO = (
    "*ContactName,EmailAddress,*InvoiceNumber,Reference,*InvoiceDate,*DueDate,Total,"
    "InvoiceAmountPaid,InvoiceAmountDue,*Description,*Quantity,*UnitAmount,Discount,LineAmount,"
    "TaxType,TaxAmount,Currency,Type,Sent,Status"
)
QUICKBOOKS = (
    "*InvoiceNo,*Customer,*InvoiceDate,*DueDate,Memo,Item(Product/Service),ItemDescription,"
    "ItemQuantity,ItemRate,*ItemAmount,ItemTaxAmount,Total,Balance"
)
TRANSACTIONS = "Date,Transaction type,Num,Name,Memo/Description,Due date,Amount,Open balance"
TABLES = (client, contact, invoice, invoice_line, payment, activity, search_key)


def csv_text(rows: Iterable[Sequence[object]], *, separator: str = ",") -> str:
    """Rows as one CSV text."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue()


def xero_line(**cells: str) -> str:
    """A line of Xero's export over $100.00, sent and open, with these cells instead of its own."""
    fair = {
        "*ContactName": "Patel Family",
        "*InvoiceNumber": "INV-7",
        "*InvoiceDate": "05/22/2026",
        "*DueDate": "06/21/2026",
        "Total": "100.00",
        "*Description": "Work",
        "*Quantity": "1",
        "*UnitAmount": "100.00",
        "LineAmount": "100.00",
        "TaxType": "Tax Exempt (0%)",
        "TaxAmount": "0.00",
        "Currency": "USD",
        "Type": "Sales invoice",
        "Sent": "Sent",
        "Status": "Awaiting Payment",
    }
    names = XERO.split(",")
    values = fair | {next(n for n in names if n.strip("*") == key): cells[key] for key in cells}
    return csv_text([[values.get(name, "") for name in names]]).strip()


def check(desk: Desk, text: str | bytes, dates: str = "") -> ImportPreview:
    """What the owner is shown."""
    content = text if isinstance(text, bytes) else text.encode()
    return service.check(desk.jane, content, ImportOptions(dates=dates), now=desk.now)


def run(desk: Desk, text: str | bytes, dates: str = "") -> ImportOutcome:
    """The owner imports it."""
    content = text if isinstance(text, bytes) else text.encode()
    return service.run(desk.jane, content, ImportOptions(dates=dates), now=desk.now)


def told(preview: ImportPreview) -> list[str]:
    """The problems, each as one sentence."""
    return [problem.text for problem in preview.problems]


def everything_counted() -> dict[str, int]:
    """How many rows every table has that an import writes."""
    with reading() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in TABLES
        }
