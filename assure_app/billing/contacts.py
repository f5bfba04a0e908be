"""A client's people: adding them, changing them, and switching their portal off and on (R053).

The portal looks a contact up at every event, so what is committed here counts at once there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from assure_app.billing import audit, contact_record, payer_pages
from assure_app.billing.clients import NAME_LIMIT
from assure_app.billing.contact_record import StoredContact
from assure_app.billing.reading.contact_rows import ContactForm
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.email_address import normal_address, refusal
from assure_app.domain.entry import Entry
from assure_app.domain.errors import BillingError, InvalidInput
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.portal_access import PortalRole

ACT = "change client contacts"


class ContactChanged(BillingError):
    """The contact is not any more what the dialog showed."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"{name} was changed meanwhile. Nothing was saved: close this, look again, then decide."
        )


def add(principal: Principal, client_id: int, form: ContactForm, *, now: datetime) -> str:
    """Add a person to a client; gives the sentence to show. The same form again adds nothing.

    Raises InvalidInput by field, and NotFound for a client whom the person may not see.
    """
    _require(principal, now)
    entry = Entry()
    if not client_id:
        entry.refuse("client", "Search for the client and add it.")
    wanted = _read(entry, form, before=ContactForm())
    with _unique(wanted.email), unit_of_work() as connection:
        of_client = contact_record.hold_client(connection, principal, client_id)
        known = contact_record.same_email(connection, of_client, wanted.email)
        if known is None:
            contact_record.insert_into(connection, of_client, wanted)
            words = f"added {wanted.name} ({wanted.email}) to {of_client.name}"
            _note(connection, principal, f"{words} as {PortalRole(wanted.role).label}", now)
        elif known.form != wanted or not known.is_active:
            raise _taken(known)
    return f"{wanted.name} is a contact of {of_client.name} now."


def change(
    principal: Principal,
    contact_id: int,
    *,
    before: ContactForm,
    after: ContactForm,
    now: datetime,
) -> str:
    """Change a contact from what the dialog showed to what it says now.

    Gives the sentence to show. With a new email, or a role that keeps them out, their sessions in
    the portal end; with a role that may not pay, their open payment pages are closed. Raises
    InvalidInput by field, ContactChanged when somebody else changed the contact meanwhile, and
    NotFound.
    """
    _require(principal, now)
    wanted = _read(Entry(), after, before=before)
    with _unique(wanted.email), unit_of_work() as connection:
        found = contact_record.hold(connection, principal, contact_id)
        if found.form == wanted:
            return f"{found.name} was saved."
        if found.form != before:
            raise ContactChanged(found.name)
        same = contact_record.same_email(connection, found.client, wanted.email, but=found.id)
        if same is not None:
            raise _taken(same)
        after_it = replace(
            found, name=wanted.name, email=wanted.email, role=PortalRole(wanted.role)
        )
        _save(connection, found, after_it, now)
        said = " · ".join(_changes(found, after_it))
        _note(connection, principal, f"changed {_whose(found)}: {said}", now)
    _close_pages(found, after_it, now)
    return f"{wanted.name} was saved."


def set_active(
    principal: Principal, contact_id: int, *, seen: ContactForm, is_active: bool, now: datetime
) -> str:
    """Let a contact back into the portal, or end it at once with every session they have and every
    payment page that they have open.

    Gives the sentence to show. Asked twice, it changes nothing more. Raises ContactChanged when it
    is not the contact as `seen` any more, and NotFound.
    """
    _require(principal, now)
    word = "switched on" if is_active else "switched off"
    with unit_of_work() as connection:
        found = contact_record.hold(connection, principal, contact_id)
        if found.form != seen:
            raise ContactChanged(found.name)
        after_it = replace(found, is_active=is_active)
        if after_it != found:
            _save(connection, found, after_it, now)
            _note(connection, principal, f"{word} {_whose(found)}", now)
    _close_pages(found, after_it, now)
    return f"{found.name} was {word}."


def _save(
    connection: Connection, before: StoredContact, after: StoredContact, now: datetime
) -> None:
    contact_record.save(connection, before, after, now)
    if before.may_pay and not after.may_pay:
        payer_pages.mark(connection, before.id, now=now)


def _close_pages(before: StoredContact, after: StoredContact, now: datetime) -> None:
    """Outside the transaction: Stripe is asked, and may be silent."""
    if before.may_pay and not after.may_pay:
        payer_pages.close(before.id, now=now)


def _require(principal: Principal, now: datetime) -> None:
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)


def _read(entry: Entry, form: ContactForm, *, before: ContactForm) -> ContactForm:
    """The form as it is stored; what was not touched stays, even where nobody could type it now."""
    name, email = form.name, form.email
    if name != before.name or not name:
        name = entry.line("name", name, limit=NAME_LIMIT, name="The name")
        if not name:
            entry.refuse("name", "Enter the person's name.")
    if email != before.email or not email:
        email = normal_address(email)
        if not form.email.strip():
            entry.refuse("email", "Enter the person's email, for example ana@client.com.")
        elif not email:
            entry.refuse("email", refusal(form.email))
    role = entry.choice("role", form.role, tuple(PortalRole), missing="Choose a role.")
    entry.check()
    return ContactForm(name=name, email=email, role=role.value if role else "")


@contextmanager
def _unique(email: str) -> Iterator[None]:
    """Say it at the field when a rival, such as an import, added the email at this very moment."""
    try:
        yield
    except IntegrityError as error:
        raise InvalidInput({"email": f"{email} is a contact of this client already."}) from error


def _taken(known: StoredContact) -> InvalidInput:
    told = f"{known.email} is a contact of {known.client.name} already"
    if known.is_active:
        return InvalidInput({"email": f"{told}: {known.name}, {known.role.label}."})
    return InvalidInput({"email": f"{told}, switched off. Switch {known.name} on instead."})


def _changes(before: StoredContact, after: StoredContact) -> Iterator[str]:
    if after.name != before.name:
        yield f"now named {after.name}"
    if after.email != before.email:
        yield f"{before.email} → {after.email}"
    if after.role is not before.role:
        yield f"{before.role.label} → {after.role.label}"


def _whose(found: StoredContact) -> str:
    return f"{found.name} ({found.email}), contact of {found.client.name}"


def _note(connection: Connection, principal: Principal, what: str, now: datetime) -> None:
    audit.note(
        connection,
        firm_id=principal.firm_id,
        user_id=principal.user_id,
        text=f"{principal.name} {what}",
        at=now,
    )
