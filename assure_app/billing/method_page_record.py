"""The pages that save a method as stored: written before Stripe is asked, moved forward only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from assure_app.billing.method_rows import AddedBy
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import method_page

METADATA_KEY = "assure_method_page"
"""Under this Stripe keeps a page's token, and gives it back with what was saved there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodPage:
    """A page as stored; `url` is "" until Stripe answered, `problem` why none came of it."""

    id: int
    firm_id: int
    client_id: int
    contact_id: int | None
    user_id: int | None
    account_id: str
    customer_id: str
    token: str
    idempotency_key: str
    success_url: str
    cancel_url: str
    created_at: datetime
    session_id: str | None
    url: str
    problem: str


_SELECT = select(*(method_page.c[name] for name in MethodPage.__dataclass_fields__))


def by_form(connection: Connection, *, firm_id: int, form_token: str) -> MethodPage | None:
    """The page that this form asked for already."""
    is_form = (method_page.c.form_token == form_token) & (method_page.c.firm_id == firm_id)
    return _first(connection, is_form)


def by_token(connection: Connection, token: object) -> MethodPage | None:
    """The page with this token, which a browser or Stripe brought back."""
    if not (isinstance(token, str) and 0 < len(token) <= 64):
        return None
    if not (token.isascii() and token.isprintable()):  # PostgreSQL refuses a NUL in text.
        return None
    return _first(connection, method_page.c.token == token)


def asked_by(account_id: str, metadata: Mapping[str, str]) -> AddedBy:
    """Who asked for the page that Stripe's words name; nobody when it is none of ours."""
    with reading() as connection:
        page = by_token(connection, metadata.get(METADATA_KEY, ""))
    if page is None or page.account_id != account_id:
        return AddedBy()
    return AddedBy(contact_id=page.contact_id, user_id=page.user_id)


def add(connection: Connection, **columns: object) -> None:
    """Write a page that is about to be asked for."""
    connection.execute(insert(method_page).values({"url": "", "problem": ""} | columns))


def keep(page: MethodPage, **columns: object) -> None:
    """Write what came of asking, unless a rival with the same key was first."""
    is_new = (method_page.c.id == page.id) & method_page.c.session_id.is_(None)
    with unit_of_work() as connection:
        connection.execute(update(method_page).where(is_new).values(columns))


def _first(connection: Connection, condition: ColumnElement[bool]) -> MethodPage | None:
    row: RowMapping | None = connection.execute(_SELECT.where(condition)).mappings().first()
    return None if row is None else MethodPage(**row)
