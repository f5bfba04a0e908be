"""Checking and importing a file: whole or not at all, and safe to repeat."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from assure_app.billing import invoices, manual_payments
from assure_app.billing.importing import service, writing
from assure_app.billing.importing.dates_and_amounts import DateForm
from assure_app.billing.importing.examples import EXAMPLES
from assure_app.billing.importing.invoices import invoices_of
from assure_app.billing.importing.preview import ImportOptions, ImportOutcome
from assure_app.billing.importing.problems import ImportRefused, Problems
from assure_app.billing.importing.reading import survey
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.reading import invoice_list
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import PermissionDenied
from assure_app.domain.line_items import Line, thousandths_text, totals
from assure_app.models.tables import contact, firm, invoice_line, search_key
from tests.billing.importing.files import (
    OWN,
    QUICKBOOKS,
    TRANSACTIONS,
    XERO,
    check,
    csv_text,
    everything_counted,
    run,
    told,
    xero_line,
)
from tests.factories import make_client
from tests.support.desk import Desk

GOOD = f"""{OWN}
INV-2001,Patel Family,Anita Patel,a@patel.example,2025 return,2026-05-01,2026-05-31,"1,500.50",yes
INV-2002,"Harbor & Pine, LLC",,,,2026-05-02,2026-06-01,12400,no
"""
XERO_GOOD = EXAMPLES["xero-invoices"]


def listed(desk: Desk) -> list[tuple[str, str, str, str]]:
    query = Query(sort="number", descending=False)
    rows = invoice_list.page(desk.jane, query, now=desk.now).rows
    return [(row.number, row.client, row.total, row.status) for row in rows]


def test_a_good_file_is_imported_and_a_repeat_adds_nothing(desk: Desk) -> None:
    first = run(desk, GOOD)
    counted = everything_counted()
    second = run(desk, "\ufeff" + GOOD)

    assert first == ImportOutcome(
        sentence="2 invoices, 1 new client imported; 0 were there already.",
        added=2,
        new_clients=1,
    )
    assert second == ImportOutcome(
        sentence="0 invoices, 0 new clients imported; 2 were there already.", known=2
    )
    assert everything_counted() == counted
    assert listed(desk) == [
        ("INV-2001", "Patel Family", "$1,500.50", "Sent"),
        ("INV-2002", "Harbor & Pine, LLC", "$12,400.00", "Draft"),
    ]
    assert desk.timeline() == [("Invoice imported", "Jane Chen")] * 2
    assert verify() == []


def test_a_check_counts_what_the_import_then_does_and_writes_nothing(desk: Desk) -> None:
    before = everything_counted()

    found = check(desk, XERO_GOOD)

    assert everything_counted() == before
    assert (found.format, found.new, found.known, found.new_clients) == (
        *("Xero sales invoices", 2, 0, 2),
    )
    assert (found.total, found.open_balance) == ("$1,080.00", "$820.00")
    assert (found.act, found.why_not, found.dates) == ("Import 2 invoices", "", "month-first")
    assert [(row.number, row.lines, row.balance, row.status) for row in found.sample] == [
        ("INV-3001", "2", "$400.00", "Partially paid"),
        ("INV-3002", "1", "$420.00", "Draft"),
    ]
    assert run(desk, XERO_GOOD).added == 2
    assert check(desk, XERO_GOOD).why_not == "Everything in this file is in your books already."


def test_lines_taxes_and_what_was_paid_come_along(desk: Desk) -> None:
    run(desk, XERO_GOOD)

    stored = desk.stored("INV-3001")
    with reading() as connection:
        lines = connection.execute(
            select(
                invoice_line.c.description,
                invoice_line.c.quantity_thousandths,
                invoice_line.c.unit_price_cents,
                invoice_line.c.amount_cents,
                invoice_line.c.tax_rate_thousandths,
                invoice_line.c.tax_cents,
            )
            .where(invoice_line.c.invoice_id == stored["id"])
            .order_by(invoice_line.c.position)
        ).all()
        keys = set(connection.scalars(select(search_key.c.key)))
    assert [tuple(line) for line in lines] == [
        ("Tax return", 1000, 45000, 45000, 10_000, 4500),
        ("Advice by the hour", 1500, 10000, 15000, 10_000, 1500),
    ]
    assert (stored["title"], stored["total_cents"], stored["balance_cents"]) == (
        *("2025 return", 66000, 40000),
    )
    (row,) = desk.rows()
    assert (row["method"], row["amount_cents"], row["reference"], row["notes"]) == (
        *("Other", 26000, "Imported", "Paid before the import"),
    )
    assert (row["paid_by"], row["completed_at"].date()) == ("Jane Chen", date(2026, 5, 1))
    assert ("Payment $260 recorded — Other Imported", "Jane Chen") in desk.timeline()
    assert keys == {"inv-3001", "3001", "imported", "inv-3002", "3002"}
    assert verify() == []


def test_a_paid_invoice_is_paid_and_the_rest_can_be_recorded_on_another(desk: Desk) -> None:
    run(desk, EXAMPLES["quickbooks-transactions"])

    assert [(number, status) for number, _, _, status in listed(desk)] == [
        ("1071", "Paid"),
        ("1072", "Sent"),
    ]
    form = PaymentForm(amount="1420", method="Cash", date="2026-05-22")
    token = "form-token-of-the-rest"
    manual_payments.record_payment(desk.jane, "1072", form, form_token=token, now=desk.now)
    assert desk.stored("1072")["balance_cents"] == 0
    assert verify() == []


def test_the_firms_own_numbers_go_on_above(desk: Desk) -> None:
    run(desk, GOOD)
    new = invoices.NewInvoice(
        client_id=desk.client_id,
        issued_on=desk.now.date(),
        due_on=desk.now.date(),
        lines=[Line(description="Advice", unit_price_cents=100)],
    )

    with unit_of_work() as connection:
        number = invoices.create_invoice(connection, desk.jane, new, now=desk.now)

    assert number == "INV-2003"


@pytest.mark.parametrize("number", ["5000", "XINV-5000", "INV-5000a", "INV-1000"])
def test_only_higher_numbers_of_the_firms_form_move_its_counter(desk: Desk, number: str) -> None:
    run(desk, GOOD.replace("INV-2001", number).replace("INV-2002", "B"))

    with reading() as connection:
        assert connection.execute(select(firm.c.next_invoice_number)).scalar_one() == 1001


OWN_PROBLEMS = [
    (",P,,,,2026-05-01,2026-05-31,1,yes", "number is missing."),
    ("A,,,,,2026-05-01,2026-05-31,1,yes", "client is missing."),
    ("A,P,,x@,,2026-05-01,2026-05-31,1,yes", "“x@” is not an email address."),
    ("A,P,,,,2026-02-31,2026-05-31,1,yes", "issued: “2026-02-31” is not a date such as"),
    ("A,P,,,,2026-05-01,,1,yes", "due is missing."),
    ("A,P,,,,2026-05-01,2026-04-30,1,yes", "An invoice cannot be due before it is issued."),
    ("A,P,,,,2026-05-01,2026-05-31,1.005,yes", "amount: “1.005”: Use at most two decimals"),
    ("A,P,,,,2026-05-01,2026-05-31,,yes", "amount is missing."),
    ("A,P,,,,2026-05-01,2026-05-31,0,yes", "The invoice comes to $0.00."),
    ("A,P,,,,2026-05-01,2026-05-31,1,maybe", "Write yes or no under “sent”."),
    ("A,P,,,,2026-05-01,2026-05-31,1,yes,more", "It has more cells than the header"),
    ("<b>,P,,,,2026-05-01,2026-05-31,1,yes", "A number may hold letters, digits"),
    ("A\u200b1,P,,,,2026-05-01,2026-05-31,1,yes", "A number may hold letters, digits"),
    (f"{'A' * 33},P,,,,2026-05-01,2026-05-31,1,yes", "number may hold at most 32 characters."),
    ("A,P\u200b,,,,2026-05-01,2026-05-31,1,yes", "The client holds characters"),
]


@pytest.mark.parametrize(("line", "sentence"), OWN_PROBLEMS)
def test_one_bad_line_imports_nothing(desk: Desk, line: str, sentence: str) -> None:
    text = f"{GOOD}{line}\n"
    before = everything_counted()

    (problem,) = check(desk, text).problems
    with pytest.raises(ImportRefused) as refusal:
        run(desk, text)

    assert (problem.line, problem.sentence.startswith(sentence)) == (4, True), problem
    assert refusal.value.sentence == f"{problem.text}\nNothing was imported."
    assert everything_counted() == before


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"Discount": "10"}, "A discount of 10 cannot be imported: take it off the price."),
        ({"Currency": "GBP"}, "It is in GBP. Only US dollars can be imported."),
        ({"Type": "Sales credit note"}, "“Sales credit note” cannot be imported, only sales"),
        ({"Type": "Bill"}, "“Bill” cannot be imported, only sales invoices: remove the row."),
        ({"Status": "Voided"}, "It was voided or deleted: remove the row."),
        ({"Status": "Deleted"}, "It was voided or deleted: remove the row."),
        ({"Status": "Odd"}, "“Odd” is no status that we know."),
        ({"Total": "(100.00)"}, "Total: “(100.00)” is negative: credits and refunds cannot"),
        ({"Total": "1.100,00"}, "Total: “1.100,00” has a comma before the cents"),
        ({"Total": "100.01"}, "The lines come to $100.00, but the file says $100.01."),
        ({"TaxAmount": "8.25"}, "Its prices include the tax: export it with prices before tax."),
        ({"LineAmount": "99.00"}, "Quantity times price is $100.00, but the line says $99.00."),
        ({"Quantity": "0"}, "Quantity: “0”: Enter a quantity greater than 0."),
        ({"Quantity": "1.00001"}, "Quantity: “1.00001”: Use at most three decimals."),
        ({"UnitAmount": "33.3333"}, "UnitAmount: “33.3333”: Use at most two decimals"),
        ({"TaxType": "Tax on Sales", "TaxAmount": ""}, "“Tax on Sales” names no tax rate, and"),
        ({"TaxAmount": "100.01"}, "The tax $100.01 is no rate of $100.00 that can be kept"),
        ({"InvoiceAmountPaid": "100.01"}, "$100.01 were paid of $100.00."),
        ({"InvoiceAmountDue": "100.01"}, "$100.01 are open of $100.00."),
        (
            {"InvoiceAmountPaid": "10.00", "InvoiceAmountDue": "80.00"},
            "$10.00 paid and $80.00 open are not the total of $100.00: credits cannot be",
        ),
        (
            {"Status": "Paid", "InvoiceAmountDue": "1.00"},
            "It is called paid, but $1.00 are open.",
        ),
        ({"Status": "Draft", "InvoiceAmountPaid": "1.00"}, "It is a draft, but $1.00 were paid."),
    ],
)
def test_what_is_not_understood_is_said_and_never_guessed(
    desk: Desk, cells: dict[str, str], sentence: str
) -> None:
    text = f"{XERO}\n{xero_line(InvoiceNumber='INV-1')}\n{xero_line(**cells)}\n"
    before = everything_counted()

    (problem,) = check(desk, text).problems
    with pytest.raises(ImportRefused):
        run(desk, text)

    assert (problem.line, problem.sentence.startswith(sentence)) == (3, True), problem
    assert everything_counted() == before


def test_both_forms_of_a_day_in_one_file_are_told_at_each_odd_row(desk: Desk) -> None:
    lines = [
        xero_line(InvoiceNumber=str(i), InvoiceDate=day, DueDate=day)
        for i, day in enumerate(("05/22/2026", "05/23/2026", "24/05/2026", "05/06/2026"))
    ]

    found = check(desk, "\n".join([XERO, *lines]))

    assert told(found) == [
        "Line 4: InvoiceDate: “24/05/2026” has the day first, unlike other days of this file.",
        "Line 4: DueDate: “24/05/2026” has the day first, unlike other days of this file.",
    ]


@pytest.mark.parametrize(
    ("dates", "timezone", "issued_on"),
    [
        ("", "America/New_York", date(2026, 5, 6)),
        ("", "Europe/London", date(2026, 6, 5)),
        ("day-first", "America/New_York", date(2026, 6, 5)),
        ("month-first", "Europe/London", date(2026, 5, 6)),
        ("sideways", "America/New_York", date(2026, 5, 6)),
    ],
)
def test_days_that_nothing_tells_are_asked_for_and_shown(
    desk: Desk, dates: str, timezone: str, issued_on: date
) -> None:
    with unit_of_work() as connection:
        connection.execute(firm.update().values(timezone=timezone))
    text = f"{XERO}\n{xero_line(InvoiceDate='05/06/2026', DueDate='07/08/2026')}\n"

    found = check(desk, text, dates)
    run(desk, text, dates)

    form = DateForm.MONTH_FIRST if issued_on.month == 5 else DateForm.DAY_FIRST
    assert (found.asks_dates, found.dates) == (True, form.value)
    assert desk.stored("INV-7")["issued_on"] == issued_on


def test_lines_of_one_invoice_stand_together_and_agree(desk: Desk) -> None:
    line = "1,Patel Family,05/22/2026,05/23/2026,,Advice,,1,5.00,5.00,0.00,,"
    text = "\n".join(
        [
            QUICKBOOKS,
            line,
            "1,,,,,Advice,More,1,5.00,5.00,0.00,,",
            line.replace("1,", "2,", 1),
            "2,Harbor Diner,05/24/2026,,,Advice,,1,5.00,5.00,0.00,,",
            line,
        ]
    )

    found = check(desk, text)

    assert told(found) == [
        "Line 5: It has another Invoice Date than line 4.",
        "Line 5: It has another Customer than line 4.",
        "Line 6: 1 stands on line 2 already.",
    ]
    assert (found.new, found.sample[0].lines, found.sample[0].total) == (1, "2", "$10.00")


def test_a_list_of_transactions_may_hold_nothing_but_invoices(desk: Desk) -> None:
    rows = [
        f"05/22/2026,{kind},{i},Patel Family,,05/23/2026,5.00,0.00"
        for i, kind in enumerate(("Invoice", "Payment", "Credit Memo", "Bill"))
    ]

    found = check(desk, "\n".join([TRANSACTIONS, *rows]))

    assert told(found) == [
        f"Line {line}: “{kind}” cannot be imported, only sales invoices: remove the row."
        for line, kind in ((3, "Payment"), (4, "Credit Memo"), (5, "Bill"))
    ]


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("12400", "12401", "another amount"),
        ("Harbor & Pine", "Harbor & Oak", "another client"),
        ("2026-05-02", "2026-05-03", "another issued day"),
        ("2026-06-01", "2026-06-02", "another due day"),
        ("2026-06-01,12400", "2026-06-02,1", "another due day and another amount"),
    ],
)
def test_a_known_number_with_anything_else_is_refused(
    desk: Desk, before: str, after: str, what: str
) -> None:
    run(desk, GOOD)
    counted = everything_counted()

    with pytest.raises(ImportRefused) as refusal:
        run(desk, GOOD.replace(before, after))

    assert refusal.value.lines == [f"Line 3: INV-2002 exists already with {what}."]
    assert everything_counted() == counted


def test_a_client_is_known_without_regard_to_case(desk: Desk) -> None:
    run(desk, GOOD.replace("Patel Family", "PATEL family"))

    assert desk.stored("INV-2001")["client_id"] == desk.client_id
    assert desk.stored("INV-2001")["client_name"] == "Patel Family"


def test_clients_that_differ_by_case_only_are_not_chosen_between(desk: Desk) -> None:
    with unit_of_work() as connection:
        make_client(connection, desk.jane.firm_id, name="PATEL FAMILY")

    several = "“Patel Family” and “PATEL FAMILY”, told apart by case only"
    assert told(check(desk, GOOD)) == [f"Line 2: You have the clients {several}: rename one first."]
    text = f"{OWN}\nA,New,,,,2026-05-01,2026-05-31,1,yes\nB,NEW,,,,2026-05-01,2026-05-31,1,yes\n"
    assert told(check(desk, text)) == [
        "Line 3: “NEW” is written “New” on line 2: write it in one way."
    ]


@pytest.mark.parametrize("key", ["assure-clients", "xero-contacts", "quickbooks-customers"])
def test_clients_and_their_contacts(desk: Desk, key: str) -> None:
    found = check(desk, EXAMPLES[key])

    first, second = run(desk, EXAMPLES[key]), run(desk, EXAMPLES[key])

    assert (found.act, found.why_not) == ("Import 2 clients", "")
    assert first.sentence == "2 clients, 1 contact imported; 0 were there already."
    assert second.sentence == "0 clients, 0 contacts imported; 2 were there already."
    with reading() as connection:
        people = connection.execute(select(contact.c.name, contact.c.email)).all()
    assert [tuple(person) for person in people] == [("Ada Okonkwo", "ada@okonkwo.example")]


def test_texts_are_one_line_with_plain_spaces(desk: Desk) -> None:
    run(desk, f'{OWN}\nA/1,"Harbor\u00a0&\nPine",,,"2025\nreturn",2026-05-01,2026-05-31,1,yes\n')

    assert listed(desk) == [("A/1", "Harbor & Pine", "$1.00", "Sent")]
    assert desk.stored("A/1")["title"] == "2025 return"


def test_several_batches_are_one_import(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 7)
    rows = [
        f"N-{i},C {i % 9},,c{i % 9}@c.example,,2026-05-01,2026-05-31,{i + 1},yes" for i in range(50)
    ]

    outcome = run(desk, "\n".join([OWN, *rows]))

    assert (outcome.added, outcome.new_clients) == (50, 9)
    counted = everything_counted()
    assert (counted["invoice"], counted["contact"], counted["activity"]) == (50, 9, 50)
    with pytest.raises(ImportRefused):
        run(desk, "\n".join([OWN, *(row.replace("N-", "M-") for row in rows), "M-50"]))
    assert everything_counted() == counted
    assert verify() == []


def test_problems_are_counted_beyond_those_that_are_told(desk: Desk) -> None:
    found = check(
        desk, "\n".join([OWN, *(",P,,,,2026-05-01,2026-05-31,1,yes" for _ in range(600))])
    )

    assert (found.problem_count, len(found.problems)) == (600, 500)
    assert found.why_not == "Mend 600 problems first: nothing is imported yet."


def test_who_may_not_edit_or_see_all_clients_imports_nothing(desk: Desk) -> None:
    viewer = desk.someone(view_billing=True, all_clients=True)
    editor = desk.someone(edit_billing=True)

    for person in (viewer, editor):
        with pytest.raises(PermissionDenied):
            service.run(person, GOOD.encode(), ImportOptions(), now=desk.now)
        with pytest.raises(PermissionDenied):
            service.check(person, GOOD.encode(), ImportOptions(), now=desk.now)

    assert listed(desk) == []
    assert "Sarah Kim was denied: import invoices (needs Edit billing)" in desk.audit()
    assert "Sarah Kim was denied: import invoices (needs access to all clients)" in desk.audit()


def test_firms_are_apart(desk: Desk) -> None:
    run(desk, GOOD)
    olga = replace(desk, jane=desk.stranger())

    assert check(olga, GOOD).new_clients == 2
    assert run(olga, GOOD).added == 2


def test_two_imports_at_once_add_each_invoice_once(desk: Desk) -> None:
    with ThreadPoolExecutor(4) as workers:
        results = list(workers.map(lambda _: run(desk, GOOD), range(4)))

    assert sorted(result.added for result in results) == [0, 0, 0, 2]
    assert verify() == []


def test_a_payment_meanwhile_is_recorded_and_nothing_is_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.invoice()
    form = PaymentForm(amount="400", method="Cash", date="2026-05-22")
    paying = threading.Thread(
        target=lambda: manual_payments.record_payment(
            desk.jane, number, form, form_token="a-payment-meanwhile", now=desk.now
        )
    )
    add = writing.Writer.add_invoices

    def add_and_let_pay(writer: writing.Writer, wanted: object) -> None:
        add(writer, wanted)  # type: ignore[arg-type]
        paying.start()

    monkeypatch.setattr(writing.Writer, "add_invoices", add_and_let_pay)
    outcome = run(desk, GOOD)
    paying.join()

    assert outcome.added == 2
    assert desk.stored(number)["balance_cents"] == 60_000
    assert verify() == []


names = st.text("abcdefgh &,.-'éß", min_size=1, max_size=20).filter(lambda text: text.strip())
items = st.builds(
    Line,
    description=names.map(lambda text: " ".join(text.split())),
    quantity_thousandths=st.integers(1, 20_000),
    unit_price_cents=st.integers(500, 1_000_000),
    tax_rate_thousandths=st.sampled_from([0, 8250, 10_000]),
)
bills = st.tuples(
    st.lists(items, min_size=1, max_size=4),
    st.dates(date(2001, 1, 1), date(2026, 5, 1)),
    st.integers(0, 60),
    st.integers(0, 100),
)


def xero_rows(number: str, bill: tuple[list[Line], date, int, int], name: str) -> list[list[str]]:
    lines, issued, term, share = bill
    due = date.fromordinal(issued.toordinal() + term)
    total = totals(lines).total_cents
    paid = total * share // 100
    header = [name, "", number, "Title", f"{issued:%m/%d/%Y}", f"{due:%m/%d/%Y}"]
    sums = [money(total), money(paid), money(total - paid)]
    return [
        [
            *(*header, *sums, line.description),
            f"{line.quantity_thousandths // 1000}.{line.quantity_thousandths % 1000:03d}0",
            *(money(line.unit_price_cents), "0.00", money(line.amount_cents)),
            f"Sales Tax ({thousandths_text(line.tax_rate_thousandths)}%)",
            *(money(line.tax_cents), "USD", "Sales invoice", "", "Awaiting Payment"),
        ]
        for line in lines
    ]


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(st.lists(st.tuples(names, bills), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_whatever_invoices_xero_exports_are_read_as_they_were(
    exported: list[tuple[str, tuple[list[Line], date, int, int]]], separator: str
) -> None:
    rows = [
        row
        for place, (name, bill) in enumerate(exported)
        for row in xero_rows(f"INV-{place}", bill, name)
    ]
    text = csv_text([XERO.split(","), *rows], separator=separator)
    problems = Problems()

    surveyed = survey(text.encode())
    found = list(
        invoices_of(surveyed, DateForm.MONTH_FIRST, today=date(2026, 5, 22), problems=problems)
    )

    assert problems.told == []
    assert len(found) == len(exported)
    for each, (name, (lines, issued, term, share)) in zip(found, exported, strict=True):
        total = totals(lines).total_cents
        assert (each.client, [*each.lines]) == (" ".join(name.split()), lines)
        assert (each.issued_on, (each.due_on - issued).days) == (issued, term)
        assert (each.total_cents, each.paid_cents) == (total, total * share // 100)
