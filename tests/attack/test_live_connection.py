"""Whatever is fired over the live connection, no row changes and nothing of another firm shows.

The handlers are taken from the application itself, so one added later is attacked as well.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import socketio.exceptions
from reflex_base.registry import RegisteredEventHandler
from sqlalchemy import update

from assure_app.models import tables
from tests.attack.support import (
    HYDRATE,
    Books,
    books_of,
    fair_payloads,
    handler_named,
    handlers,
    leaks,
    open_socket,
    payloads,
    sign_in,
    sign_out,
)
from tests.support.server import Server
from tests.support.waiting import WAIT_SECONDS

CHEN, NORTHSIDE = "Chen Advisory", "Northside CPA"
OWN, PATEL = "Harbor & Pine LLC", "Patel Family"
HANDLERS_AT_ONCE = 25
"""After so many handlers the answers are waited for: a connection holds only so much."""
NO_DICTIONARIES: tuple[Any, ...] = ("abc", 12.7, None, [], [1], True)


@pytest.fixture
def books(server: Server) -> Books:
    return books_of(server)


async def attack(
    server: Server,
    cookie: str,
    foreign: list[object],
    *,
    shows: str,
    make: Callable[[RegisteredEventHandler, list[Any]], Iterator[dict[str, Any]]] = payloads,
) -> str:
    """Fire every handler with every kind of argument that is made; all that was heard of it.

    What no type fits is tried by the owner of another firm, who passes every guard; whom a guard
    turns away is heard no further, whatever the argument.

    Every event is answered with what it changed, so the whole tab needs no asking after each.
    Afterwards the same tab still `shows` what it should: a dead one would hide what went wrong.
    """
    async with open_socket(server, cookie=cookie) as socket:
        await socket.hydrate()
        for count, (name, registered) in enumerate(handlers().items(), start=1):
            for payload in make(registered, foreign):
                await socket.send(name, payload)
            if count % HANDLERS_AT_ONCE == 0:
                await socket.hydrate()
        await socket.hydrate()
        heard = socket.text
        socket.heard.clear()
        await socket.send(handler_named("shell.load"), {})
        await socket.hydrate()
        assert shows in socket.text
        return heard + socket.text


async def test_whom_it_belongs_to_hears_it_over_the_same_bare_socket(
    server: Server, books: Books
) -> None:
    """Without this, an attack that reaches nothing at all would look like a defence."""
    number = books.identifiers(books.firm_id(CHEN))[0]
    load = handler_named("invoice_drawer.load")
    record = handler_named("payment_dialog.submit")
    before = books.fingerprint()

    async with open_socket(server, cookie=sign_in(server, "jane@chenadvisory.com")) as socket:
        await socket.hydrate()
        await socket.send(load, {})
        await socket.hydrate()
        assert len(leaks(socket.text, books.secrets(books.firm_id(CHEN)))) > 20
        await socket.send(handler_named("payment_dialog.open"), {"number": number})
        await socket.send(record, {"form": {"amount": "1", "method": "Cash", "date": "2026-05-01"}})
        await socket.hydrate()

    changed = {name for name, rows in books.fingerprint().items() if rows != before[name]}
    assert changed == {"payment", "invoice", "activity", "invoice_tally"}


async def test_nobody_changes_and_sees_nothing(server: Server, books: Books) -> None:
    firm_ids = [books.firm_id(CHEN), books.firm_id(NORTHSIDE)]
    before = books.fingerprint()

    foreign = books.identifiers(firm_ids[0])

    heard = await attack(server, "", foreign, shows="/sign-in", make=fair_payloads)

    assert books.fingerprint() == before
    for firm_id in firm_ids:
        assert leaks(heard, books.secrets(firm_id), sent=foreign) == []


async def test_another_firms_owner_changes_and_sees_nothing(server: Server, books: Books) -> None:
    chen = books.firm_id(CHEN)
    before = books.fingerprint(firm_id=chen)
    foreign = books.identifiers(chen)

    heard = await attack(
        server, sign_in(server, "olga@northsidecpa.example"), foreign, shows=NORTHSIDE
    )

    assert books.fingerprint(firm_id=chen) == before
    assert leaks(heard, books.secrets(chen), sent=foreign) == []


async def test_someone_without_billing_changes_and_sees_nothing(
    server: Server, books: Books
) -> None:
    chen = books.firm_id(CHEN)
    before = books.fingerprint()
    foreign = books.identifiers(chen)

    cookie = sign_in(server, "sarah@chenadvisory.com")
    heard = await attack(server, cookie, foreign, shows=CHEN, make=fair_payloads)

    assert books.fingerprint() == before
    assert leaks(heard, books.secrets(chen), sent=foreign) == []


async def test_someone_who_may_only_look_can_ask_for_a_refund_and_no_more(
    server: Server, books: Books
) -> None:
    """And read what they were told, and choose what they hear of: nobody else's."""
    lena = "lena@chenadvisory.com"
    before, told = books.fingerprint(), books.timeline()
    read_before, chosen_before = books.told_to_others(lena)
    known = books.identifiers(books.firm_id(CHEN))

    await attack(server, sign_in(server, lena), known, shows=CHEN, make=fair_payloads)

    after = books.fingerprint()
    changed = {name for name in before if after[name] != before[name]}
    asking, bell = {"refund_request", "activity", "mail_message"}, {"notification"}
    assert changed <= asking | bell | {"notification_setting"}
    read_after, chosen_after = books.told_to_others(lena)
    assert {each: read_after[each] for each in read_before} == read_before
    assert chosen_after == chosen_before
    assert books.timeline()[: len(told)] == told
    assert {
        (actor, text.startswith("Refund ") and ("asked for" in text))
        for text, actor in books.timeline()[len(told) :]
    } <= {("Lena Ortiz", True)}


