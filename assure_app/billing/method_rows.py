"""The saved methods of a client as stored: read inside what is theirs, moved forward only (R127).

Whoever writes holds the client first, and the client before any invoice: so two rivals never wait
for each other, and one default is chosen at a time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, insert, select, update

from assure_app.domain.errors import NotFound
from assure_app.domain.saved_methods import KeptMethod, MethodKind, default_of
from assure_app.models.tables import client, payment_method

_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedBy:
    """Who added a method: a contact of the client, a user of the firm, or nobody known yet."""

    contact_id: int | None = None
    user_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMethod:
    """A saved method as stored."""

    id: int
    firm_id: int
    client_id: int
    account_id: str
    customer_id: str
    method_id: str
    kind: MethodKind
    brand_or_bank: str
    last4: str
    expiry: str
    is_default: bool
    added_by_id: int | None
    added_by_user_id: int | None
    added_at: datetime
    removed_at: datetime | None
    disabled_at: datetime | None
    disabled_reason: str
    announce_on: date | None

    @property
    def name(self) -> str:
        """ "Visa •••• 4242": all that people see of it (R040)."""
        return name_of(self.brand_or_bank, self.last4, self.kind)

    @property
    def is_usable(self) -> bool:
        """Whether it may be charged."""
        return self.removed_at is None and self.disabled_at is None


def name_of(brand_or_bank: str, last4: str, kind: MethodKind) -> str:
    """A card or bank account as people see it."""
    name = brand_or_bank or ("Card" if kind is MethodKind.CARD else "Bank account")
    return f"{name} •••• {last4}" if last4 else name


_SELECT = select(*(payment_method.c[field.name] for field in fields(StoredMethod)))

# Built once: building a statement takes longer than running it.
_HOLD = (
    select(client.c.id).where(client.c.id == bindparam("client_id")).with_for_update(key_share=True)
)
_OF_CLIENT = _SELECT.where(
    payment_method.c.client_id == bindparam("client_id"),
    payment_method.c.firm_id == bindparam("firm_id"),
    payment_method.c.removed_at.is_(None),
).order_by(payment_method.c.is_default.desc(), payment_method.c.id.desc())
_OF_ROW = _SELECT.where(
    payment_method.c.id == bindparam("row_id"),
    payment_method.c.client_id == bindparam("client_id"),
)


def hold_client(connection: Connection, client_id: int) -> None:
    """Hold the client, so that changes of their methods come one after the other."""
    connection.execute(_HOLD, {"client_id": client_id})


def of_client(connection: Connection, *, firm_id: int, client_id: int) -> Sequence[StoredMethod]:
    """What the client saved and did not remove: the default first, then the newest."""
    found = connection.execute(_OF_CLIENT, {"client_id": client_id, "firm_id": firm_id})
    return [_method(row) for row in found.mappings()]


def with_id(connection: Connection, *, account_id: str, method_id: str) -> StoredMethod | None:
    """The method that Stripe calls so, also one that was removed."""
    is_it = (payment_method.c.account_id == account_id) & (payment_method.c.method_id == method_id)
    row = connection.execute(_SELECT.where(is_it)).mappings().first()
    return None if row is None else _method(row)


def autopay_default(connection: Connection, *, firm_id: int, client_id: int) -> StoredMethod | None:
    """The method that auto-pay charges: the client's default, which can be used (R123, R127).

    None when nothing can be charged: the client saved nothing, or all of it is disabled.
    """
    return next(
        (
            each
            for each in of_client(connection, firm_id=firm_id, client_id=client_id)
            if each.is_default and each.is_usable
        ),
        None,
    )


def autopay_names(
    connection: Connection, firm_id: int, client_ids: Collection[int]
) -> dict[int, str]:
    """How the method that auto-pay charges is called, by client id; a client without one is not
    in it: "No method" (R128)."""
    is_of_clients = payment_method.c.client_id.in_(client_ids) & (
        payment_method.c.firm_id == firm_id
    )
    found = connection.execute(_SELECT.where(is_of_clients, payment_method.c.is_default))
    methods = [_method(row) for row in found.mappings()]
    return {each.client_id: each.name for each in methods if each.is_usable}


def has_any(connection: Connection, client_id: int) -> bool:
    """Whether the client ever saved something, removed or not."""
    ever = select(payment_method.c.id).where(payment_method.c.client_id == client_id).limit(1)
    return connection.execute(ever).first() is not None


def own(connection: Connection, *, firm_id: int, client_id: int, row_id: object) -> StoredMethod:
    """The client's own method with this id, also one that was removed; whatever a browser sent.

    Raises NotFound, for another client's too.
    """
    is_id = isinstance(row_id, int) and not isinstance(row_id, bool)
    if not is_id or not 0 < int(str(row_id)) <= _LARGEST_ID:
        raise NotFound("payment method")
    is_own = (payment_method.c.client_id == client_id) & (payment_method.c.firm_id == firm_id)
    wanted = _SELECT.where(payment_method.c.id == row_id, is_own)
    row = connection.execute(wanted).mappings().first()
    if row is None:
        raise NotFound("payment method")
    return _method(row)


def of_row(connection: Connection, *, client_id: int, row_id: int) -> StoredMethod | None:
    """The client's method with this id, also one that was removed; None for another's."""
    known = {"row_id": row_id, "client_id": client_id}
    row = connection.execute(_OF_ROW, known).mappings().first()
    return None if row is None else _method(row)


def add(connection: Connection, **columns: object) -> int:
    """Write a method that was just saved, and return its id; the caller holds the client and
    settles the default."""
    empty = {"is_default": False, "disabled_reason": ""}
    written = connection.execute(insert(payment_method).values(empty | columns))
    (row_id,) = written.inserted_primary_key or (0,)
    return int(row_id)


def change(connection: Connection, known: StoredMethod, **columns: object) -> bool:
    """Write what is different now; False when nothing is. The caller holds the client."""
    different = {name: new for name, new in columns.items() if getattr(known, name) != new}
    if different:
        _update(connection, payment_method.c.id == known.id, **different)
    return bool(different)


def settle_default(connection: Connection, *, firm_id: int, client_id: int) -> None:
    """Have the client's default be the one it should be by now (R127)."""
    kept = of_client(connection, firm_id=firm_id, client_id=client_id)
    wanted = default_of(
        [
            KeptMethod(id=each.id, is_default=each.is_default, is_usable=each.is_usable)
            for each in kept
        ]
    )
    set_default(connection, client_id, wanted)


def set_default(connection: Connection, client_id: int, row_id: int | None) -> None:
    """Make this the only default, or have none. The caller holds the client."""
    is_other = payment_method.c.id != (row_id or 0)
    is_default = (payment_method.c.client_id == client_id) & payment_method.c.is_default
    # First the old one: the database keeps it that there is one at most.
    _update(connection, is_default & is_other, is_default=False)
    if row_id is not None:
        is_it = (payment_method.c.id == row_id) & ~payment_method.c.is_default
        _update(connection, is_it, is_default=True)


def _update(connection: Connection, condition: ColumnElement[bool], **columns: object) -> None:
    connection.execute(update(payment_method).where(condition).values(columns))


def _method(row: RowMapping) -> StoredMethod:
    return StoredMethod(**{**row, "kind": MethodKind(row["kind"])})
