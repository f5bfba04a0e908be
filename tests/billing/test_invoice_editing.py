"""Making invoices and changing them, on a real database of each kind (R141, A26)."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import func, select, update

from assure_app.billing import invoice_editing, invoices, manual_payments
from assure_app.billing.invoice_changes import ChangedMeanwhile
from assure_app.billing.invoice_editing import FormAlreadySaved, NotEditable
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.reading import invoice_editor
from assure_app.billing.reading.client_choice import find_clients
from assure_app.billing.reading.editor_form import LineForm
from assure_app.billing.reading.invoice_form import InvoiceForm, InvoiceStart, Saved
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import InvalidInput, NotFound, PermissionDenied
from assure_app.domain.permissions import Principal
from assure_app.models import Engagement, tables
from tests.factories import insert, make_client, make_firm, make_invoice, make_payment, make_user
from tests.support.desk import Desk

TOKEN = "token-of-the-form-1"
ADVICE = LineForm(key="1", description="Advice", quantity="1.5", price="200", tax="8.875")


def form(**overrides: Any) -> InvoiceForm:
    typed: dict[str, Any] = {
        "client": "Patel Family",
        "title": "Spring",
        "date": "2026-05-22",
        "due": "2026-06-21",
        "lines": (ADVICE,),
    }
    return InvoiceForm(**(typed | overrides))


def save(desk: Desk, *, token: str = TOKEN, by: Principal | None = None, **typed: Any) -> Saved:
    return invoice_editing.save_new(
        by or desk.jane, form(**typed), suggestion="INV-1001", form_token=token, now=desk.now
    )


def open_edit(desk: Desk, number: str) -> InvoiceStart:
    return invoice_editor.start_edit(desk.jane, number, now=desk.now)


def save_edit(
    desk: Desk, start: InvoiceStart, *, by: Principal | None = None, **typed: Any
) -> Saved:
    return invoice_editing.save_edit(
        by or desk.jane,
        start.number,
        replace(start.form, **typed),
        invoice_id=start.invoice_id or None,
        version=start.version,
        entries=start.entries,
        now=desk.now,
    )


def numbers() -> list[str]:
    with reading() as connection:
        return list(connection.execute(select(tables.invoice.c.number)).scalars())


def count(table: Any) -> int:
    with reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def stored_lines(number: str) -> list[tuple[Any, ...]]:
    columns = tables.invoice_line.c
    with reading() as connection:
        rows = connection.execute(
            select(
                columns.position,
                columns.description,
                columns.quantity_thousandths,
                columns.unit_price_cents,
                columns.amount_cents,
                columns.tax_rate_thousandths,
                columns.tax_cents,
            )
            .join(tables.invoice, tables.invoice.c.id == columns.invoice_id)
            .where(tables.invoice.c.number == number)
            .order_by(columns.position)
        )
        return [tuple(row) for row in rows]


def make_engagement(desk: Desk, client_id: int, name: str = "Family office") -> str:
    with unit_of_work() as connection:
        return str(
            insert(
                connection,
                Engagement,
                firm_id=desk.jane.firm_id,
                client_id=client_id,
                name=name,
            )
        )


def send(desk: Desk, number: str, *, by: Principal | None = None) -> None:
    with unit_of_work() as connection:
        text = "Invoice sent to client (email)"
        invoices.mark_sent(connection, by or desk.jane, number, text=text, now=desk.now)


def pay(desk: Desk, number: str, amount: str) -> None:
    manual_payments.record_payment(
        desk.jane,
        number,
        PaymentForm(amount=amount, method="Check", date="2026-05-22"),
        form_token="token-of-a-payment",
        now=desk.now,
    )


def test_a_new_invoice_starts_with_the_next_number_today_and_the_firms_days(desk: Desk) -> None:
    with unit_of_work() as connection:
        connection.execute(update(tables.firm).values(due_days=14))
    just_before_midnight_in_new_york = datetime(2026, 5, 23, 3, 59, tzinfo=UTC)

    start = invoice_editor.start_new(desk.jane, now=just_before_midnight_in_new_york)

    assert (start.number, start.suggestion, start.form.number) == ("", "INV-1001", "INV-1001")
    assert (start.form.date, start.form.due) == ("2026-05-22", "2026-06-05")
    assert [line.quantity for line in start.form.lines] == ["1"]
    assert len(start.form_token) >= 32
    assert invoice_editor.start_new(desk.jane, now=desk.now).suggestion == "INV-1001"


def test_a_saved_form_is_a_draft_with_its_lines_and_tax(desk: Desk) -> None:
    engagement = make_engagement(desk, desk.client_id)
    second = LineForm(key="7", description="Filing fee", price="45.50")

    saved = save(desk, engagement=engagement, lines=(ADVICE, second))

    assert saved == Saved(number="INV-1001", sentence="INV-1001 is saved as a draft.")
    stored = desk.stored("INV-1001")
    assert stored["total_cents"] == stored["balance_cents"] == 30_000 + 2_663 + 4_550
    assert (stored["stage"], stored["title"], stored["client_name"]) == (
        "draft",
        "Spring",
        "Patel Family",
    )
    assert (stored["issued_on"], stored["due_on"]) == (date(2026, 5, 22), date(2026, 6, 21))
    assert stored["engagement_id"] == int(engagement)
    assert stored_lines("INV-1001") == [
        (1, "Advice", 1_500, 20_000, 30_000, 8_875, 2_663),
        (2, "Filing fee", 1_000, 4_550, 4_550, 0, 0),
    ]
    assert desk.timeline() == [("Invoice created", "Jane Chen")]
    assert verify() == []


def test_the_preview_tells_what_saving_then_does(desk: Desk) -> None:
    preview = invoice_editor.preview(desk.jane, form(), suggestion="INV-1001")
    save(desk)

    assert preview.amounts == {"1": "$300.00"}
    assert (preview.subtotal, preview.tax, preview.total) == ("$300.00", "$26.63", "$326.63")
    assert preview.due_text == "Jun 21, 2026, 30 days after its date"
    assert preview.problems == {}
    assert desk.stored("INV-1001")["total_cents"] == 32_663


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"client": ""}, "client", "Choose a client"),
        ({"client": "Nobody & Co"}, "client", "No client is called “Nobody & Co”."),
        ({"client": None}, "client", "Choose a client"),
        ({"client": "\x00"}, "client", "cannot be shown"),
        ({"date": "2026-02-31"}, "date", "exists"),
        ({"due": ""}, "due", "exists"),
        ({"due": "2026-05-21"}, "due", "cannot be due before its date"),
        ({"title": "x" * 201}, "title", "at most 200"),
        ({"number": "INV?1"}, "number", "letters, digits, spaces"),
        ({"number": "x" * 33}, "number", "at most 32"),
        ({"number": "#"}, "number", "at least one letter or digit"),
        ({"number": "\x00"}, "number", "cannot be shown"),
        ({"engagement": "999999999999999999999"}, "engagement", "engagement of this client"),
        ({"engagement": "1 OR 1=1"}, "engagement", "engagement of this client"),
        ({"lines": ()}, "lines", "at least one line"),
        ({"lines": (replace(ADVICE, description=" "),)}, "description-1", "Describe"),
        ({"lines": (replace(ADVICE, description="x" * 501),)}, "description-1", "at most 500"),
        ({"lines": (replace(ADVICE, quantity="0"),)}, "quantity-1", "greater than 0"),
        ({"lines": (replace(ADVICE, quantity=cast("str", 5)),)}, "quantity-1", "Enter a quantity"),
        (
            {"lines": (replace(ADVICE, quantity="0.001", price="1"),)},
            "quantity-1",
            "0.001 × $1.00 comes to less than a cent.",
        ),
        ({"lines": (replace(ADVICE, price=""),)}, "price-1", "Enter a price"),
        ({"lines": (replace(ADVICE, price="10^12"),)}, "price-1", "as a number"),
        ({"lines": (replace(ADVICE, price=str(10**12)),)}, "price-1", "largest amount"),
        ({"lines": (replace(ADVICE, tax="101"),)}, "tax-1", "at most 100 percent"),
        (
            {"lines": tuple(replace(ADVICE, key=str(key)) for key in range(101))},
            "lines",
            "at most 100 lines",
        ),
        (
            {"lines": tuple(replace(ADVICE, key=key, price="500000000") for key in "12")},
            "lines",
            "The lines come to more",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_input_gets_a_sentence_at_its_field_and_writes_nothing(
    desk: Desk, typed: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        save(desk, **typed)

    assert list(refusal.value.problems) == [field]
    assert sentence in refusal.value.problems[field]
    preview = invoice_editor.preview(desk.jane, form(**typed), suggestion="INV-1001")
    assert preview.problems == refusal.value.problems
    assert (numbers(), desk.timeline()) == ([], [])
    assert invoice_editor.start_new(desk.jane, now=desk.now).suggestion == "INV-1001"


def test_all_wrong_fields_are_told_at_once(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refusal:
        save(desk, client="", due="", lines=(LineForm(key="1"), LineForm(key="4", tax="x")))

    assert set(refusal.value.problems) == {
        "client",
        "due",
        *("description-1", "price-1"),
        *("description-4", "price-4", "tax-4"),
    }


def test_one_form_sent_twice_makes_one_invoice(desk: Desk) -> None:
    first = save(desk)

    second = save(desk)

    assert (second.number, second.is_repeat, first.is_repeat) == (first.number, True, False)
    assert numbers() == ["INV-1001"]
    assert count(tables.invoice_line) == 1


def test_the_same_form_with_other_figures_is_refused(desk: Desk) -> None:
    save(desk)

    with pytest.raises(FormAlreadySaved) as refusal:
        save(desk, title="Another")

    assert "already saved as INV-1001" in refusal.value.sentence
    assert numbers() == ["INV-1001"]


@pytest.mark.parametrize("token", ["", "short", "x" * 65, "ü" * 20])
def test_a_made_up_form_token_is_refused(desk: Desk, token: str) -> None:
    with pytest.raises(InvalidInput):
        save(desk, token=token)

    assert numbers() == []


def test_a_refused_form_can_be_sent_again(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        save(desk, client="")

    assert save(desk).number == "INV-1001"


def test_a_number_of_ones_own_must_be_free_and_the_firms_own_pass_it_over(desk: Desk) -> None:
    save(desk, number="INV-1002", token="token-of-the-form-a")

    with pytest.raises(InvalidInput) as refusal:
        save(desk, number="INV-1002", token="token-of-the-form-b")
    later = [save(desk, token=f"token-of-the-form-{each}").number for each in "cd"]

    assert refusal.value.problems == {"number": "Another invoice is INV-1002 already."}
    assert later == ["INV-1001", "INV-1003"]


def test_the_suggested_number_is_the_next_one_when_somebody_took_it_meanwhile(desk: Desk) -> None:
    save(desk, token="token-of-the-form-a")

    saved = save(desk, number="INV-1001", token="token-of-the-form-b")

    assert saved.number == "INV-1002"


def test_eight_forms_at_once_take_eight_numbers_in_a_row(desk: Desk) -> None:
    barrier = threading.Barrier(8)
    saved: list[str] = []

    def run(rival: int) -> None:
        barrier.wait()
        saved.append(save(desk, token=f"token-of-the-form-{rival}").number)

    threads = [threading.Thread(target=run, args=(rival,)) for rival in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(saved) == sorted(numbers()) == [f"INV-{1001 + each}" for each in range(8)]
    assert verify() == []


def test_one_form_sent_eight_times_at_once_is_one_invoice_and_one_client(desk: Desk) -> None:
    barrier = threading.Barrier(8)
    saved: list[Saved] = []

    def run() -> None:
        barrier.wait()
        saved.append(save(desk, is_new_client=True, client_name="Quill & Co"))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(each.is_repeat for each in saved) == [False] + [True] * 7
    assert {each.number for each in saved} == {"INV-1001"}
    assert (numbers(), count(tables.client)) == (["INV-1001"], 2)


def test_a_new_client_comes_with_its_contact(desk: Desk) -> None:
    save(
        desk,
        is_new_client=True,
        client_name=" Quill  & Co ",
        contact_name="Ana Quill",
        contact_email="Ana@Quill.example",
    )

    assert desk.stored("INV-1001")["client_name"] == "Quill & Co"
    with reading() as connection:
        person = connection.execute(
            select(tables.client.c.name, tables.contact.c.name, tables.contact.c.email).join(
                tables.contact, tables.contact.c.client_id == tables.client.c.id
            )
        ).one()
    assert tuple(person) == ("Quill & Co", "Ana Quill", "ana@quill.example")
    assert count(tables.client_assignment) == 0


def test_who_does_not_see_all_clients_sees_the_one_they_added(desk: Desk) -> None:
    sarah = desk.someone(edit_billing=True)

    saved = save(desk, by=sarah, is_new_client=True, client_name="Quill & Co")

    assert invoice_editor.start_edit(sarah, saved.number, now=desk.now).form.client == "Quill & Co"
    assert [each.name for each in find_clients(sarah, "")] == ["Quill & Co"]


def test_a_name_that_is_known_already_is_found_and_not_doubled(desk: Desk) -> None:
    typed: dict[str, Any] = {
        "is_new_client": True,
        "client_name": "patel family",
        "contact_name": "Anita Patel",
        "contact_email": "anita@patel.example",
    }

    preview = invoice_editor.preview(desk.jane, form(**typed), suggestion="INV-1001")
    save(desk, **typed)

    assert preview.client_note == "Patel Family is a client already: the invoice goes to it."
    assert desk.stored("INV-1001")["client_id"] == desk.client_id
    assert (count(tables.client), count(tables.contact)) == (1, 1)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"client_name": ""}, "client_name", "Enter the client's name."),
        ({"client_name": "x" * 201}, "client_name", "at most 200"),
        ({"contact_email": ""}, "contact_email", "Enter the contact's email"),
        ({"contact_email": "ana@quill"}, "contact_email", "is not an email address."),
        ({"contact_email": "a b@quill.example"}, "contact_email", "is not an email address."),
        ({"contact_name": ""}, "contact_name", "Enter the name of the person"),
        ({"engagement": "1"}, "engagement", "engagement of this client"),
    ],
    ids=str,
)
def test_a_new_client_that_cannot_be_is_refused_and_not_added(
    desk: Desk, typed: dict[str, Any], field: str, sentence: str
) -> None:
    new: dict[str, Any] = {
        "client_name": "Quill",
        "contact_name": "Ana",
        "contact_email": "ana@quill.example",
    }

    with pytest.raises(InvalidInput) as refusal:
        save(desk, is_new_client=True, **(new | typed))

    assert next(iter(refusal.value.problems)) == field
    assert sentence in refusal.value.problems[field]
    assert (count(tables.client), count(tables.contact), numbers()) == (1, 0, [])


def test_a_client_whom_one_may_not_see_is_neither_chosen_nor_taken_over(desk: Desk) -> None:
    sarah = desk.someone(edit_billing=True)

    with pytest.raises(InvalidInput) as chosen:
        save(desk, by=sarah)
    with pytest.raises(InvalidInput) as added:
        save(desk, by=sarah, is_new_client=True, client_name="Patel Family")

    assert chosen.value.problems["client"].startswith("No client is called “Patel Family”.")
    assert "whom you may not see" in added.value.problems["client_name"]
    assert (numbers(), count(tables.client_assignment)) == ([], 0)


def test_another_firms_client_and_engagement_are_not_there(desk: Desk) -> None:
    with unit_of_work() as connection:
        firm_id = make_firm(connection, name="Northside CPA")
        client_id = make_client(connection, firm_id, name="Quarry Lane Brewing")
        foreign = insert(connection, Engagement, firm_id=firm_id, client_id=client_id, name="Audit")
        other_id = make_client(connection, desk.jane.firm_id, name="Okafor Dental PLLC")
    of_other_client = make_engagement(desk, other_id)

    wrongs: tuple[tuple[dict[str, Any], str], ...] = (
        ({"client": "Quarry Lane Brewing"}, "client"),
        ({"engagement": str(foreign)}, "engagement"),
        ({"engagement": of_other_client}, "engagement"),
    )
    for typed, field in wrongs:
        with pytest.raises(InvalidInput) as refusal:
            save(desk, **typed)
        assert list(refusal.value.problems) == [field]

    assert numbers() == []


def test_clients_are_found_by_any_part_of_the_name_the_beginning_first(desk: Desk) -> None:
    with unit_of_work() as connection:
        for name in ("Old Patel Trust", "100% Juice", "A_B", "AxB"):
            make_client(connection, desk.jane.firm_id, name=name)
        for each in range(30):
            make_client(connection, desk.jane.firm_id, name=f"Zed {each:02d}")

    def names(text: str) -> list[str]:
        return [each.name for each in find_clients(desk.jane, text)]

    assert names("patel") == ["Patel Family", "Old Patel Trust"]
    assert names("100%") == ["100% Juice"]
    assert names("a_b") == ["A_B"]
    assert len(names("Zed")) == len(names("")) == 20
    assert names("\x00'; --") == []
    assert find_clients(desk.someone(edit_billing=True), "Zed") == ()
    assert find_clients(desk.stranger(), "Zed") == ()


def test_an_edit_opens_with_the_invoice_and_unchanged_it_changes_nothing(desk: Desk) -> None:
    engagement = make_engagement(desk, desk.client_id)
    number = save(desk, engagement=engagement).number
    before = desk.stored(number)

    start = open_edit(desk, number)
    saved = save_edit(desk, start)

    assert start.form == form(
        number=number, engagement=engagement, lines=(replace(ADVICE, price="200.00"),)
    )
    assert [(each.id, each.name) for each in start.engagements] == [(engagement, "Family office")]
    assert saved.sentence == f"{number} was left as it is."
    assert desk.stored(number) == before
    assert desk.timeline() == [("Invoice created", "Jane Chen")]


def test_an_edit_writes_what_changed_and_says_so(desk: Desk) -> None:
    number = desk.invoice(total_cents=120_000)

    start = open_edit(desk, number)
    line = replace(start.form.lines[0], price="1500")
    saved = save_edit(desk, start, due="2026-06-15", lines=(line,))

    assert saved.sentence == f"{number} is saved."
    stored = desk.stored(number)
    assert stored["total_cents"] == stored["balance_cents"] == 150_000
    assert (stored["due_on"], stored["version"]) == (date(2026, 6, 15), start.version + 1)
    assert desk.timeline() == [
        ("Invoice edited: total $1,200 → $1,500, due May 31 → Jun 15", "Jane Chen")
    ]
    assert verify() == []


def test_a_draft_may_change_everything(desk: Desk) -> None:
    number = save(desk).number
    with unit_of_work() as connection:
        other_id = make_client(connection, desk.jane.firm_id, name="Okafor Dental PLLC")
    engagement = make_engagement(desk, other_id)

    saved = save_edit(
        desk,
        open_edit(desk, number),
        client="Okafor Dental PLLC",
        engagement=engagement,
        number="2026/7",
        title="",
        date="2026-05-20",
    )

    stored = desk.stored("2026/7")
    assert saved.number == "2026/7"
    assert (stored["client_id"], stored["client_name"]) == (other_id, "Okafor Dental PLLC")
    assert stored["engagement_id"] == int(engagement)
    assert desk.timeline()[-1][0] == (
        "Invoice edited: client Patel Family → Okafor Dental PLLC, number INV-1001 → 2026/7, "
        "date May 22 → May 20, no title, engagement"
    )
    with reading() as connection:
        keys = list(
            connection.execute(
                select(tables.search_key.c.key).order_by(tables.search_key.c.key)
            ).scalars()
        )
    assert keys == ["2026/7", "7"]
    assert verify() == []


def test_a_draft_may_go_to_a_new_client(desk: Desk) -> None:
    number = save(desk).number

    save_edit(desk, open_edit(desk, number), is_new_client=True, client_name="Quill & Co")

    assert desk.stored(number)["client_name"] == "Quill & Co"
    assert verify() == []


def test_lines_may_change_while_the_total_stays(desk: Desk) -> None:
    number = save(desk).number
    start = open_edit(desk, number)
    other = replace(start.form.lines[0], description="Counsel")

    save_edit(desk, start, lines=(other,))

    assert [line[1] for line in stored_lines(number)] == ["Counsel"]
    assert desk.timeline()[-1][0] == "Invoice edited: line items"


def test_a_sent_invoice_keeps_its_client_and_number(desk: Desk) -> None:
    number = desk.invoice()
    start = open_edit(desk, number)

    assert start.is_sent
    for typed, field in (
        ({"client": "Okafor Dental PLLC"}, "client"),
        ({"is_new_client": True, "client_name": "Quill"}, "client"),
        ({"number": "INV-1"}, "number"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            save_edit(desk, start, **typed)
        assert list(refusal.value.problems) == [field]
    save_edit(desk, start, client="", number="", title="Corrected")

    stored = desk.stored(number)
    assert (stored["client_id"], stored["title"]) == (desk.client_id, "Corrected")


def test_an_edit_sent_twice_is_one_edit(desk: Desk) -> None:
    start = open_edit(desk, desk.invoice())

    save_edit(desk, start, title="Corrected")
    again = save_edit(desk, start, title="Corrected")

    assert again.is_repeat
    assert desk.timeline() == [("Invoice edited: title “Corrected”", "Jane Chen")]


def test_a_taken_number_is_refused_for_an_edit_too(desk: Desk) -> None:
    save(desk, token="token-of-the-form-a")
    number = save(desk, token="token-of-the-form-b").number

    with pytest.raises(InvalidInput) as refusal:
        save_edit(desk, open_edit(desk, number), number="INV-1001")

    assert refusal.value.problems == {"number": "Another invoice is INV-1001 already."}


def test_sent_by_somebody_else_meanwhile_nothing_is_saved_and_it_says_so(desk: Desk) -> None:
    number = save(desk).number
    marcus = replace(desk.jane, user_id=desk.someone().user_id, name="Marcus Chen")
    start = open_edit(desk, number)
    send(desk, number, by=marcus)
    before = desk.stored(number)

    with pytest.raises(ChangedMeanwhile) as refusal:
        save_edit(desk, start, title="Corrected")

    assert refusal.value.sentence == (
        f"{number} was sent by Marcus Chen at 11:00 AM while you were editing. Nothing was saved. "
        f"What you typed is still here: note what you need, then open {number} again."
    )
    assert desk.stored(number) == before
    assert verify() == []


def test_paid_or_edited_meanwhile_is_told_as_well(desk: Desk) -> None:
    number = desk.invoice()
    first = open_edit(desk, number)
    save_edit(desk, first, title="Corrected")
    second = open_edit(desk, number)
    pay(desk, number, "100")

    with pytest.raises(ChangedMeanwhile) as edited:
        save_edit(desk, first, title="Again")
    with pytest.raises(ChangedMeanwhile) as paid:
        save_edit(desk, second, title="Again")

    recorded = f"A payment on {number} was recorded by you at 11:00 AM while you were editing."
    assert edited.value.sentence.startswith(recorded)
    assert paid.value.sentence.startswith(recorded)
    assert desk.stored(number)["title"] == "Corrected"


def test_a_look_of_the_client_does_not_stand_in_the_way(desk: Desk) -> None:
    number = desk.invoice()
    start = open_edit(desk, number)
    with unit_of_work() as connection:
        invoices.view_by_client(connection, desk.jane, number, now=desk.now + timedelta(seconds=1))

    save_edit(desk, start, title="Corrected")

    assert desk.stored(number)["title"] == "Corrected"


def test_two_edits_at_once_are_one(desk: Desk) -> None:
    start = open_edit(desk, desk.invoice())
    barrier = threading.Barrier(8)
    outcomes: list[str] = []

    def run(rival: int) -> None:
        barrier.wait()
        try:
            save_edit(desk, start, title=f"Corrected {rival}")
        except ChangedMeanwhile:
            outcomes.append("refused")
        else:
            outcomes.append("saved")

    threads = [threading.Thread(target=run, args=(rival,)) for rival in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused"] * 7 + ["saved"]
    assert len(desk.timeline()) == 1
    assert verify() == []


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ({"due_on": date(2026, 5, 21)}, "is Overdue. Only a draft, sent or viewed invoice"),
        ({"total_cents": 0}, "is Paid. Only a draft, sent or viewed invoice"),
        ({"cancelled_at": datetime(2026, 5, 20, tzinfo=UTC)}, "is Cancelled."),
    ],
    ids=["overdue", "paid", "cancelled"],
)
def test_only_a_draft_sent_or_viewed_invoice_can_be_edited(
    desk: Desk, overrides: dict[str, Any], sentence: str
) -> None:
    number = desk.invoice(**overrides)

    with pytest.raises(NotEditable) as refusal:
        open_edit(desk, number)
    with pytest.raises(NotEditable):
        save_edit(desk, InvoiceStart(number=number, form=form(number=number)))

    assert sentence in refusal.value.sentence


def test_money_on_its_way_or_in_the_ledger_holds_an_edit_back(desk: Desk) -> None:
    with unit_of_work() as connection:
        pending_id = make_invoice(connection, desk.client_id, number="INV-1")
        make_payment(connection, pending_id, status="Pending")
        failed_id = make_invoice(connection, desk.client_id, number="INV-2")
        make_payment(connection, failed_id, status="Failed")

    with pytest.raises(NotEditable, match="is on its way"):
        open_edit(desk, "INV-1")
    start = open_edit(desk, "INV-2")
    line = replace(start.form.lines[0], price="1")
    with pytest.raises(InvalidInput) as refusal:
        save_edit(desk, start, lines=(line,))

    assert refusal.value.problems == {
        "lines": "INV-2 has payments in its ledger, so its total stays $1,000.00."
    }
    assert save_edit(desk, start, title="Corrected").sentence == "INV-2 is saved."
    assert verify() == []


def test_an_invoice_over_nothing_is_paid_once_it_is_sent(desk: Desk) -> None:
    number = save(desk, lines=(replace(ADVICE, price="0"),)).number
    assert desk.stored(number)["stage"] == "draft"

    send(desk, number)

    assert desk.stored(number)["stage"] == "paid"
    assert desk.rows() == []
    assert verify() == []


def test_who_may_not_edit_billing_is_denied_and_the_denial_is_kept(desk: Desk) -> None:
    number = desk.invoice()
    start = open_edit(desk, number)
    viewer = desk.someone(view_billing=True, all_clients=True)

    for act in (
        lambda: save(desk, by=viewer),
        lambda: save_edit(desk, start, by=viewer, title="Mine"),
        lambda: invoice_editor.start_new(viewer, now=desk.now),
        lambda: invoice_editor.preview(viewer, form()),
        lambda: find_clients(viewer, ""),
    ):
        with pytest.raises(PermissionDenied):
            act()

    assert numbers() == [number]
    assert desk.audit() == [
        "Sarah Kim was denied: create an invoice (needs Edit billing)",
        "Sarah Kim was denied: edit an invoice (needs Edit billing)",
        "Sarah Kim was denied: create an invoice (needs Edit billing)",
    ]


def test_a_foreign_or_unassigned_invoice_is_not_found(desk: Desk) -> None:
    number = desk.invoice()
    start = open_edit(desk, number)

    for person in (desk.stranger(), desk.someone(edit_billing=True)):
        with pytest.raises(NotFound):
            invoice_editor.start_edit(person, number, now=desk.now)
        with pytest.raises(NotFound):
            save_edit(desk, start, by=person, title="Mine")

    assert desk.stored(number)["title"] == ""


def test_two_firms_number_their_invoices_apart(desk: Desk) -> None:
    stranger = desk.stranger()
    with unit_of_work() as connection:
        make_client(connection, stranger.firm_id, name="Patel Family")
        make_user(connection, stranger.firm_id, name="Olga Petrova")

    saved = [save(desk).number, save(desk, by=stranger).number]

    assert saved == ["INV-1001", "INV-1001"]


def test_an_edit_that_gave_a_new_number_is_known_when_sent_again(desk: Desk) -> None:
    save(desk)
    start = open_edit(desk, "INV-1001")
    save_edit(desk, start, number="A-1")

    again = save_edit(desk, start, number="A-1")

    assert again == Saved(number="A-1", sentence="A-1 is saved.", is_repeat=True)


def test_an_edit_never_lands_on_another_invoice_that_took_the_number(desk: Desk) -> None:
    save(desk, number="B-1")
    start = open_edit(desk, "B-1")
    save_edit(desk, start, number="A-1")
    save(desk, token="token-of-the-form-2", number="B-1", title="Autumn")

    with pytest.raises(ChangedMeanwhile):
        save_edit(desk, start, title="Winter")

    assert [desk.stored(number)["title"] for number in ("A-1", "B-1")] == ["Spring", "Autumn"]
