"""Delivers what waits in the outbox, one message at a time; several processes may do so at once.

A message is claimed by moving its due time on, delivered outside any transaction, and then marked.
Killed in between, it is delivered once more under the same Message-ID: at least once, never lost.
What a message says of a balance may have to be true when it leaves: such a one is written anew by
whoever knows, right before it goes, or dropped.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, update

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.mail import outbox
from assure_app.mail.transport import Transport
from assure_app.mail.undelivered import Undelivered
from assure_app.models.tables import mail_message

LEASE = timedelta(minutes=5)
"""How long a claim holds: longer than any delivery takes, as every step of one has its limit."""

PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=16),
)
MOST_ATTEMPTS = len(PAUSES) + 1
_LONGEST_FAILURE = 500


class _Link(BaseHeader):
    """A header whose text is an address: encoded or broken to fit a line, it would lead nowhere."""

    max_count = 1

    @staticmethod
    def parse(text: str, into: dict[str, Any]) -> None:
        UnstructuredHeader.parse(text, into)

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_headers = HeaderRegistry()
_headers.map_to_type("list-unsubscribe", _Link)
# Plain seven-bit text, whatever is written in it, since not every server takes more.
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_headers)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """A message that will not be tried again; `reason` says why, for the firm."""

    firm_id: int
    invoice_id: int | None
    to_email: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of one message in one attempt; `is_told` when a timeline says more now."""

    firm_id: int
    is_sent: bool = False
    is_given_up: bool = False
    is_told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What a message says at the moment it goes; `is_told` when a timeline says so too."""

    subject: str
    text: str
    html: str
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """That there is nothing to say any more, and why, for the firm."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A PDF that goes along with a message; `file_name` is plain ASCII."""

    file_name: str
    content: bytes


Attach = Callable[[str], Attachment]
"""From a message's `paper` to the file."""

Renew = Callable[[Connection, Mapping[str, Any], datetime], Renewed | Dropped]
"""Writes a message anew, in the transaction that keeps what it says."""

OnGivenUp = Callable[[Connection, GivenUp, datetime], None]


def deliver_next(
    transport: Transport,
    *,
    mail_from: str,
    now: Callable[[], datetime],
    on_given_up: OnGivenUp,
    attach: Attach | None = None,
    renew: Renew | None = None,
) -> Delivery | None:
    """Deliver the message that is due longest; None when nothing is due.

    `on_given_up` tells of one that is given up, in the transaction that gives it up; `attach` sets
    the papers of those that bear one; `renew` writes those anew that are to be true when they go.
    """
    claimed = claim(now())
    if claimed is None:
        return None
    firm_id = claimed["firm_id"]
    is_told = False
    try:
        _check_attempts(claimed)
        if renew is not None and claimed["written_from"]:
            renewed = _renewed(claimed, renew, now())
            if isinstance(renewed, Dropped):
                return Delivery(firm_id=firm_id, is_told=True)
            claimed, is_told = renewed
        _deliver(claimed, transport, mail_from, attach)
    except Undelivered as failure:
        if failure.is_final or claimed["attempts"] >= MOST_ATTEMPTS:
            _give_up(claimed, failure.reason, on_given_up, now())
            return Delivery(firm_id=firm_id, is_given_up=True)
        _try_later(claimed, failure.reason, now())
        return Delivery(firm_id=firm_id, is_told=is_told)
    _mark_sent(claimed, now())
    return Delivery(firm_id=firm_id, is_sent=True, is_told=is_told)


def claim(now: datetime) -> Mapping[str, Any] | None:
    """Take the message that is due longest, so that for a while nobody else does."""
    due = (
        select(mail_message)
        .where(mail_message.c.due_at <= now)
        .order_by(mail_message.c.due_at, mail_message.c.id)
        .limit(1)
    )
    with reading() as connection:  # Looking alone does not ask for the one write lock of SQLite.
        if connection.execute(due).first() is None:
            return None
    with unit_of_work() as connection:
        found = connection.execute(due.with_for_update(skip_locked=True)).mappings().first()
        if found is None:
            return None
        row: dict[str, Any] = dict(found)
        claimed = row | {"attempts": row["attempts"] + 1}
        taken = {"due_at": now + LEASE, "attempts": claimed["attempts"]}
        is_ours = and_(_is_as_claimed(row), mail_message.c.due_at == row["due_at"])
        written = connection.execute(update(mail_message).where(is_ours).values(taken))
        return claimed if written.rowcount == 1 else None


