"""Hands messages to a mail server. The only module that speaks SMTP."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from assure_app.addresses import LOOPBACK_HOSTS
from assure_app.mail.undelivered import Undelivered

TIMEOUT_SECONDS = 20.0
LONGEST_SECONDS = 60.0
_LONGEST_ANSWER = 200
_PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server as SMTP_URL names it; the password stays out of its repr."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls_from_the_start: bool = False

    def deliver(self, letter: bytes, *, sender: str, to: str) -> None:
        """Hand the message over; raises Undelivered, final when the server refuses this message."""
        try:
            with self._connected(sender.rpartition("@")[2]) as server:
                self._sign_in(server)
                server.sendmail(sender, [to], letter)
        except smtplib.SMTPAuthenticationError as error:
            # The message is as good as before: whoever runs this mends the password.
            raise Undelivered(
                f"the mail server refused to sign us in ({error.smtp_code})"
            ) from None
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(*error.recipients[to]) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Undelivered(f"the mail server could not be used ({_cause(error)})") from error

    @contextmanager
    def _connected(self, own_host: str) -> Iterator[smtplib.SMTP]:
        server = self._connect(own_host)
        # Each answer has its limit, and so has all of them together.
        too_long = threading.Timer(LONGEST_SECONDS, _cut, [server])
        too_long.daemon = True
        too_long.start()
        try:
            yield server
        finally:
            # The message was taken or not by now; a rude good-bye changes nothing.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            too_long.cancel()
            server.close()

    def _connect(self, own_host: str) -> smtplib.SMTP:
        if self.is_tls_from_the_start:
            return smtplib.SMTP_SSL(
                self.host,
                self.port,
                local_hostname=own_host,
                timeout=TIMEOUT_SECONDS,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(self.host, self.port, local_hostname=own_host, timeout=TIMEOUT_SECONDS)

    def _sign_in(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        is_private = self.is_tls_from_the_start or self.host in LOOPBACK_HOSTS
        if not self.is_tls_from_the_start and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            is_private = True
        if not self.user:
            return
        if not is_private:
            # Someone in between can hide the offer; the password is not told to everyone for that.
            raise Undelivered("the mail server offers no encryption, so we did not sign in")
        server.login(self.user, self.password)


def _refused(code: int, answer: bytes | str) -> Undelivered:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    shown = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return Undelivered(
        f"the mail server answered {code} {shown[:_LONGEST_ANSWER]}", is_final=code in _PERMANENT
    )


def _cause(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, smtplib.SMTPServerDisconnected):  # so smtplib calls silence as well
        return "it hung up"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


def _cut(server: smtplib.SMTP) -> None:
    with suppress(OSError):
        if server.sock:
            server.sock.shutdown(socket.SHUT_RDWR)
