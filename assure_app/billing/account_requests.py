"""The accounts asked for at Stripe: written first, so that asking twice makes one (R067)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from assure_app.domain.permissions import Principal
from assure_app.models.tables import account_request

METADATA_KEY = "assure_account"
"""Under this Stripe keeps a request's token, by which its account is found again."""
KEY_LASTS = timedelta(hours=23)
"""Stripe may forget a key after 24 hours: from then on the account is looked for first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRequest:
    """A request as stored; `account_id` is the account it made, None until that is known."""

    id: int
    firm_id: int
    email: str
    token: str
    idempotency_key: str
    account_id: str | None
    problem: str
    created_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether Stripe may still be asked for it."""
        return self.account_id is None and not self.problem


_SELECT = select(*(account_request.c[name] for name in AccountRequest.__dataclass_fields__))


def open_of(connection: Connection, principal: Principal, *, now: datetime) -> AccountRequest:
    """The firm's open request, a new one if there is none; the caller holds the firm."""
    is_open = account_request.c.account_id.is_(None) & (account_request.c.problem == "")
    known = connection.execute(
        _SELECT.where(account_request.c.firm_id == principal.firm_id, is_open)
    )
    row = known.mappings().first()
    if row is not None:
        return AccountRequest(**row)
    values = {
        "firm_id": principal.firm_id,
        "user_id": principal.user_id,
        "email": principal.email,
        "token": secrets.token_urlsafe(24),
        "idempotency_key": secrets.token_urlsafe(24),
        "problem": "",
        "created_at": now,
    }
    written = connection.execute(insert(account_request).values(values))
    (request_id,) = written.inserted_primary_key or (0,)
    return by_id(connection, int(request_id))


def by_id(connection: Connection, request_id: int) -> AccountRequest:
    """A request that is known to exist."""
    row = connection.execute(_SELECT.where(account_request.c.id == request_id)).mappings().one()
    return AccountRequest(**row)


def answered(
    connection: Connection, request_id: int, *, account_id: str | None = None, problem: str = ""
) -> None:
    """Note what Stripe made of a request that is still open: an account, or why there is none."""
    still_open = account_request.c.account_id.is_(None) & (account_request.c.problem == "")
    connection.execute(
        update(account_request)
        .where(account_request.c.id == request_id, still_open)
        .values(account_id=account_id, problem=problem[:500])
    )
