"""Signing in to the portal: six digits mailed to a contact, typed where they were asked for.

The browser that asks brings a secret of its own, and a code is worth something together with it
only. So a code that somebody overlooks or reads in a database signs nobody in, and a form that is
sent twice mails one letter.
"""

import hmac
import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assure_app.auth import lockout, portal_sessions
from assure_app.auth.lockout import SignInRefused
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.email_address import normal_address
from assure_app.domain.portal_access import PortalPrincipal
from assure_app.domain.tokens import digest
from assure_app.mail import outbox
from assure_app.mail.sign_in_letter import SignInLetter
from assure_app.models.tables import firm, invoice, login_code

LIFETIME = timedelta(minutes=10)
MOST_TRIES = 5
MOST_GUESSES = 10
"""Wrong codes at one address in a quarter of an hour, over all the codes that were asked for."""

_KEPT = timedelta(days=1)
_CODE = re.compile(r"[0-9]{6}")
_REQUEST = re.compile(r"[A-Za-z0-9_-]{16,64}")
_WRONG = "That code is not right, or it is too old. Check it, or ask for a new one."
_TOO_MANY = "That code was tried too often. Ask for a new one."


def ask(email: str, request: str, address: str, *, pay_token: str = "", now: datetime) -> None:
    """Mail a code to the person with this email; for anybody else do the same, but mail nothing.

    `request` is the secret of the browser that asks; asked twice with the same one it mails once.
    The letter comes from the firm whose invoice `pay_token` names, if that is one of theirs.
    Raises SignInRefused for what is no email, or after too many codes.
    """
    known_as = normal_address(email)
    if not known_as:
        raise SignInRefused("Enter the email your invoices go to.", field="email")
    _check_request(request)
    if _is_known(request):
        return
    lockout.begin(_asking(known_as), address, now=now)
    code = f"{secrets.randbelow(10**6):06}"
    try:
        with unit_of_work() as connection:
            _forget_old(connection, now)
            _keep(connection, known_as, request, code, now)
            people = portal_sessions.contacts_of(connection, known_as)
            if people:
                _post(connection, _at_firm_of(connection, people, pay_token), code, now)
    except IntegrityError:
        if not _is_known(request):  # The same form, sent twice at this very moment, is no error.
            raise


def redeem(request: str, code: str, address: str, *, is_trusted: bool, now: datetime) -> str:
    """The token of a new session for whoever typed the right code where they asked for it.

    A code works once, for ten minutes and five tries. Raises SignInRefused, with the same sentence
    whether or not anybody has the email that it was asked for.
    """
    _check_request(request)
    typed = re.sub(r"[\s-]", "", code)
    if not _CODE.fullmatch(typed):
        raise SignInRefused("Enter the 6 digits from the letter.", field="code")
    with reading() as connection:
        email = connection.scalar(
            select(login_code.c.email).where(login_code.c.request_hash == digest(request))
        )
    key = _guessing(email or digest(request))
    attempt = lockout.begin(key, address, limit=MOST_GUESSES, now=now)
    with unit_of_work() as connection:
        tries = _count_try(connection, request, typed, now)
        if tries.is_right and portal_sessions.contacts_of(connection, str(email)):
            lockout.forgive(connection, attempt)
            _use(connection, str(email), now)
            return portal_sessions.open_session(
                connection, str(email), is_trusted=is_trusted, now=now
            )
    raise SignInRefused(_TOO_MANY if tries.is_last else _WRONG, field="code")


class _Tries:
    """What became of one try."""

    def __init__(self, *, is_right: bool, is_last: bool) -> None:
        self.is_right = is_right
        self.is_last = is_last


def _count_try(connection: Connection, request: str, typed: str, now: datetime) -> _Tries:
    """Count the try before looking at it, so that tries sent side by side are all counted."""
    counted = connection.execute(
        update(login_code)
        .where(
            login_code.c.request_hash == digest(request),
            login_code.c.used_at.is_(None),
            login_code.c.expires_at > now,
            login_code.c.tries < MOST_TRIES,
        )
        .values(tries=login_code.c.tries + 1)
        .returning(login_code.c.code_hash, login_code.c.tries)
    ).one_or_none()
    if counted is None:
        return _Tries(is_right=False, is_last=False)
    is_right = hmac.compare_digest(counted.code_hash, _code_hash(request, typed))
    return _Tries(is_right=is_right, is_last=counted.tries >= MOST_TRIES)


def _use(connection: Connection, email: str, now: datetime) -> None:
    """This code and every other one of the address are spent; so are the tries held against it."""
    connection.execute(
        update(login_code)
        .where(login_code.c.email == email, login_code.c.used_at.is_(None))
        .values(used_at=now)
    )
    lockout.forgive(connection, lockout.Attempt(email=_asking(email), locks_email=False))


def _keep(connection: Connection, email: str, request: str, code: str, now: datetime) -> None:
    connection.execute(
        insert(login_code).values(
            email=email,
            request_hash=digest(request),
            code_hash=_code_hash(request, code),
            created_at=now,
            expires_at=now + LIFETIME,
            tries=0,
        )
    )


def _post(connection: Connection, person: PortalPrincipal, code: str, now: datetime) -> None:
    name = str(connection.scalar(select(firm.c.name).where(firm.c.id == person.firm_id)))
    minutes = int(LIFETIME / timedelta(minutes=1))
    letter = SignInLetter(name=person.name, firm=name, code=code, minutes=minutes)
    outbox.enqueue(
        connection,
        firm_id=person.firm_id,
        to_email=person.email,
        from_name=name,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        now=now,
        has_secret=True,
    )


def _at_firm_of(
    connection: Connection, people: tuple[PortalPrincipal, ...], pay_token: str
) -> PortalPrincipal:
    of_client = select(invoice.c.client_id).where(invoice.c.pay_token == pay_token)
    client_id = connection.scalar(of_client) if pay_token else None
    return next((each for each in people if each.client_id == client_id), people[0])


def _is_known(request: str) -> bool:
    wanted = select(login_code.c.id).where(login_code.c.request_hash == digest(request))
    with reading() as connection:
        return connection.execute(wanted).first() is not None


def _forget_old(connection: Connection, now: datetime) -> None:
    connection.execute(delete(login_code).where(login_code.c.expires_at < now - _KEPT))


def _check_request(request: str) -> None:
    if not _REQUEST.fullmatch(request):
        raise SignInRefused("Reload this page and ask for a code again.", field="")


def _code_hash(request: str, code: str) -> str:
    return digest(f"{request} {code}")


def _asking(email: str) -> str:
    """Codes asked for are counted apart from a firm user's passwords at the same address."""
    return f"code for {email}"


def _guessing(email: str) -> str:
    return f"guess at {email}"
