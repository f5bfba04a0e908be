"""Inviting people to a firm, changing what they may do, and letting them go (R131–R139)."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from assure_app.billing import audit, invitations, memberships, people
from assure_app.billing.memberships import CLIENTS, TEAMS
from assure_app.billing.people import Person
from assure_app.billing.reading.settings_rows import InviteForm, MemberForm
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain import email_address, membership
from assure_app.domain.entry import Entry
from assure_app.domain.errors import BillingError, InvalidInput
from assure_app.domain.membership import Role
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import firm_user

LONGEST_NAME = 200
MOST_AT_ONCE = 500
_NAMES_TOLD = 3


class NotInvited(BillingError):
    """The person has a password already, or was deactivated: there is nothing to invite them to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChange:
    """Which clients somebody is to see from now on, and which no more; others stay as they are."""

    assigned: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()


NO_CLIENTS = ClientChange()


def invite(principal: Principal, form: InviteForm, *, now: datetime) -> str:
    """Add a person who cannot sign in until they chose a password, and mail them the link.

    Gives the sentence to show. Raises InvalidInput by field and MembershipRefused.
    """
    _require(principal, "invite people", now)
    entry = Entry()
    name = _name(entry, form.name)
    email = email_address.normal_address(form.email)
    if not email:
        entry.refuse("email", email_address.refusal(form.email))
    role = entry.choice("role", form.role, tuple(Role), missing="Choose a role.")
    entry.check()
    try:
        with unit_of_work() as connection:
            actor = people.hold_firm(connection, principal)
            membership.check_new(actor.standing, role or Role.MEMBER)
            if connection.execute(select(firm_user.c.id).where(firm_user.c.email == email)).first():
                raise _taken(email)
            person = _insert(
                connection, principal, name=name, email=email, is_admin=role is Role.ADMIN, now=now
            )
            belongs = {"firm_id": principal.firm_id, "user_id": person.id}
            joined = memberships.add(connection, TEAMS, **belongs, ids=form.team_ids)
            invitations.send(connection, principal, person, now=now)
            said = [f"invited {name} ({email})", *_role_words(person), *_words("to join", joined)]
            _note(connection, actor, " · ".join(said), now)
    except IntegrityError as error:  # Another firm took the address at this very moment.
        raise _taken(email) from error
    return f"Invitation sent to {email}."


def invite_again(principal: Principal, user_id: int, *, now: datetime) -> str:
    """Mail a new link, which makes the older ones worthless; gives the sentence to show."""
    _require(principal, "invite people", now)
    with unit_of_work() as connection:
        actor = people.hold_firm(connection, principal)
        person = people.find(connection, principal.firm_id, user_id)
        if not person.is_invited or not person.is_active:
            raise NotInvited(f"{person.name} needs no invitation.")
        invitations.send(connection, principal, person, now=now)
        _note(connection, actor, f"invited {person.name} ({person.email}) again", now)
    return f"A new invitation was sent to {person.email}."


def change(
    principal: Principal,
    user_id: int,
    *,
    before: MemberForm,
    after: MemberForm,
    clients: ClientChange = NO_CLIENTS,
    now: datetime,
) -> str:
    """Change what differs between the two forms, and nothing that another may have changed since.

    Gives the sentence to show. Raises InvalidInput by field, MembershipRefused, NotFound.
    """
    _require(principal, "change people", now)
    entry = Entry()
    name = _name(entry, after.name)
    role = entry.choice("role", after.role, tuple(Role), missing="Choose a role.")
    if len(clients.assigned) + len(clients.removed) > MOST_AT_ONCE:
        entry.refuse("clients", f"Change at most {MOST_AT_ONCE} clients at once, then go on.")
    entry.check()
    with unit_of_work() as connection:
        actor = people.hold_firm(connection, principal)
        person = people.find(connection, principal.firm_id, user_id)
        wanted = replace(
            person,
            name=name if after.name != before.name else person.name,
            role=(role or person.role) if after.role != before.role else person.role,
            is_stripe_admin=after.is_stripe_admin
            if after.is_stripe_admin != before.is_stripe_admin
            else person.is_stripe_admin,
        )
        _check(connection, principal, actor, person, wanted)
        _save(connection, person, wanted)
        said = _changes(person, wanted) + _belong(connection, person, before, after, clients)
        if said:
            _note(connection, actor, f"changed {person.name}: {' · '.join(said)}", now)
    return f"{wanted.name} was saved." if said else "Nothing was changed."


