"""What takes a message away: a mail server, or in the sandbox its mailbox."""

from typing import Protocol
from urllib.parse import unquote, urlsplit

from assure_app.mail.sandbox_mailbox import SandboxMailbox
from assure_app.mail.smtp import MailServer
from assure_app.settings import Settings


class Transport(Protocol):
    """One way for messages to leave."""

    def deliver(self, letter: bytes, *, sender: str, to: str) -> None:
        """Hand the whole message over; raises Undelivered when it was not taken."""


def of(settings: Settings) -> Transport | None:
    """The way this installation's mail goes, or None when there is none: then messages wait."""
    if settings.smtp_url is not None:
        return _mail_server(settings.smtp_url.get_secret_value())
    return SandboxMailbox(settings.sandbox_port) if settings.is_sandbox else None


def _mail_server(smtp_url: str) -> MailServer:
    parts = urlsplit(smtp_url)
    is_tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or (465 if is_tls else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls_from_the_start=is_tls,
    )
