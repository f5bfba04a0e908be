"""Who may open a live connection; apart from browser tests, which keep a loop of their own."""

from collections.abc import Callable

import aiohttp
import pytest
import socketio

from tests.support.server import Server
from tests.support.waiting import WAIT_SECONDS


async def connect_live(server: Server, *, origin: str) -> None:
    async with aiohttp.ClientSession() as session:
        client = socketio.AsyncClient(http_session=session, reconnection=False)
        await client.connect(
            f"{server.url}?token=of-a-test",
            headers={"Origin": origin},
            socketio_path="_event",
            transports=["websocket"],
            namespaces=["/_event"],
            wait_timeout=WAIT_SECONDS,  # Not the one second that it waits by itself.
        )
        await client.disconnect()


async def test_a_page_of_another_origin_may_not_open_a_live_connection(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()

    await connect_live(server, origin=server.url)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await connect_live(server, origin="http://stranger.example")
