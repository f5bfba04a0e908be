"""The firm's side of its clients' people: adding, changing, switching off; it counts at once."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select

from assure_app.auth import portal_sessions
from assure_app.billing import (
    client_invoices,
    contact_record,
    contacts,
    invoice_letters,
    online_payments,
)
from assure_app.billing.contacts import ContactChanged
from assure_app.billing.reading import contacts as reading_contacts
from assure_app.billing.reading.contact_rows import ContactForm
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import InvalidInput, NotFound, PermissionDenied
from assure_app.domain.permissions import Principal
from assure_app.domain.portal_access import PaymentNotAllowed
from assure_app.models.tables import client_assignment, contact
from assure_app.stripe_gateway.records import SessionStatus
from tests.auth.contacts import ANITA, change_contact, make_contact
from tests.factories import make_client
from tests.support.desk import Desk
from tests.support.online import PayDesk

RAVI = ContactForm(name="Ravi Patel", email="Ravi@PatelFamily.example ", role="viewer")


def stored() -> list[tuple[Any, ...]]:
    """Every contact, oldest first."""
    columns = (contact.c.name, contact.c.email, contact.c.role, contact.c.is_active)
    with reading() as connection:
        rows = connection.execute(select(*columns).order_by(contact.c.id))
        return [tuple(row) for row in rows]


def seen(desk: Desk, contact_id: int) -> ContactForm:
    return reading_contacts.start(desk.jane, contact_id).form


def change(desk: Desk, contact_id: int, **wanted: str) -> str:
    before = seen(desk, contact_id)
    after = replace(before, **wanted)
    return contacts.change(desk.jane, contact_id, before=before, after=after, now=desk.now)


def switch(desk: Desk, contact_id: int, *, is_active: bool) -> str:
    form = seen(desk, contact_id)
    return contacts.set_active(desk.jane, contact_id, seen=form, is_active=is_active, now=desk.now)


def signed_in(desk: Desk, email: str = ANITA) -> str:
    """The token of a session of this address."""
    with unit_of_work() as connection:
        return portal_sessions.open_session(connection, email, is_trusted=True, now=desk.now)


def clients_of(desk: Desk, token: str) -> list[int]:
    """The clients whom the session reaches; none when it is over."""
    person = portal_sessions.person_of(token, now=desk.now)
    return [each.client_id for each in person.contacts] if person else []


def other_client(desk: Desk, name: str, *, firm_id: int = 0) -> int:
    with unit_of_work() as connection:
        return make_client(connection, firm_id or desk.jane.firm_id, name=name)


def test_a_contact_is_added_once_however_often_the_form_comes(desk: Desk) -> None:
    said = [contacts.add(desk.jane, desk.client_id, RAVI, now=desk.now) for _ in range(2)]

    assert said == ["Ravi Patel is a contact of Patel Family now."] * 2
    assert stored() == [("Ravi Patel", "ravi@patelfamily.example", "viewer", True)]
    assert desk.audit() == [
        "Jane Chen added Ravi Patel (ravi@patelfamily.example) to Patel Family as Viewer"
    ]


@pytest.mark.parametrize("known", ["ravi@patelfamily.example", "RAVI@patelfamily.example"])
def test_an_e_mail_is_a_contact_of_a_client_once(desk: Desk, known: str) -> None:
    make_contact(desk.client_id, known, role="owner")
    before = stored()

    with pytest.raises(InvalidInput) as refused:
        contacts.add(desk.jane, desk.client_id, RAVI, now=desk.now)

    told = f"{known} is a contact of Patel Family already: Anita Patel, Owner."
    assert refused.value.problems == {"email": told}
    assert (stored(), desk.audit()) == (before, [])


def test_who_was_switched_off_is_not_added_again(desk: Desk) -> None:
    make_contact(desk.client_id, "ravi@patelfamily.example", name="Ravi Patel", is_active=False)

    with pytest.raises(InvalidInput, match=r"switched off\. Switch Ravi Patel on instead"):
        contacts.add(desk.jane, desk.client_id, RAVI, now=desk.now)


def test_one_address_may_be_a_contact_of_several_clients(desk: Desk) -> None:
    make_contact(desk.client_id, "ravi@patelfamily.example")

    contacts.add(desk.jane, other_client(desk, "Quill & Co"), RAVI, now=desk.now)

    assert [row[2] for row in stored()] == ["owner", "viewer"]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": " \n "}, "name", "Enter the person's name."),
        ({"name": "x" * 201}, "name", "The name may hold at most 200 characters."),
        ({"email": " "}, "email", "Enter the person's email, for example ana@client.com."),
        ({"email": "ravi@"}, "email", "“ravi@” is not an email address."),
        ({"role": ""}, "role", "Choose a role."),
        ({"role": "Owner"}, "role", "Choose a role."),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_field(
    desk: Desk, typed: dict[str, str], field: str, sentence: str
) -> None:
    contact_id = make_contact(desk.client_id)
    before = stored()

    with pytest.raises(InvalidInput) as new:
        contacts.add(desk.jane, desk.client_id, replace(RAVI, **typed), now=desk.now)
    with pytest.raises(InvalidInput) as known:
        change(desk, contact_id, **typed)

    assert new.value.problems == known.value.problems == {field: sentence}
    assert (stored(), desk.audit()) == (before, [])


def test_a_new_contact_needs_a_client_and_everything_is_said_at_once(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refused:
        contacts.add(desk.jane, 0, ContactForm(), now=desk.now)

    assert sorted(refused.value.problems) == ["client", "email", "name", "role"]


def test_name_e_mail_and_role_change_together(desk: Desk) -> None:
    contact_id = make_contact(desk.client_id)
    before = seen(desk, contact_id)
    wanted = ContactForm(name="Anita Rao", email="anita@rao.example", role="signer")

    said = [
        contacts.change(desk.jane, contact_id, before=before, after=wanted, now=desk.now)
        for _ in range(2)
    ]

    assert said == ["Anita Rao was saved."] * 2
    assert stored() == [("Anita Rao", "anita@rao.example", "signer", True)]
    assert desk.audit() == [
        (
            "Jane Chen changed Anita Patel (anita@patelfamily.example), contact of Patel Family: "
            "now named Anita Rao · anita@patelfamily.example → anita@rao.example · Owner → Signer"
        )
    ]


def test_a_form_that_others_overtook_changes_nothing(desk: Desk) -> None:
    contact_id = make_contact(desk.client_id)
    before = seen(desk, contact_id)
    change(desk, contact_id, role="viewer")
    logged = desk.audit()

    with pytest.raises(ContactChanged, match=r"Anita Patel was changed meanwhile"):
        contacts.change(
            desk.jane,
            contact_id,
            before=before,
            after=replace(before, name="Anita Rao"),
            now=desk.now,
        )
    with pytest.raises(ContactChanged):
        contacts.set_active(desk.jane, contact_id, seen=before, is_active=False, now=desk.now)

    assert stored() == [("Anita Patel", ANITA, "viewer", True)]
    assert desk.audit() == logged


def test_an_e_mail_of_another_contact_is_refused_and_ones_own_in_capitals_is_not(
    desk: Desk,
) -> None:
    contact_id = make_contact(desk.client_id, "Anita@PatelFamily.example")
    make_contact(desk.client_id, "ravi@patelfamily.example", name="Ravi Patel")

    with pytest.raises(InvalidInput, match="already: Ravi Patel, Owner"):
        change(desk, contact_id, email="RAVI@patelfamily.example")
    change(desk, contact_id, email=ANITA)

    assert stored()[0] == ("Anita Patel", ANITA, "owner", True)


def test_an_e_mail_that_nobody_could_type_stays_while_the_role_changes(desk: Desk) -> None:
    contact_id = make_contact(desk.client_id, "anita at home")

    change(desk, contact_id, role="notify_only")

    assert stored() == [("Anita Patel", "anita at home", "notify_only", True)]


def test_a_rival_with_the_same_e_mail_is_told_at_the_field(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rival(*_arguments: object) -> None:
        """Looks before an import writes the same contact."""

    monkeypatch.setattr(contact_record, "same_email", rival)
    make_contact(desk.client_id, "ravi@patelfamily.example")

    with pytest.raises(InvalidInput) as refused:
        contacts.add(desk.jane, desk.client_id, RAVI, now=desk.now)

    told = "ravi@patelfamily.example is a contact of this client already."
    assert refused.value.problems == {"email": told}
    assert desk.audit() == []


def test_switching_off_ends_the_portal_and_switching_on_brings_no_session_back(desk: Desk) -> None:
    contact_id = make_contact(desk.client_id)
    token = signed_in(desk)
    assert clients_of(desk, token) == [desk.client_id]

    said = [switch(desk, contact_id, is_active=False) for _ in range(2)]

    assert said == ["Anita Patel was switched off."] * 2
    assert clients_of(desk, token) == []
    assert switch(desk, contact_id, is_active=True) == "Anita Patel was switched on."
    assert clients_of(desk, token) == []
    assert clients_of(desk, signed_in(desk)) == [desk.client_id]
    whose = "Anita Patel (anita@patelfamily.example), contact of Patel Family"
    assert desk.audit() == [f"Jane Chen switched off {whose}", f"Jane Chen switched on {whose}"]


@pytest.mark.parametrize("wanted", [{"email": "anita@rao.example"}, {"role": "notify_only"}])
def test_a_new_e_mail_or_mail_only_ends_the_session_for_good(
    desk: Desk, wanted: dict[str, str]
) -> None:
    contact_id = make_contact(desk.client_id)
    token = signed_in(desk)

    change(desk, contact_id, **wanted)
    assert clients_of(desk, token) == []
    change(desk, contact_id, email=ANITA, role="owner")

    assert clients_of(desk, token) == []


def test_whoever_is_a_contact_elsewhere_stays_signed_in_there(desk: Desk) -> None:
    contact_id = make_contact(desk.client_id)
    theirs = other_client(desk, "Rao Trust", firm_id=desk.stranger().firm_id)
    make_contact(theirs)
    token = signed_in(desk)

    switch(desk, contact_id, is_active=False)

    assert clients_of(desk, token) == [theirs]


def test_a_new_name_or_a_role_that_may_enter_ends_no_session(desk: Desk) -> None:
    contact_id = make_contact(desk.client_id)
    token = signed_in(desk)

    change(desk, contact_id, name="Anita Rao", role="viewer")

    assert clients_of(desk, token) == [desk.client_id]


def test_a_contact_made_viewer_while_signed_in_cannot_pay_any_more_at_once(
    pay_desk: PayDesk,
) -> None:
    desk, anita = pay_desk.desk, pay_desk.anita
    pay_token = pay_desk.pay_token(pay_desk.invoice())
    token = signed_in(desk, anita.email)
    change(desk, anita.contact_id, role="viewer")

    person = portal_sessions.person_of(token, now=desk.now)
    assert person is not None
    for payer in (client_invoices.payer_of(person, pay_token), anita):  # anita: as of the click.
        with pytest.raises(PaymentNotAllowed):
            online_payments.start_checkout(
                payer, pay_token, "1000", form_token="a-form-token-of-anita", now=desk.now
            )

    assert pay_desk.checkouts() == []


@pytest.mark.parametrize("is_active", [True, False])
def test_whoever_was_switched_off_since_the_click_opens_no_page(
    pay_desk: PayDesk, is_active: bool
) -> None:
    number = pay_desk.invoice()
    switch(pay_desk.desk, pay_desk.anita.contact_id, is_active=is_active)

    if is_active:
        pay_desk.start(number)
    else:
        with pytest.raises(NotFound):
            pay_desk.start(number)

    assert len(pay_desk.checkouts()) == int(is_active)


def test_an_invoice_is_addressed_to_nobody_switched_off(desk: Desk) -> None:
    make_contact(desk.client_id, role="notify_only")
    ravi = make_contact(desk.client_id, "ravi@patelfamily.example")
    switch(desk, ravi, is_active=False)

    with reading() as connection:
        assert invoice_letters.addresses_of(connection, desk.client_id) == (ANITA,)


def test_out_of_reach_is_as_good_as_not_there(desk: Desk) -> None:
    sarah = desk.someone(edit_billing=True)
    mine, theirs = make_contact(desk.client_id), desk.stranger()
    unassigned = other_client(desk, "Quill & Co")
    hidden = make_contact(unassigned)
    with unit_of_work() as connection:
        values = {"user_id": sarah.user_id, "client_id": desk.client_id}
        connection.execute(insert(client_assignment).values(values))
    before = stored()

    def attempts(who: Principal, contact_id: int, client_id: int) -> None:
        form = ContactForm(name="Anita Patel", email=ANITA, role="owner")
        for act in (
            lambda: reading_contacts.start(who, contact_id),
            lambda: contacts.add(who, client_id, RAVI, now=desk.now),
            lambda: contacts.change(who, contact_id, before=form, after=RAVI, now=desk.now),
            lambda: contacts.set_active(who, contact_id, seen=form, is_active=False, now=desk.now),
        ):
            with pytest.raises(NotFound):
                act()
        assert reading_contacts.picked_client(who, client_id).rows == ()

    attempts(sarah, hidden, unassigned)
    attempts(theirs, mine, desk.client_id)
    attempts(desk.jane, 2**31 - 1, 2**31 - 1)

    assert stored() == before
    assert [row.id for row in reading_contacts.page(sarah).rows] == [mine]
    assert reading_contacts.page(theirs).rows == ()
    assert [each.name for each in reading_contacts.matching_clients(sarah, "a")] == ["Patel Family"]
    assert reading_contacts.matching_clients(sarah, "quill") == ()


def test_who_may_only_look_changes_nothing_and_it_is_logged(desk: Desk) -> None:
    lena = desk.someone(view_billing=True, all_clients=True)
    contact_id = make_contact(desk.client_id)
    form, before = seen(desk, contact_id), stored()

    for act in (
        lambda: contacts.add(lena, desk.client_id, RAVI, now=desk.now),
        lambda: contacts.change(lena, contact_id, before=form, after=RAVI, now=desk.now),
        lambda: contacts.set_active(lena, contact_id, seen=form, is_active=False, now=desk.now),
        lambda: reading_contacts.start(lena, contact_id),
        lambda: reading_contacts.picked_client(lena, desk.client_id),
        lambda: reading_contacts.matching_clients(lena, "Patel"),
        lambda: reading_contacts.page(desk.someone(all_clients=True)),
    ):
        with pytest.raises(PermissionDenied):
            act()

    page = reading_contacts.page(lena)
    assert ([row.name for row in page.rows], page.may_change) == (["Anita Patel"], False)
    assert stored() == before
    denied = "Sarah Kim was denied: change client contacts (needs Edit billing)"
    assert desk.audit() == [denied] * 3


def test_the_list_is_by_client_and_says_each_role_in_words(desk: Desk) -> None:
    make_contact(desk.client_id, "c@patel.example", name="cyrus", role="viewer")
    make_contact(desk.client_id, "b@patel.example", name="Bela", role="notify_only")
    make_contact(other_client(desk, "acme"), "z@acme.example", name="Zoe", role="signer")
    off = make_contact(desk.client_id, "a@patel.example", name="Anita", is_active=False)

    page = reading_contacts.page(desk.jane)

    assert [(row.client, row.name, row.role, row.is_active) for row in page.rows] == [
        ("acme", "Zoe", "Signer — may look and pay", True),
        ("Patel Family", "Anita", "Owner — may look and pay", False),
        ("Patel Family", "Bela", "Notify-only — gets mail only", True),
        ("Patel Family", "cyrus", "Viewer — may look", True),
    ]
    assert (page.note, page.may_change) == ("", True)
    assert reading_contacts.start(desk.jane, off).is_active is False


@pytest.mark.parametrize(
    ("text", "found"),
    [("patel", 1), (" RAO ", 1), ("@trust.ex", 1), ("", 2), ("%", 0), ("_", 0), ("a\0nita", 1)],
)
def test_a_search_looks_at_client_name_and_e_mail(desk: Desk, text: str, found: int) -> None:
    make_contact(desk.client_id, "anita@home.example", name="Anita")
    make_contact(other_client(desk, "Quill & Co"), "mira@trust.example", name="Mira Rao")

    assert len(reading_contacts.page(desk.jane, text).rows) == found


def test_more_than_fifty_are_told_and_found_by_searching(desk: Desk) -> None:
    for number in range(52):
        change_me = make_contact(desk.client_id, f"c{number}@x.example", name=f"C{number:02}")
    change_contact(change_me, name="Zuletzt")

    page = reading_contacts.page(desk.jane)

    assert (len(page.rows), page.note) == (
        50,
        "The first 50 of 52. Search to find the others.",
    )
    assert [row.name for row in reading_contacts.page(desk.jane, "zuletzt").rows] == ["Zuletzt"]


@pytest.mark.parametrize("way", ["viewer", "notify_only", "switched off"])
def test_the_page_of_who_may_not_pay_any_more_is_closed(pay_desk: PayDesk, way: str) -> None:
    session_id = pay_desk.opened(pay_desk.invoice())

    take_away(pay_desk, way)

    assert pay_desk.states() == ["expired"]
    assert pay_desk.stripe.sessions[session_id].status is SessionStatus.EXPIRED


def test_the_page_of_who_may_still_pay_stays_open(pay_desk: PayDesk) -> None:
    pay_desk.opened(pay_desk.invoice())

    change(pay_desk.desk, pay_desk.anita.contact_id, role="signer", name="Anita P.")

    assert pay_desk.states() == ["open"]


@pytest.mark.parametrize("way", ["viewer", "switched off"])
def test_what_a_silent_stripe_did_not_close_the_sweep_closes(pay_desk: PayDesk, way: str) -> None:
    pay_desk.opened(pay_desk.invoice())
    pay_desk.stripe.be_silent("expire_checkout")

    take_away(pay_desk, way)
    assert pay_desk.states() == ["open"]
    pay_desk.sweep()

    assert pay_desk.states() == ["expired"]


def test_what_was_paid_before_the_page_was_closed_is_booked(pay_desk: PayDesk) -> None:
    pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice()))

    take_away(pay_desk, "switched off")

    assert (pay_desk.states(), pay_desk.row()["status"]) == (["completed"], "Completed")


def take_away(pay_desk: PayDesk, way: str) -> None:
    """Anita may not pay any more."""
    if way == "switched off":
        switch(pay_desk.desk, pay_desk.anita.contact_id, is_active=False)
    else:
        change(pay_desk.desk, pay_desk.anita.contact_id, role=way)
