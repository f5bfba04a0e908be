"""Importing a file that lies on this machine, in the name of a firm's owner."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from assure_app.billing.importing import service
from assure_app.billing.importing.dates_and_amounts import DateForm
from assure_app.billing.importing.preview import ImportOptions
from assure_app.billing.importing.problems import ImportRefused, Problems
from assure_app.billing.importing.reading import LONGEST_FILE_BYTES
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Principal, TeamRights
from assure_app.models.tables import firm, firm_user


def run(
    path: Path, *, firm_name: str, dates: str = "", is_check: bool = False, now: datetime
) -> Iterator[str]:
    """Say what the file brings, and import it unless it is only checked.

    Raises ImportRefused with a sentence for every problem, NotFound for an unknown firm.
    """
    if dates and dates not in set(DateForm):
        raise ImportRefused("Write --dates month-first or --dates day-first.")
    content, options = _content(path), ImportOptions(dates=dates)
    with reading() as connection:
        owner = _owner(connection, _firm_id(connection, firm_name))
    found = service.check(owner, content, options, now=now)
    if found.problem_count:
        raise ImportRefused(Problems(found.problem_count, list(found.problems)))
    yield from found.sentences
    if not is_check:
        yield service.run(owner, content, options, now=now).sentence


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LONGEST_FILE_BYTES:
            raise ImportRefused("The file is larger than 20 MB: split it.")
        return path.read_bytes()
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror}.") from error


def _firm_id(connection: Connection, firm_name: str) -> int:
    ids = connection.execute(select(firm.c.id).where(firm.c.name == firm_name)).scalars()
    match list(ids):
        case []:
            raise NotFound("firm")
        case [firm_id]:
            return int(firm_id)
    raise ImportRefused(f"Several firms are called “{firm_name}”. Give each its own name first.")


def _owner(connection: Connection, firm_id: int) -> Principal:
    row = connection.execute(
        select(firm_user)
        .where(firm_user.c.firm_id == firm_id, firm_user.c.is_owner, firm_user.c.is_active)
        .order_by(firm_user.c.id)
    ).first()
    if row is None:
        raise NotFound("firm")
    return Principal(
        session_id=0,
        user_id=row.id,
        firm_id=row.firm_id,
        name=row.name,
        email=row.email,
        is_owner=True,
        is_admin=row.is_admin,
        is_stripe_admin=row.is_stripe_admin,
        rights=TeamRights(),
    )
