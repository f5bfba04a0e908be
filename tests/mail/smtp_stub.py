"""A mail server of the tests' own: as much SMTP as a sender needs; it keeps what it hears."""

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Heard:
    """What the server was told."""

    port: int = 0
    commands: list[str] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)


@contextmanager
def mail_server(
    answers: Mapping[str, str] | None = None, *, offers: tuple[str, ...] = ()
) -> Iterator[Heard]:
    """A server on this machine; `answers` by a command's first word take the place of "250 OK".

    "DATA." answers the message itself. An empty answer hangs up.
    """
    heard = Heard()
    said = {"": "220 ready", "QUIT": "221 bye", "DATA": "354 go on"} | dict(answers or {})

    with _Stub(heard, said, offers) as server:
        heard.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield heard
        finally:
            server.shutdown()
            thread.join()


class _Stub(socketserver.ThreadingTCPServer):
    def __init__(self, heard: Heard, said: Mapping[str, str], offers: tuple[str, ...]) -> None:
        self.heard, self.said, self.offers = heard, said, offers
        super().__init__(("127.0.0.1", 0), _Talk)


class _Talk(socketserver.StreamRequestHandler):
    server: "_Stub"

    def handle(self) -> None:
        self._say("")
        for line in self.rfile:
            command = line.decode().strip()
            self.server.heard.commands.append(command)
            word = command.split(" ", 1)[0].upper()
            if word == "EHLO" and word not in self.server.said:
                self._offer()
            elif not self._say(word) or word == "QUIT":
                return
            if word == "DATA" and self.server.said["DATA"].startswith("354"):
                self.server.heard.letters.append(self._letter())
                self._say("DATA.")

    def _say(self, word: str) -> bool:
        answer = self.server.said.get(word, "250 OK")
        self.wfile.write(f"{answer}\r\n".encode() if answer else b"")
        return bool(answer)

    def _offer(self) -> None:
        lines = ["stub", *self.server.offers]
        told = [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]
        self.wfile.write("".join(f"{line}\r\n" for line in told).encode())

    def _letter(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line)
        return b"".join(lines)