def as_letter(
    message: Mapping[str, Any], mail_from: str, attachment: Attachment | None = None
) -> bytes:
    """The message as it goes over the wire: plain text, and HTML for who shows it."""
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = Address(display_name=message["from_name"], addr_spec=mail_from)
    letter["To"] = Address(addr_spec=message["to_email"])
    if message["reply_to"]:
        letter["Reply-To"] = Address(addr_spec=message["reply_to"])
    letter["Subject"] = message["subject"]
    letter["Date"] = message["created_at"]
    letter["Message-ID"] = message["message_id"]
    letter["Auto-Submitted"] = "auto-generated"
    if message["stop_link"]:
        # One click in the mail program, without a page in between (RFC 8058).
        letter["List-Unsubscribe"] = f"<{message['stop_link']}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter.set_content(message["text"])
    if message["html"]:
        letter.add_alternative(message["html"], subtype="html")
    if attachment is not None:
        letter.add_attachment(
            attachment.content,
            maintype="application",
            subtype="pdf",
            filename=attachment.file_name,
        )
    return letter.as_bytes()


def _check_attempts(claimed: Mapping[str, Any]) -> None:
    if claimed["attempts"] > MOST_ATTEMPTS:
        raise Undelivered("nobody knows whether the last attempt arrived", is_final=True)


def _renewed(
    claimed: Mapping[str, Any], renew: Renew, now: datetime
) -> tuple[Mapping[str, Any], bool] | Dropped:
    """The message as it is true now, kept so; or dropped, for it would not be true any more."""
    try:
        with unit_of_work() as connection:
            wanted = renew(connection, claimed, now)
            if isinstance(wanted, Dropped):
                says: dict[str, Any] = {"due_at": None, "failure": wanted.reason[:_LONGEST_FAILURE]}
            else:
                says = {
                    "subject": outbox.subject_line(wanted.subject),
                    "text": wanted.text,
                    "html": wanted.html,
                }
            connection.execute(update(mail_message).where(_is_as_claimed(claimed)).values(says))
    except Exception as error:
        # What cannot be written is tried again like what cannot be delivered, and nothing waits.
        _log.exception("Message %s could not be written anew", claimed["id"])
        raise Undelivered(f"it could not be written ({type(error).__name__})") from error
    return wanted if isinstance(wanted, Dropped) else (dict(claimed) | says, wanted.is_told)


def _deliver(
    claimed: Mapping[str, Any], transport: Transport, mail_from: str, attach: Attach | None
) -> None:
    try:
        letter = as_letter(claimed, mail_from, _attachment(claimed, attach))
    except ValueError as error:
        raise Undelivered(f"it cannot be written as email ({error})", is_final=True) from error
    transport.deliver(letter, sender=mail_from, to=claimed["to_email"])


def _attachment(claimed: Mapping[str, Any], attach: Attach | None) -> Attachment | None:
    """The message's paper; a letter whose paper cannot be set goes without, for it says it all."""
    if attach is None or not claimed["paper"]:
        return None
    try:
        return attach(claimed["paper"])
    except Exception:  # noqa: BLE001 - whatever is wrong with a paper, the letter is not held up
        _log.exception("The paper of message %s could not be set", claimed["id"])
        return None


def _mark_sent(claimed: Mapping[str, Any], now: datetime) -> None:
    with unit_of_work() as connection:
        sent = {"due_at": None, "sent_at": now, "failure": ""} | _forgotten(claimed)
        connection.execute(update(mail_message).where(_is_as_claimed(claimed)).values(sent))


def _try_later(claimed: Mapping[str, Any], reason: str, now: datetime) -> None:
    pause = PAUSES[claimed["attempts"] - 1]
    _log.warning("A message waits %s: %s", pause, reason)
    with unit_of_work() as connection:
        later = {"due_at": now + pause, "failure": reason[:_LONGEST_FAILURE]}
        connection.execute(update(mail_message).where(_is_as_claimed(claimed)).values(later))


def _give_up(
    claimed: Mapping[str, Any], reason: str, on_given_up: OnGivenUp, now: datetime
) -> None:
    given_up = GivenUp(
        firm_id=claimed["firm_id"],
        invoice_id=claimed["invoice_id"],
        to_email=claimed["to_email"],
        reason=reason,
    )
    with unit_of_work() as connection:
        ended = {"due_at": None, "failure": reason[:_LONGEST_FAILURE]} | _forgotten(claimed)
        written = connection.execute(
            update(mail_message).where(_is_as_claimed(claimed)).values(ended)
        )
        if written.rowcount == 1:
            on_given_up(connection, given_up, now)


def _forgotten(message: Mapping[str, Any]) -> dict[str, str]:
    """What empties a message that holds a secret: nobody needs to read it here any more."""
    return {"text": "", "html": ""} if message["has_secret"] else {}


def _is_as_claimed(message: Mapping[str, Any]) -> ColumnElement[bool]:
    """Nobody took the message since: a claim that ran out was followed by another attempt."""
    return and_(
        mail_message.c.id == message["id"],
        mail_message.c.attempts == message["attempts"],
        mail_message.c.due_at.is_not(None),
    )
