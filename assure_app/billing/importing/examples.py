# ruff: noqa: E501  A row of a CSV file is one line, however long.
"""A small file of each format, for people to see what is expected."""

EXAMPLES = {
    "assure-invoices": """\
number,client,contact_name,contact_email,title,issued,due,amount,sent
INV-2001,Okonkwo & Daughters,Ada Okonkwo,ada@okonkwo.example,2025 return,2026-05-01,2026-05-31,1500.50,yes
INV-2002,Harbor Diner LLC,,,Bookkeeping May,2026-05-02,2026-06-01,420.00,no
""",
    "xero-invoices": """\
*ContactName,EmailAddress,*InvoiceNumber,Reference,*InvoiceDate,*DueDate,Total,TaxTotal,InvoiceAmountPaid,InvoiceAmountDue,*Description,*Quantity,*UnitAmount,Discount,LineAmount,*TaxType,TaxAmount,Currency,Type,Sent,Status
Okonkwo & Daughters,ada@okonkwo.example,INV-3001,2025 return,05/01/2026,05/31/2026,660.00,60.00,260.00,400.00,Tax return,1,450.00,,450.00,Sales Tax (10%),45.00,USD,Sales invoice,Sent,Awaiting Payment
Okonkwo & Daughters,ada@okonkwo.example,INV-3001,2025 return,05/01/2026,05/31/2026,660.00,60.00,260.00,400.00,Advice by the hour,1.5,100.00,,150.00,Sales Tax (10%),15.00,USD,Sales invoice,Sent,Awaiting Payment
Harbor Diner LLC,,INV-3002,,05/14/2026,06/13/2026,420.00,0.00,0.00,420.00,Bookkeeping,1,420.00,,420.00,Tax Exempt (0%),0.00,USD,Sales invoice,,Draft
""",
    "quickbooks-invoices": """\
*InvoiceNo,*Customer,*InvoiceDate,*DueDate,Memo,Item(Product/Service),ItemDescription,ItemQuantity,ItemRate,*ItemAmount,ItemTaxAmount,Total,Balance
1071,Okonkwo & Daughters,05/01/2026,05/31/2026,2025 return,Taxes,Tax return,1,450.00,450.00,0.00,600.00,0.00
1071,,,,,Advice,Advice by the hour,1.5,100.00,150.00,0.00,,
1072,Harbor Diner LLC,05/14/2026,06/13/2026,,Books,Bookkeeping,1,420.00,420.00,0.00,420.00,420.00
""",
    "quickbooks-transactions": """\
Transaction List by Customer,,,,,,,
January - May 2026,,,,,,,
,,,,,,,
Date,Transaction type,Num,Name,Memo/Description,Due date,Amount,Open balance
05/01/2026,Invoice,1071,Okonkwo & Daughters,2025 return,05/31/2026,600.00,0.00
05/14/2026,Invoice,1072,Harbor Diner LLC,Bookkeeping,06/13/2026,"1,420.00","1,420.00"
TOTAL,,,,,,"2,020.00","1,420.00"
""",
    "assure-clients": """\
client,contact_name,contact_email
Okonkwo & Daughters,Ada Okonkwo,ada@okonkwo.example
Harbor Diner LLC,,
""",
    "xero-contacts": """\
*ContactName,AccountNumber,EmailAddress,FirstName,LastName
Okonkwo & Daughters,,ada@okonkwo.example,Ada,Okonkwo
Harbor Diner LLC,,,,
""",
    "quickbooks-customers": """\
Name,Company name,First name,Last name,Email,Phone
Okonkwo & Daughters,Okonkwo & Daughters,Ada,Okonkwo,ada@okonkwo.example,
Harbor Diner LLC,Harbor Diner LLC,,,,
""",
}
"""By the key of the format."""
