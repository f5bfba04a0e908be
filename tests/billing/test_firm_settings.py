"""The firm's own settings: read, previewed and saved by one rule."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from assure_app.billing import firm_settings
from assure_app.billing.reading.settings_rows import FirmForm
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import InvalidInput, PermissionDenied
from assure_app.domain.fees import FeeSchedule
from assure_app.models.tables import firm
from tests.factories import make_invoice
from tests.support.desk import Desk


def save(desk: Desk, **wanted: Any) -> str:
    before = firm_settings.start(desk.jane)
    return firm_settings.save(
        desk.jane, before=before, after=replace(before, **wanted), now=desk.now
    )


def stored(desk: Desk) -> dict[str, Any]:
    with reading() as connection:
        row = connection.execute(select(firm).where(firm.c.id == desk.jane.firm_id))
        return dict(row.mappings().one())


def number(desk: Desk, text: str) -> None:
    with unit_of_work() as connection:
        make_invoice(connection, desk.client_id, number=text)


def test_what_is_saved_is_read_back_and_told(desk: Desk) -> None:
    said = save(
        desk,
        name="Chen & Partners",
        timezone="Europe/Paris",
        prefix="CP-",
        next_number="7",
        due_days="14",
        card_percent="3.1",
        card_fixed="25",
        ach_percent="0.8",
        ach_fixed="5",
        second_person="500",
        retry_days="2,4",
    )

    assert said == "The settings were saved."
    assert firm_settings.start(desk.jane) == FirmForm(
        name="Chen & Partners",
        timezone="Europe/Paris",
        prefix="CP-",
        next_number="7",
        due_days="14",
        card_percent="3.10",
        card_fixed="25",
        ach_percent="0.80",
        ach_fixed="5",
        second_person="500.00",
        retry_days="2, 4",
    )
    with reading() as connection:
        assert firm_settings.fee_schedule(connection, desk.jane.firm_id) == FeeSchedule(
            card_basis_points=310, card_fixed_cents=25, ach_basis_points=80, ach_fixed_cents=5
        )
    (told,) = desk.audit()
    assert told.startswith(
        "Jane Chen changed the firm's settings: name Chen Advisory → Chen & Partners"
        " · time zone America/New_York → Europe/Paris · invoice prefix INV- → CP-"
    )


def test_only_what_was_changed_is_written(desk: Desk) -> None:
    before = firm_settings.start(desk.jane)
    save(desk, due_days="10")

    firm_settings.save(
        desk.jane, before=before, after=replace(before, name="Chen LLP"), now=desk.now
    )

    assert (stored(desk)["name"], stored(desk)["due_days"]) == ("Chen LLP", 10)
    assert save(desk) == "Nothing was changed."
    assert save(desk, card_percent="2.9") == "Nothing was changed."


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", " "),
        ("name", "northside cpa"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("prefix", "INV2"),
        ("prefix", "💶"),
        ("next_number", "0"),
        ("next_number", "9" * 40),
        ("due_days", "366"),
        ("due_days", "-1"),
        ("card_percent", "2.905"),
        ("card_fixed", "0.30"),
        ("ach_percent", "101"),
        ("ach_fixed", "10000"),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_field(desk: Desk, field: str, typed: str) -> None:
    desk.stranger()
    before = stored(desk)

    with pytest.raises(InvalidInput) as refused:
        save(desk, **{field: typed})

    assert list(refused.value.problems) == [field]
    assert stored(desk) == before


def test_the_next_number_is_above_every_one_given_with_the_prefix(desk: Desk) -> None:
    for text in ("CA-99", "CA-100", "CA-12x", "CA-1000-A", "CAB-5000", "CA_7000"):
        number(desk, text)

    with pytest.raises(InvalidInput) as refused:
        save(desk, prefix="CA-", next_number="100")

    assert refused.value.problems == {
        "next_number": "CA-100 exists: the next number is at least 101."
    }
    assert save(desk, prefix="CA-", next_number="101") == "The settings were saved."
    with reading() as connection:
        highest = firm_settings.highest_number(connection, desk.jane.firm_id, "CA_")
    assert highest == 7000


def test_the_preview_is_what_saving_comes_to(desk: Desk) -> None:
    before = firm_settings.start(desk.jane)
    typed = replace(before, next_number="1043", timezone="Asia/Tokyo", card_fixed="x")

    shown, problems = firm_settings.preview(desk.jane, typed, before=before, now=desk.now)

    assert (shown.next_invoice, shown.card_example, shown.ach_example) == (
        "INV-1043",
        "",
        "$0.00",
    )
    assert shown.due_example == "Jun 22, 2026"
    assert "midnight in Asia/Tokyo, not in America/New_York" in shown.zone_warning
    assert list(problems) == ["card_fixed"]
    unchanged, _ = firm_settings.preview(desk.jane, before, before=before, now=desk.now)
    assert (unchanged.card_example, unchanged.zone_warning) == ("$3.20", "")


def test_nobody_else_changes_the_firm(desk: Desk) -> None:
    sarah = desk.someone(view_billing=True, edit_billing=True, all_clients=True)
    form = firm_settings.start(desk.jane)

    for act in (
        lambda: firm_settings.start(sarah),
        lambda: firm_settings.preview(sarah, form, before=form, now=desk.now),
        lambda: firm_settings.save(
            sarah, before=form, after=replace(form, name="Mine"), now=desk.now
        ),
    ):
        with pytest.raises(PermissionDenied):
            act()

    assert stored(desk)["name"] == "Chen Advisory"
    assert desk.audit() == ["Sarah Kim was denied: change the firm's settings (needs Manage firm)"]


def test_a_new_prefix_may_not_lead_below_numbers_that_bear_it(desk: Desk) -> None:
    number(desk, "OLD-5000")

    with pytest.raises(InvalidInput) as refused:
        save(desk, prefix="OLD-")

    told = "OLD-5000 exists: the next number is at least 5001."
    assert refused.value.problems == {"next_number": told}
    assert stored(desk)["invoice_prefix"] == "INV-"
