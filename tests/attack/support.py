"""A hostile client, which fires whatever it likes, and what must not change or show."""

import asyncio
import hashlib
import inspect
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import httpx
import socketio
import socketio.packet
from reflex.state import State as RootState
from reflex_base.registry import RegisteredEventHandler, RegistrationContext
from sqlalchemy import Connection, Engine, Table, create_engine, insert, select
from sqlmodel import SQLModel

import assure_app.assure_app  # noqa: F401  registers every handler of the product
from assure_app import clock
from assure_app.auth import portal_sessions
from assure_app.auth.passwords import DEMO_PASSWORD
from assure_app.domain.money import full_text, short_text
from assure_app.models import tables
from tests.factories import MOMENT
from tests.support.server import Server
from tests.support.waiting import WAIT_SECONDS

NAMESPACE = "/_event"
HYDRATE = f"{RootState.get_full_name()}.hydrate"
_SIGN_IN_MAY_WRITE = {"user_session", "sign_in_attempt", "audit_entry", "alembic_version"}
_NO_FIRMS = {*_SIGN_IN_MAY_WRITE, "periodic_work", "login_code", "portal_session", "stripe_event"}
_WORKER_MAY_WRITE = {"stripe_account": ("polled_until", "poll_at", "checked_at")}
_WRONG_VALUES: tuple[Any, ...] = (
    12.7,
    -5000,
    0,
    10**30,
    "abc",
    "",
    None,
    True,
    {},
    [],
    "x" * 10_000,
    "\x00",
    "\ud800",
    [{}],
)


def handlers() -> dict[str, RegisteredEventHandler]:
    """Every handler of the product that a client can name, the framework's own included."""
    return {
        name: registered
        for name, registered in RegistrationContext.get().event_handlers.items()
        if registered.states and not registered.states[0].__module__.startswith("tests.")
    }


def handler_named(ending: str) -> str:
    """The full name of the one handler whose name ends so."""
    (name,) = (name for name in handlers() if name.endswith(ending))
    return name


class EscapingPacket(socketio.packet.Packet):  # type: ignore[misc]
    """Writes a lone surrogate as its escape, the only way in which JSON can carry one.

    Reflex, which is imported here too, makes all packets of the process write it as it is.
    """

    json = json


@dataclass
class Socket:
    """A live connection. `heard` is all the text the server sent to it."""

    client: socketio.AsyncClient
    path: str
    heard: list[str] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, name: Any, payload: Any, *, query: str = "") -> None:
        """Fire a handler and wait for nothing."""
        router = {"pathname": self.path, "asPath": f"{self.path}?{query}", "query": {}}
        await self.send_raw({"name": name, "payload": payload, "router_data": router})

    async def send_raw(self, message: Any) -> None:
        await self.client.emit("event", message, namespace=NAMESPACE)

    async def hydrate(self) -> str:
        """Ask for everything this tab holds, and wait until all that was fired before is done.

        The events of a tab run one after another, so the answer comes behind theirs; it is told
        from other answers by the page's address, which it repeats.
        """
        mark = f"mark={uuid4()}"
        looked_at = len(self.heard)
        await self.send(HYDRATE, {}, query=mark)
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                for text in self.heard[looked_at:]:
                    if mark in text:
                        return text
                looked_at = len(self.heard)
                self._arrived.clear()
                await self._arrived.wait()

    @property
    def text(self) -> str:
        return "\n".join(self.heard)

    def note(self, message: Any) -> None:
        self.heard.append(json.dumps(message, ensure_ascii=False))
        self._arrived.set()


@asynccontextmanager
async def open_socket(
    server: Server,
    *,
    cookie: str = "",
    portal_cookie: str = "",
    token: str = "",
    path: str = "/invoices",
    origin: str = "",
) -> AsyncIterator[Socket]:
    """A connection with these session cookies ("" for none) and this tab token."""
    headers = {"Origin": origin or server.url}
    held = {"assure_session": cookie, "assure_portal": portal_cookie}
    if sent := "; ".join(f"{name}={value}" for name, value in held.items() if value):
        headers["Cookie"] = sent
    async with aiohttp.ClientSession() as http:
        client = socketio.AsyncClient(
            reconnection=False, http_session=http, serializer=EscapingPacket
        )
        socket = Socket(client, path)
        client.on("event", socket.note, namespace=NAMESPACE)
        await client.connect(
            f"{server.url}?token={token or uuid4()}",
            headers=headers,
            transports=["websocket"],
            namespaces=[NAMESPACE],
            socketio_path=NAMESPACE,
            wait_timeout=WAIT_SECONDS,  # Not the one second that it waits by itself.
        )
        try:
            yield socket
        finally:
            await client.disconnect()


