"""Hands messages to the sandbox, which keeps them for people to read and sends none of them on."""

import http.client
from dataclasses import dataclass
from http import HTTPStatus

from assure_app.mail.undelivered import Undelivered

TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class SandboxMailbox:
    """The mailbox that listens on this machine's port."""

    port: int

    def deliver(self, letter: bytes, *, sender: str, to: str) -> None:  # noqa: ARG002
        """Post the message, in which sender and receiver stand; raises Undelivered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        try:
            headers = {"Content-Type": "message/rfc822"}
            connection.request("POST", "/mailbox/messages", letter, headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise Undelivered("the sandbox’s mailbox does not answer") from error
        finally:
            connection.close()
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            is_too_large = status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            raise Undelivered(f"the sandbox’s mailbox answered {status}", is_final=is_too_large)
