"""Whatever a client's people fire over the live connection, they change nothing but their own.

The firm's people and strangers fire the portal's handlers too: see `test_live_connection`.
"""

from typing import Any

import httpx
import pytest

from tests.attack.support import (
    Books,
    Socket,
    books_of,
    enter_portal,
    fair_payloads,
    handler_named,
    handlers,
    leaks,
    open_socket,
    payloads,
    sign_in,
)
from tests.support.server import Server
from tests.support.waiting import WAIT_SECONDS

ANITA, TOM, SAM = (
    "anita@patelfamily.example",
    "tom@harborpine.example",
    "sam@quarrylane.example",
)
PATEL, HARBOR = "Patel Family", "Harbor & Pine LLC"
BANK, OTHER_BANK = "Bank of the Patels", "Bank of the Harbor"
LOAD_HOME, LOAD_INVOICE = "____home.load", "____invoice_page.load"
PAY = {"choice": "part", "amount": "1.00", "shown": "$1.00"}


@pytest.fixture
def books(server: Server) -> Books:
    books = books_of(server)
    books.save_method(PATEL, BANK)
    books.save_method(HARBOR, OTHER_BANK)
    return books


async def fire_everything(socket: Socket, foreign: list[Any]) -> None:
    """Every handler, the portal's with every kind of argument: at the firm's the guard turns a
    client's people away and hears no argument, so an invoice's number and its id are enough."""
    for name, registered in handlers().items():
        is_open = ".portal." in registered.states[0].__module__
        tried = payloads(registered, foreign) if is_open else fair_payloads(registered, foreign[:2])
        for payload in tried:
            await socket.send(name, payload)
        await socket.send(name, {"form": PAY})
    await socket.hydrate()


async def test_whom_it_belongs_to_hears_it_over_the_same_bare_socket(
    server: Server, books: Books
) -> None:
    cookie = enter_portal(server, ANITA)

    async with open_socket(server, portal_cookie=cookie, path="/portal") as socket:
        await socket.send(handler_named(LOAD_HOME), {})
        await socket.hydrate()

    assert len(leaks(socket.text, books.secrets_of_client(PATEL))) > 3
    assert BANK in socket.text


@pytest.mark.parametrize("email", [TOM, SAM])
async def test_another_clients_contact_changes_and_sees_nothing(
    server: Server, books: Books, email: str
) -> None:
    cookie = enter_portal(server, email)
    before = books.fingerprint()
    foreign = [*books.identifiers(books.firm_id("Chen Advisory")), books.pay_token(PATEL)]
    path = f"/pay/{books.pay_token(PATEL)}"

    async with open_socket(server, portal_cookie=cookie, path=path) as socket:
        await socket.hydrate()
        await fire_everything(socket, foreign)

    assert books.fingerprint() == before
    assert leaks(socket.text, books.secrets_of_client(PATEL) | {BANK}, sent=foreign) == []


async def test_a_viewer_changes_nothing_of_their_own_but_that_it_was_seen(
    server: Server, books: Books
) -> None:
    path = f"/pay/{books.pay_token(HARBOR)}"
    cookie = enter_portal(server, TOM)
    async with open_socket(server, portal_cookie=cookie, path=path) as socket:
        await socket.send(handler_named(LOAD_INVOICE), {})
        await socket.hydrate()
        before = books.fingerprint()

        await fire_everything(socket, books.keys_of_client(books.client_id(HARBOR)))

        socket.heard.clear()
        await socket.send(handler_named(LOAD_HOME), {})
        await socket.hydrate()

    assert books.fingerprint() == before
    assert HARBOR in socket.text


@pytest.mark.parametrize("thief", ["", TOM])
async def test_a_stolen_tab_token_gives_nothing(server: Server, books: Books, thief: str) -> None:
    token = "a-tab-token-of-the-portal"
    owner = enter_portal(server, ANITA)
    async with open_socket(server, portal_cookie=owner, token=token, path="/portal") as socket:
        await socket.send(handler_named(LOAD_HOME), {})
        await socket.hydrate()

    cookie = enter_portal(server, thief) if thief else ""
    async with open_socket(server, portal_cookie=cookie, token=token, path="/portal") as socket:
        heard = await socket.hydrate()

    assert leaks(heard, books.secrets_of_client(PATEL)) == []


@pytest.mark.parametrize("path", ["code", "sign-in", "sign-out"])
def test_a_page_of_another_site_signs_nobody_in_or_out(server: Server, path: str) -> None:
    answer = httpx.post(
        f"{server.url}/auth/portal/{path}",
        json={"email": ANITA, "request": "x" * 24, "code": "000000"},
        headers={"Origin": "https://evil.example"},
        timeout=WAIT_SECONDS,
        trust_env=False,
    )

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("who", ["nobody", "a firm user", "another client's contact"])
def test_a_link_is_a_page_for_its_own_client_alone(server: Server, books: Books, who: str) -> None:
    held = {
        "nobody": {},
        "a firm user": {"assure_session": sign_in(server, "jane@chenadvisory.com")},
        "another client's contact": {"assure_portal": enter_portal(server, TOM)},
    }[who]
    expected = 404 if "assure_portal" in held else 303

    answers = [
        httpx.get(f"{server.url}/pay/{token}", cookies=held, timeout=WAIT_SECONDS, trust_env=False)
        for token in (books.pay_token(PATEL), "AAAAAAAAAAAAAAAAAAAAAA", "%00", "a%2Fb")
    ]

    statuses = [answer.status_code for answer in answers]
    assert statuses[:3] == [expected] * 3
    assert len({answer.text for answer in answers[:2]}) == 1