def set_active(principal: Principal, user_id: int, *, is_active: bool, now: datetime) -> str:
    """Let a person sign in again, or end it at once with every session and link they have.

    Gives the sentence to show. Asked twice, it changes nothing more. Raises MembershipRefused.
    """
    _require(principal, "change people", now)
    word = "reactivated" if is_active else "deactivated"
    with unit_of_work() as connection:
        actor = people.hold_firm(connection, principal)
        person = people.find(connection, principal.firm_id, user_id)
        wanted = replace(person, is_active=is_active)
        _check(connection, principal, actor, person, wanted)
        if not is_active:
            people.end_sessions(connection, user_id, now=now)
            people.end_invitations(connection, user_id)
        if wanted != person:
            _save(connection, person, wanted)
            _note(connection, actor, f"{word} {person.name}", now)
    return f"{person.name} was {word}."


def _require(principal: Principal, act: str, now: datetime) -> None:
    audit.require(principal, Permission.MANAGE_FIRM, act=act, now=now)


def _check(
    connection: Connection, principal: Principal, actor: Person, before: Person, after: Person
) -> None:
    others = people.other_active_owners(connection, principal.firm_id, before.id)
    membership.check_change(
        actor.standing, before.standing, after.standing, other_active_owners=others
    )


def _name(entry: Entry, typed: str) -> str:
    name = entry.line("name", typed, limit=LONGEST_NAME, name="The name")
    if not name:
        entry.refuse("name", "Enter the person's name.")
    return name


def _taken(email: str) -> InvalidInput:
    return InvalidInput({"email": f"{email} belongs to a user already."})


def _insert(
    connection: Connection,
    principal: Principal,
    *,
    name: str,
    email: str,
    is_admin: bool,
    now: datetime,
) -> Person:
    values = {
        "firm_id": principal.firm_id,
        "name": name,
        "email": email,
        "password_hash": "",
        "is_admin": is_admin,
        "created_at": now,
    }
    inserted = connection.execute(insert(firm_user).values(values)).inserted_primary_key or (0,)
    return people.find(connection, principal.firm_id, int(inserted[0]))


def _save(connection: Connection, before: Person, after: Person) -> None:
    if before == after:
        return
    values: dict[str, object] = {
        "name": after.name,
        "is_stripe_admin": after.is_stripe_admin,
        "is_active": after.is_active,
    }
    if before.role is not after.role:
        values |= {"is_owner": after.role is Role.OWNER, "is_admin": after.role is Role.ADMIN}
    connection.execute(update(firm_user).where(firm_user.c.id == before.id).values(values))


def _belong(
    connection: Connection,
    person: Person,
    before: MemberForm,
    after: MemberForm,
    clients: ClientChange,
) -> list[str]:
    """Join and leave teams, assign and take clients; what changed, in words."""
    belongs = {"firm_id": person.firm_id, "user_id": person.id}
    joins, leaves = set(after.team_ids), set(before.team_ids)
    return [
        *_words("joined", memberships.add(connection, TEAMS, **belongs, ids=joins - leaves)),
        *_words("left", memberships.remove(connection, TEAMS, **belongs, ids=leaves - joins)),
        *_words("may see", memberships.add(connection, CLIENTS, **belongs, ids=clients.assigned)),
        *_words(
            "no longer sees",
            memberships.remove(connection, CLIENTS, **belongs, ids=clients.removed),
        ),
    ]


def _changes(before: Person, after: Person) -> list[str]:
    said = []
    if after.name != before.name:
        said.append(f"now named {after.name}")
    if after.role is not before.role:
        said.append(f"{before.role} → {after.role}")
    if after.is_stripe_admin != before.is_stripe_admin:
        said.append("Stripe admin given" if after.is_stripe_admin else "Stripe admin taken away")
    return said


def _role_words(person: Person) -> list[str]:
    return [] if person.role is Role.MEMBER else [f"as {person.role.lower()}"]


def _words(verb: str, names: list[str]) -> list[str]:
    """ "joined A, B, C and 4 more"; nothing for no names."""
    if not names:
        return []
    more = len(names) - _NAMES_TOLD
    listed = ", ".join(names[:_NAMES_TOLD])
    return [f"{verb} {listed} and {more} more" if more > 0 else f"{verb} {listed}"]


def _note(connection: Connection, actor: Person, what: str, now: datetime) -> None:
    text = f"{actor.name} {what}"
    audit.note(connection, firm_id=actor.firm_id, user_id=actor.id, text=text, at=now)
