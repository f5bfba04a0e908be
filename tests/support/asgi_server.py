"""Serves an application of this process to a browser, from a thread, on a port of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.types import ASGIApp

from tests.support.ports import free_port
from tests.support.waiting import WAIT_SECONDS


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The address at which the application answers until the block ends."""
    port = free_port()
    loop = asyncio.new_event_loop()
    servers: list[Server] = []

    async def run() -> None:
        server = Server(app, port=port, interface=Interfaces.ASGINL, log_enabled=False)
        servers.append(server)
        await server.serve()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(servers[0].stop)
        thread.join(WAIT_SECONDS)
        loop.close()


def _wait_for(port: int) -> None:
    until = monotonic() + WAIT_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if monotonic() > until:
                raise
            sleep(0.02)
        else:
            return
