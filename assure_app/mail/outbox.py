"""The outbox: a message is written in the transaction that causes it, and sent after its commit.

So a rolled-back act sends nothing, and a committed one loses no message, whoever is killed when.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from assure_app.db.unit_of_work import after_commit
from assure_app.domain.email_address import is_address
from assure_app.models.tables import mail_message
from assure_app.settings import get_settings

LONGEST_NAME = 200
LONGEST_SUBJECT = 300
_listeners: list[Callable[[], None]] = []

# Built once: building a statement takes longer than running it.
_INSERT = insert(mail_message)
_KNOWN = select(mail_message.c.id).where(mail_message.c.message_id == bindparam("message_id"))


def enqueue(
    connection: Connection,
    *,
    firm_id: int,
    to_email: str,
    from_name: str,
    subject: str,
    text: str,
    html: str,
    now: datetime,
    invoice_id: int | None = None,
    reply_to: str = "",
    key: str = "",
    paper: str = "",
    written_from: str = "",
    stop_link: str = "",
    has_secret: bool = False,
) -> int:
    """Write one message to one person in the caller's transaction, and return its id.

    It goes out soon after the commit. `key` names what the message is about, such as one sending of
    one invoice to one address: `is_known` tells whether there is one, and there is never a second.
    `paper` is what its attachment is set from when it is sent; one with `written_from` is written
    anew then. By `stop_link` its reader stops such letters. What a message that `has_secret` says
    is kept only until it was sent or given up.
    Raises ValueError for an address that is none as `email_address` has it.
    """
    for address in (to_email, reply_to):
        if address and not is_address(address):
            raise ValueError("a letter needs an address in its stored form")
    if not to_email:
        raise ValueError("a letter needs someone to go to")
    message = {
        "firm_id": firm_id,
        "invoice_id": invoice_id,
        "message_id": _message_id(key or secrets.token_hex(32)),
        "to_email": to_email,
        "from_name": _one_line(from_name)[:LONGEST_NAME],
        "reply_to": reply_to,
        "subject": subject_line(subject),
        "text": text,
        "html": html,
        "paper": paper,
        "written_from": written_from,
        "stop_link": stop_link,
        "has_secret": has_secret,
        "created_at": now,
        "due_at": now,
    }
    written = connection.execute(_INSERT, message)
    after_commit(connection, _tell_listeners)
    (message_id,) = written.inserted_primary_key or (0,)
    return int(message_id)


def subject_line(subject: str) -> str:
    """The subject as a header can hold it."""
    return _one_line(subject)[:LONGEST_SUBJECT]


def is_known(connection: Connection, key: str) -> bool:
    """Whether a message was written under this key."""
    return connection.execute(_KNOWN, {"message_id": _message_id(key)}).first() is not None


def listen(call: Callable[[], None]) -> Callable[[], None]:
    """Have this called, from any thread, when this process committed a message; returns the end."""
    _listeners.append(call)
    return lambda: _listeners.remove(call)


def _tell_listeners() -> None:
    for call in tuple(_listeners):
        call()


def _message_id(key: str) -> str:
    """What the message bears as its Message-ID; the same key gives the same one."""
    host = get_settings().mail_from.rpartition("@")[2]
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"


def _one_line(text: str) -> str:
    """A header has one line, and nothing that a reader would decode into more than stands there."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.replace("=?", "= ?").split())
