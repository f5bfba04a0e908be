"""The files that can be imported, each told by its header: ours, Xero's and QuickBooks Online's.

A format is one entry of the table. Its columns have the names that the program gives them, in the
order in which they are believed when a file has several of one meaning; columns that no format
names are left alone. Headers are compared without case, spaces and marks, so that `*InvoiceDate`
and `Invoice date` are one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the rows of a file are."""

    INVOICES = "invoices"
    CLIENTS = "clients"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One form of file. `marks` are the columns it is told by; `required` must be there as well.

    `key` names its example in an address.
    """

    key: str
    name: str
    kind: Kind
    marks: tuple[str, ...]
    required: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]

    def called(self, column: str) -> str:
        """The name that people know the column by."""
        return self.columns[column][0]


OWN_INVOICES = Format(
    key="assure-invoices",
    name="Assure Pro invoices",
    kind=Kind.INVOICES,
    marks=("number", "client", "issued"),
    required=("due", "total", "sent"),
    columns={
        "number": ("number",),
        "client": ("client",),
        "contact_name": ("contact_name",),
        "email": ("contact_email",),
        "title": ("title",),
        "issued": ("issued",),
        "due": ("due",),
        "total": ("amount",),
        "sent": ("sent",),
    },
)

XERO_INVOICES = Format(
    key="xero-invoices",
    name="Xero sales invoices",
    kind=Kind.INVOICES,
    marks=("client", "number"),
    required=("issued", "due"),
    columns={
        "client": ("ContactName",),
        "email": ("EmailAddress",),
        "number": ("InvoiceNumber",),
        "title": ("Reference",),
        "issued": ("InvoiceDate",),
        "due": ("DueDate",),
        "total": ("Total",),
        "tax_total": ("TaxTotal",),
        "paid": ("InvoiceAmountPaid",),
        "open": ("InvoiceAmountDue",),
        "paid_on": ("FullyPaidOnDate", "PaidDate", "PaymentDate"),
        "description": ("Description",),
        "quantity": ("Quantity",),
        "price": ("UnitAmount",),
        "discount": ("Discount",),
        "amount": ("LineAmount",),
        "rate": ("TaxType",),
        "tax": ("TaxAmount",),
        "currency": ("Currency",),
        "type": ("Type",),
        "status": ("Status",),
    },
)

QUICKBOOKS_INVOICES = Format(
    key="quickbooks-invoices",
    name="QuickBooks invoices",
    kind=Kind.INVOICES,
    marks=("number", "client"),
    required=("issued", "due"),
    columns={
        "number": ("Invoice No", "Invoice Number", "Invoice #", "Num", "No."),
        "client": ("Customer", "Customer full name", "Customer name", "Name"),
        "email": ("Email", "Customer email", "Main email"),
        "issued": ("Invoice Date", "Date", "Transaction date"),
        "due": ("Due Date",),
        "title": ("Memo", "Memo/Description", "Message"),
        "item": ("Item(Product/Service)", "Product/Service", "Product/Service full name", "Item"),
        "description": ("Item Description", "Line description", "Description"),
        "quantity": ("Item Quantity", "Quantity", "Qty"),
        "price": ("Item Rate", "Rate", "Sales price"),
        "discount": ("Discount", "Discount Amount", "Discount Percent"),
        "amount": ("Item Amount", "Line Amount"),
        "rate": ("Tax Rate", "Item Tax Code"),
        "tax": ("Item Tax Amount", "Tax Amount", "Tax"),
        "total": ("Total", "Total Amount", "Amount"),
        "open": ("Open balance", "Balance", "Balance due"),
        "paid": ("Amount paid", "Paid"),
        "paid_on": ("Paid date", "Payment date"),
        "currency": ("Currency", "Currency Code"),
        "type": ("Type", "Transaction type"),
        "status": ("Status",),
    },
)

QUICKBOOKS_TRANSACTIONS = Format(
    key="quickbooks-transactions",
    name="QuickBooks transaction list",
    kind=Kind.INVOICES,
    marks=("type", "number", "issued"),
    required=("client", "due", "total"),
    columns={
        "issued": ("Date", "Transaction date", "Invoice Date"),
        "type": ("Transaction type", "Type"),
        "number": ("Num", "No.", "Number"),
        "client": ("Name", "Customer", "Customer full name", "Customer/Project"),
        "title": ("Memo/Description", "Memo", "Description"),
        "due": ("Due Date",),
        "total": ("Amount", "Total"),
        "open": ("Open balance", "Balance"),
        "currency": ("Currency",),
        "status": ("Status", "A/R paid"),
    },
)

OWN_CLIENTS = Format(
    key="assure-clients",
    name="Assure Pro clients",
    kind=Kind.CLIENTS,
    marks=("client", "contact_name"),
    required=("email",),
    columns={
        "client": ("client",),
        "contact_name": ("contact_name",),
        "email": ("contact_email",),
    },
)

XERO_CONTACTS = Format(
    key="xero-contacts",
    name="Xero contacts",
    kind=Kind.CLIENTS,
    marks=("client",),
    required=(),
    columns={
        "client": ("ContactName",),
        "email": ("EmailAddress",),
        "first_name": ("FirstName",),
        "last_name": ("LastName",),
    },
)

QUICKBOOKS_CUSTOMERS = Format(
    key="quickbooks-customers",
    name="QuickBooks customers",
    kind=Kind.CLIENTS,
    marks=("client", "email"),
    required=(),
    columns={
        "client": (
            *("Customer", "Customer full name", "Customer name", "Display name", "Name"),
            *("Full name", "Company", "Company name"),
        ),
        "email": ("Email", "Main email", "Email address"),
        "first_name": ("First name", "First"),
        "last_name": ("Last name", "Last"),
    },
)

FORMATS = (
    OWN_INVOICES,
    XERO_INVOICES,
    QUICKBOOKS_TRANSACTIONS,
    QUICKBOOKS_INVOICES,
    OWN_CLIENTS,
    XERO_CONTACTS,
    QUICKBOOKS_CUSTOMERS,
)
"""In the order in which they are tried: one with more marks before one with fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A format, and where in a row of so many cells each of its columns stands.

    `missing` are the columns that it cannot do without, as people know them.
    """

    format: Format
    places: Mapping[str, int]
    missing: tuple[str, ...]
    width: int

    @property
    def is_itemised(self) -> bool:
        """Whether the rows are lines of an invoice, of which it may have several."""
        return "amount" in self.places or "price" in self.places


def recognise(header: Sequence[str]) -> Recognised | None:
    """The format of a file with this header, or None."""
    names = [folded(name) for name in header]
    for each in FORMATS:
        places = _places(each, names)
        if all(mark in places for mark in each.marks):
            return Recognised(
                format=each, places=places, missing=_missing(each, places), width=len(header)
            )
    return None


def twice(header: Sequence[str], recognised: Recognised) -> str:
    """The name of a column that is used and stands in the header twice, or ""."""
    names = [folded(name) for name in header]
    used = sorted(recognised.places.values())
    return next((header[place].strip() for place in used if names.count(names[place]) > 1), "")


def folded(name: str) -> str:
    """A header as it is compared: letters and digits only, without case."""
    return "".join(character for character in name.casefold() if character.isalnum())


def _missing(each: Format, places: Mapping[str, int]) -> tuple[str, ...]:
    missing = [each.called(name) for name in each.required if name not in places]
    if each.kind is Kind.INVOICES and not {"total", "amount", "price"} & places.keys():
        missing.append(each.called("total"))
    return tuple(dict.fromkeys(missing))


def _places(each: Format, names: Sequence[str]) -> dict[str, int]:
    """The first alias that the header has wins."""
    places: dict[str, int] = {}
    for column, aliases in each.columns.items():
        for alias in aliases:
            if folded(alias) in names:
                places[column] = names.index(folded(alias))
                break
    return places
