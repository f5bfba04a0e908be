"""Files that were brought in by a browser, from the upload to the confirmation.

A file is kept in the database, of its own firm only, until it is imported or a day has passed.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from assure_app.billing.importing import service
from assure_app.billing.importing.preview import ImportOptions, ImportOutcome, ImportPreview
from assure_app.billing.importing.problems import ImportRefused
from assure_app.billing.importing.reading import LONGEST_FILE_BYTES, survey
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.entry import Entry
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Principal
from assure_app.models.tables import import_file

KEPT = timedelta(days=1)
_MOST_KEPT = 5
_LARGEST_ID = 2**31
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePreview:
    """A file that was brought in: what it would bring, or the outcome when it was imported."""

    file_id: int = 0
    name: str = ""
    outcome: str = ""
    preview: ImportPreview = field(default_factory=ImportPreview)


def keep(principal: Principal, name: str, content: bytes, *, now: datetime) -> int:
    """Keep an uploaded file and return its id; old ones lose their content.

    Raises ImportRefused for one that is empty or too large.
    """
    service.require(principal, now=now)
    if len(content) > LONGEST_FILE_BYTES:
        raise ImportRefused("The file is larger than 20 MB: split it.")
    with unit_of_work() as connection:
        _forget_old(connection, principal, now)
        values = {
            "firm_id": principal.firm_id,
            "user_id": principal.user_id,
            "name": _plain(name),
            "content": content,
            "created_at": now,
            "outcome": "",
        }
        (file_id,) = connection.execute(
            insert(import_file).values(values)
        ).inserted_primary_key or (0,)
    return int(file_id)


def preview(
    principal: Principal, file_id: int, options: ImportOptions, *, now: datetime
) -> FilePreview:
    """What importing the file would do now; raises NotFound outside the firm or once it is gone."""
    service.require(principal, now=now)
    with reading() as connection:
        kept = _find(connection, principal, file_id)
    if kept.outcome:
        return FilePreview(file_id=file_id, name=kept.name, outcome=kept.outcome)
    found = service.check(principal, kept.content, options, now=now)
    return FilePreview(file_id=file_id, name=kept.name, preview=found)


def run(
    principal: Principal, file_id: int, options: ImportOptions, *, now: datetime
) -> ImportOutcome:
    """Import the file, once: asked again it tells the first outcome and writes nothing.

    Raises ImportRefused, and NotFound as `preview` does.
    """
    service.require(principal, now=now)
    with reading() as connection:
        kept = _find(connection, principal, file_id)
    if kept.outcome:
        return ImportOutcome(sentence=kept.outcome, is_repeat=True)
    surveyed = survey(kept.content)
    with unit_of_work() as connection:
        service.lock_firm(connection, principal.firm_id)
        outcome = _outcome(connection, principal, file_id)
        if outcome:
            return ImportOutcome(sentence=outcome, is_repeat=True)
        done = service.write(connection, principal, surveyed, options, now=now)
        connection.execute(
            update(import_file)
            .where(import_file.c.id == file_id)
            .values(imported_at=now, outcome=done.sentence, content=b"")
        )
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    name: str
    content: bytes
    outcome: str


def _find(connection: Connection, principal: Principal, file_id: int) -> _Kept:
    if not 0 < file_id < _LARGEST_ID:
        raise NotFound("file")
    row = connection.execute(
        select(import_file.c.name, import_file.c.content, import_file.c.outcome).where(
            import_file.c.id == file_id, import_file.c.firm_id == principal.firm_id
        )
    ).first()
    if row is None or not (row.content or row.outcome):
        raise NotFound("file")
    return _Kept(name=row.name, content=bytes(row.content), outcome=row.outcome)


def _outcome(connection: Connection, principal: Principal, file_id: int) -> str:
    found = connection.scalar(
        select(import_file.c.outcome).where(
            import_file.c.id == file_id, import_file.c.firm_id == principal.firm_id
        )
    )
    return found or ""


def _forget_old(connection: Connection, principal: Principal, now: datetime) -> None:
    """Empty the firm's files of before yesterday, and all but the person's latest ones."""
    latest = (
        select(import_file.c.id)
        .where(import_file.c.user_id == principal.user_id)
        .order_by(import_file.c.id.desc())
        .limit(_MOST_KEPT - 1)
    )
    of_person = (import_file.c.user_id == principal.user_id) & import_file.c.id.not_in(
        connection.scalars(latest).all()
    )
    connection.execute(
        update(import_file)
        .where(
            import_file.c.firm_id == principal.firm_id,
            of_person | (import_file.c.created_at < now - KEPT),
            import_file.c.content != b"",
        )
        .values(content=b"")
    )


def _plain(name: str) -> str:
    """The file's name as it can be shown."""
    entry = Entry()
    return entry.line("name", name[-_LONGEST_NAME:], limit=_LONGEST_NAME, name="Name") or "File"