def sign_in(server: Server, email: str) -> str:
    """The session token of a demo user."""
    answer = httpx.post(
        f"{server.url}/auth/sign-in",
        json={"email": email, "password": DEMO_PASSWORD},
        headers={"Origin": server.url},
        timeout=WAIT_SECONDS,
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    return answer.cookies["assure_session"]


def enter_portal(server: Server, email: str) -> str:
    """The portal's session token of a demo contact, without a letter."""
    with create_engine(server.database_url).begin() as connection:
        return portal_sessions.open_session(connection, email, is_trusted=False, now=clock.now())


def sign_out(server: Server, cookie: str) -> None:
    headers = {"Origin": server.url, "Cookie": f"assure_session={cookie}"}
    httpx.post(
        f"{server.url}/auth/sign-out", headers=headers, timeout=WAIT_SECONDS, trust_env=False
    )


def payloads(registered: RegisteredEventHandler, foreign: list[Any]) -> Iterator[dict[str, Any]]:
    """Wrong, foreign, missing and surplus arguments for a handler, whatever it takes."""
    return fair_payloads(registered, [*_WRONG_VALUES, *foreign])


def fair_payloads(
    registered: RegisteredEventHandler, values: list[Any]
) -> Iterator[dict[str, Any]]:
    """Each value as a handler's every argument, and as every field of a form it takes.

    What takes no argument is fired without.
    """
    taken = list(inspect.signature(registered.handler.fn).parameters.values())[1:]
    names = [each.name for each in taken]
    yield {}
    yield {"unknown": 1, "self": 1, **dict.fromkeys(names, "x")}
    if not names:
        return
    takes_form = any("dict" in str(each.annotation) for each in taken)
    for value in values:
        yield dict.fromkeys(names, value)
        if takes_form:
            yield dict.fromkeys(names, _form(value))


def _form(value: Any) -> dict[str, Any]:
    """A submitted form in which every field holds this value, but for a fair amount."""
    keys = ("number", "invoice", "invoice_id", "payment_id", "client_id", "id", "form_token")
    fair = {"amount": "1.00", "method": "Cash", "date": "2026-05-01", "reason": "Duplicate"}
    return dict.fromkeys((*keys, "reference", "notes"), value) | fair


@dataclass(frozen=True)
class Books:
    """The server's database, read from outside."""

    engine: Engine

    def fingerprint(self, *, firm_id: int | None = None) -> dict[str, str]:
        """A hash of each table's rows, of one firm's only when it is given."""
        with self.engine.connect() as connection:
            return {
                table.name: _hash(connection, table, firm_id)
                for table in SQLModel.metadata.sorted_tables
                if table.name not in (_SIGN_IN_MAY_WRITE if firm_id is None else _NO_FIRMS)
            }

    def timeline(self) -> list[tuple[str, str]]:
        """What every timeline tells, and by whom, in the order of writing."""
        entries = select(tables.activity.c.text, tables.activity.c.actor)
        with self.engine.connect() as connection:
            rows = connection.execute(entries.order_by(tables.activity.c.id))
            return [(row.text, row.actor) for row in rows]

    def told_to_others(self, email: str) -> tuple[dict[int, Any], list[Any]]:
        """What everybody but this person was told, with when they read it, and what they chose."""
        notification, chosen = tables.notification.c, tables.notification_setting.c
        its_own = select(tables.firm_user.c.id).where(tables.firm_user.c.email == email)
        read = select(notification.id, notification.read_at)
        with self.engine.connect() as connection:
            told = connection.execute(read.where(notification.user_id.not_in(its_own)))
            choices = select(tables.notification_setting).where(chosen.user_id.not_in(its_own))
            return (
                {row.id: row.read_at for row in told},
                [tuple(row) for row in connection.execute(choices)],
            )

    def firm_id(self, name: str) -> int:
        with self.engine.connect() as connection:
            found = connection.scalar(select(tables.firm.c.id).where(tables.firm.c.name == name))
        assert found is not None
        return int(found)

    def pay_token(self, client: str) -> str:
        """The end of the link to the client's newest sent invoice."""
        invoice = tables.invoice.c
        with self.engine.connect() as connection:
            wanted = select(invoice.pay_token).where(
                invoice.client_name == client, invoice.opened_at.is_not(None)
            )
            return str(connection.scalar(wanted.order_by(invoice.id.desc()).limit(1)))

    def secrets_of_client(self, name: str) -> set[str]:
        """What only this client, among all of them, has on its invoices, and its links."""
        invoice = tables.invoice.c
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(invoice.number, invoice.pay_token).where(invoice.client_name == name)
            )
            return {name, *(text for row in rows for text in row)}

    def secrets_but_of(self, client: str) -> set[str]:
        """What only the other clients have on their invoices, and their links."""
        with self.engine.connect() as connection:
            names = connection.scalars(select(tables.client.c.name)).all()
        others = (self.secrets_of_client(each) for each in names if each != client)
        return set().union(*others) - self.secrets_of_client(client)

    def secrets(self, firm_id: int) -> set[str]:
        """What only this firm's people may see: names, numbers and sums no other firm has."""
        every = {each: self._texts(each) for each in self._firm_ids()}
        others = set().union(*(texts for each, texts in every.items() if each != firm_id))
        return every[firm_id] - others - self._next_numbers()

    def _next_numbers(self) -> set[str]:
        """What a new invoice of each firm would be called: no secret of whoever bears it."""
        firm = tables.firm.c
        with self.engine.connect() as connection:
            rows = connection.execute(select(firm.invoice_prefix, firm.next_invoice_number))
            return {f"{row.invoice_prefix}{row.next_invoice_number}" for row in rows}

    def identifiers(self, firm_id: int) -> list[Any]:
        """Keys of this firm's rows, for someone else to try."""
        with self.engine.connect() as connection:
            invoice = connection.execute(
                select(tables.invoice.c.number, tables.invoice.c.id)
                .where(tables.invoice.c.firm_id == firm_id, tables.invoice.c.balance_cents > 0)
                .order_by(tables.invoice.c.id)
            ).first()
            payment_id = connection.scalar(
                select(tables.payment.c.id).where(tables.payment.c.firm_id == firm_id).limit(1)
            )
            client_id = connection.scalar(
                select(tables.client.c.id).where(tables.client.c.firm_id == firm_id).limit(1)
            )
            method_id = connection.scalar(
                select(tables.payment_method.c.id)
                .where(tables.payment_method.c.firm_id == firm_id)
                .limit(1)
            )
            schedule_id = connection.scalar(
                select(tables.schedule.c.id).where(tables.schedule.c.firm_id == firm_id).limit(1)
            )
            engagement_id = connection.scalar(
                select(tables.engagement.c.id)
                .where(tables.engagement.c.firm_id == firm_id)
                .limit(1)
            )
            notification_id = connection.scalar(
                select(tables.notification.c.id)
                .where(tables.notification.c.firm_id == firm_id)
                .order_by(tables.notification.c.user_id, tables.notification.c.id.desc())
                .limit(1)
            )
        others = (method_id, schedule_id, engagement_id, notification_id)
        known = (*(invoice or ()), payment_id, client_id, *others)
        return [value for value in known if value is not None]

    def client_id(self, name: str) -> int:
        with self.engine.connect() as connection:
            found = connection.scalar(
                select(tables.client.c.id).where(tables.client.c.name == name)
            )
        assert found is not None
        return int(found)

    def hire(self, email: str, like: str, client: str) -> None:
        """A colleague, with the password of another, who edits the billing of this client alone."""
        user = tables.firm_user
        with self.engine.begin() as connection:
            one = connection.execute(select(user).where(user.c.email == like)).one()
            common = {"firm_id": one.firm_id, "name": "Only One Client"}
            new = {"email": email, "password_hash": one.password_hash, "created_at": MOMENT}
            rights = {"view_billing": True, "edit_billing": True, "all_clients": False}
            user_id = _added(connection, user, common | new)
            team_id = _added(connection, tables.team, common | rights)
            connection.execute(insert(tables.team_member).values(team_id=team_id, user_id=user_id))
            connection.execute(
                insert(tables.client_assignment).values(
                    client_id=self.client_id(client), user_id=user_id
                )
            )

    def keys_of_client(self, client_id: int) -> list[Any]:
        """A key of each kind of row that this client has, for someone else to try."""
        wanted = {
            tables.invoice: ("number", "id", "pay_token"),
            tables.payment: ("id",),
            tables.payment_method: ("id",),
            tables.schedule: ("id",),
            tables.engagement: ("id",),
            tables.contact: ("id",),
        }
        with self.engine.connect() as connection:
            rows = [
                connection.execute(
                    select(*(table.c[name] for name in names))
                    .where(table.c.client_id == client_id)
                    .order_by(table.c.id.desc())
                    .limit(1)
                ).first()
                for table, names in wanted.items()
            ]
        return [client_id, *(value for row in rows if row is not None for value in row)]

    def rows_but_of(self, client_id: int) -> dict[str, list[Any]]:
        """What belongs to any client but this one, by table."""
        others = select(tables.client.c.id).where(tables.client.c.id != client_id)
        known = select(tables.invoice.c.id).where(tables.invoice.c.client_id.in_(others))
        with self.engine.connect() as connection:
            return {
                table.name: [
                    tuple(row)
                    for row in connection.execute(
                        select(table)
                        .where(
                            table.c.client_id.in_(others)
                            if "client_id" in table.c
                            else table.c.invoice_id.in_(known)
                        )
                        .order_by(*table.primary_key.columns)
                    )
                ]
                for table in SQLModel.metadata.sorted_tables
                if {"client_id", "invoice_id"} & set(table.c.keys())
            }

    def save_method(self, client: str, name: str) -> None:
        """Have the client's people have saved a bank account of this name, once."""
        method, customer = tables.payment_method, tables.stripe_customer
        owner = select(tables.client).where(tables.client.c.name == client)
        is_saved = select(method.c.id).where(method.c.brand_or_bank == name)
        with self.engine.begin() as connection:
            if connection.execute(is_saved).first():
                return
            found = connection.execute(owner).one()
            of_client = select(customer).where(customer.c.client_id == found.id)
            common = {
                "firm_id": found.firm_id,
                "client_id": found.id,
                "account_id": "acct_1ChenAdvisory",
                "customer_id": f"cus_of_{found.id}",
            }
            if known := connection.execute(of_client).first():
                common["customer_id"] = known.customer_id
            else:
                new = {"token": "t", "idempotency_key": "k", "name": "x", "email": "x@x.example"}
                connection.execute(insert(customer).values(common | new | {"created_at": MOMENT}))
            values = {
                "method_id": f"pm_of_{found.id}",
                "kind": "us_bank_account",
                "brand_or_bank": name,
                "last4": "6789",
                "expiry": "",
                "is_default": known is None,
                "added_at": MOMENT,
                "disabled_reason": "",
            }
            connection.execute(insert(method).values(common | values))

    def _firm_ids(self) -> list[int]:
        with self.engine.connect() as connection:
            return list(connection.scalars(select(tables.firm.c.id)))

    def _texts(self, firm_id: int) -> set[str]:
        invoice, client = tables.invoice.c, tables.client.c
        with self.engine.connect() as connection:
            names = connection.scalars(select(client.name).where(client.firm_id == firm_id)).all()
            invoices = connection.execute(
                select(invoice.number, invoice.total_cents, invoice.balance_cents).where(
                    invoice.firm_id == firm_id
                )
            ).all()
        sums = {cents for row in invoices for cents in row[1:] if cents > 100_000}
        amounts = {text for cents in sums for text in (full_text(cents), short_text(cents))}
        return {*names, *amounts, *(row.number for row in invoices)}


def books_of(server: Server) -> Books:
    return Books(create_engine(server.database_url))


def leaks(heard: str, secrets: set[str], *, sent: Iterable[Any] = ()) -> list[str]:
    """The secrets that the text holds, but for those that the attacker sent there."""
    return sorted(secret for secret in secrets.difference(sent) if secret in heard)


def _added(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    return int(connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())


def _hash(connection: Connection, table: Table, firm_id: int | None) -> str:
    moving = _WORKER_MAY_WRITE.get(table.name, ())
    columns = [column for column in table.columns if column.name not in moving]
    rows = select(*columns).order_by(*table.primary_key.columns)
    if firm_id is not None:
        rows = rows.where(_of_firm(table, firm_id))
    digest = hashlib.sha256()
    for row in connection.execute(rows):
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _of_firm(table: Table, firm_id: int) -> Any:
    """The rows of a firm, found through the first foreign key that leads to it."""
    if table.name == "firm":
        return table.c.id == firm_id
    if "firm_id" in table.c:
        return table.c.firm_id == firm_id
    for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
        parent = key.column.table
        return key.parent.in_(select(parent.c.id).where(_of_firm(parent, firm_id)))
    raise LookupError(f"{table.name} belongs to no firm")
