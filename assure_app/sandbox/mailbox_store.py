"""The sandbox's mail, one file a message. It knows nothing of the product's database."""

import hashlib
import os
import re
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

MOST_MESSAGES = 1_000
_NAME = re.compile(r"\d{20}-[0-9a-f]{24}", re.ASCII)
_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One message as it came; `id` tells when, and which one."""

    id: str
    letter: EmailMessage

    @property
    def received_at(self) -> datetime:
        return datetime.fromtimestamp(int(self.id[:20]) // _NANOSECONDS, UTC)

    def header(self, name: str) -> str:
        """A header's text on one line; "" when it is missing."""
        return " ".join(str(self.letter.get(name, "")).split())

    def body(self, kind: str) -> str:
        """The "plain" or the "html" version; "" when there is none."""
        part = self.letter.get_body((kind,))
        return "" if part is None else str(part.get_content())

    def attachments(self) -> list[tuple[str, bytes]]:
        """The name and content of each file that came along, in their order."""
        contents = (
            (part.get_filename("file"), part.get_payload(decode=True))
            for part in self.letter.iter_attachments()
        )
        return [(name, content) for name, content in contents if isinstance(content, bytes)]


class MailboxStore:
    """Messages in a directory, the newest thousand of them; one process writes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._writing = threading.Lock()

    def keep(self, raw: bytes) -> str:
        """Keep a message and return its id; one that came before, by its Message-ID, only once."""
        letter = BytesParser(policy=default).parsebytes(raw, headersonly=True)
        identity = str(letter.get("Message-ID", "")).strip().encode() or raw
        mark = hashlib.sha256(identity).hexdigest()[:24]
        with self._writing:
            known = self._names()
            for name in known:
                if name.endswith(mark):
                    return name
            name = f"{time.time_ns():020d}-{mark}"
            self._write(name, raw)
            for old in known[MOST_MESSAGES - 1 :]:
                self._path(old).unlink(missing_ok=True)
        return name

    def newest(self, count: int, *, before: str = "") -> list[Kept]:
        """So many messages, the newest first; with `before`, those older than it."""
        names = [name for name in self._names() if not before or name < before]
        found = (self.find(name) for name in names[:count])
        return [kept for kept in found if kept]

    def find(self, name: str) -> Kept | None:
        """The message with this id, or None."""
        if not _NAME.fullmatch(name):
            return None
        try:
            raw = self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        letter = BytesParser(policy=default).parsebytes(raw)
        assert isinstance(letter, EmailMessage)  # noqa: S101 - what this policy makes
        return Kept(id=name, letter=letter)

    def _names(self) -> list[str]:
        if not self._directory.is_dir():
            return []
        names = (path.stem for path in self._directory.glob("*.eml"))
        return sorted((name for name in names if _NAME.fullmatch(name)), reverse=True)

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}.eml"

    def _write(self, name: str, raw: bytes) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._directory / f"{name}.part"
        with unfinished.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._path(name))