async def test_someone_with_one_client_changes_and_sees_nothing_of_the_others(
    server: Server, books: Books
) -> None:
    own = books.client_id(OWN)
    email = "rita@chenadvisory.com"
    books.hire(email, "lena@chenadvisory.com", OWN)
    before, secrets = books.rows_but_of(own), books.secrets_but_of(OWN)
    foreign = books.keys_of_client(books.client_id(PATEL))

    heard = await attack(server, sign_in(server, email), foreign, shows=OWN, make=fair_payloads)

    after = books.rows_but_of(own)
    assert {name: after[name] for name in before} == before
    assert leaks(heard, secrets, sent=foreign) == []


async def test_messages_that_are_no_events_end_nothing(server: Server, books: Books) -> None:
    cookie = sign_in(server, "olga@northsidecpa.example")
    before = books.fingerprint()

    async with open_socket(server, cookie=cookie) as socket:
        for wrong in NO_DICTIONARIES:
            await socket.send_raw(wrong)
            await socket.send_raw({"name": HYDRATE, "payload": wrong, "router_data": wrong})
            await socket.send_raw({"name": wrong, "payload": {}})
        await socket.send("no.such.handler", {})

    async with open_socket(server, cookie=cookie) as socket:
        assert await socket.hydrate()
    assert books.fingerprint() == before


@pytest.mark.parametrize("thief", ["", "olga@northsidecpa.example"])
async def test_a_stolen_tab_token_gives_nothing(server: Server, books: Books, thief: str) -> None:
    token = str(uuid4())
    async with open_socket(
        server, cookie=sign_in(server, "jane@chenadvisory.com"), token=token
    ) as owner:
        await owner.hydrate()

    cookie = sign_in(server, thief) if thief else ""
    async with open_socket(server, cookie=cookie, token=token) as socket:
        heard = await socket.hydrate()

    assert leaks(heard, books.secrets(books.firm_id(CHEN))) == []
    assert "jane@chenadvisory.com" not in heard


@pytest.mark.parametrize("end", ["sign out", "deactivate"])
async def test_the_end_of_a_session_counts_on_an_open_connection(
    server: Server, books: Books, end: str
) -> None:
    """The number and the id of an invoice are enough: whose session is over is turned away
    whatever the argument."""
    cookie = sign_in(server, "lena@chenadvisory.com")
    known = books.identifiers(books.firm_id(CHEN))[:2]

    async with open_socket(server, cookie=cookie) as socket:
        await socket.hydrate()
        if end == "sign out":
            sign_out(server, cookie)
        else:
            _set_active(books, "lena@chenadvisory.com", is_active=False)
        socket.heard.clear()
        for name, registered in handlers().items():
            for payload in fair_payloads(registered, known):
                await socket.send(name, payload)
        await socket.hydrate()
    _set_active(books, "lena@chenadvisory.com", is_active=True)

    assert leaks(socket.text, books.secrets(books.firm_id(CHEN)), sent=known) == []


async def test_a_page_of_another_site_gets_no_connection(server: Server) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with open_socket(server, origin="https://evil.example"):
            pass


def test_a_page_of_another_site_signs_nobody_in(server: Server) -> None:
    answer = httpx.post(
        f"{server.url}/auth/sign-in",
        data={"email": "olga@northsidecpa.example", "password": "demo-demo-demo"},
        headers={"Origin": "https://evil.example"},
        timeout=WAIT_SECONDS,
        trust_env=False,
    )

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers


def _set_active(books: Books, email: str, *, is_active: bool) -> None:
    with books.engine.begin() as connection:
        connection.execute(
            update(tables.firm_user)
            .where(tables.firm_user.c.email == email)
            .values(is_active=is_active)
        )
