"""Waiting until something is so, without taking the processor from what is waited for."""

import asyncio
import time
from collections.abc import Callable

WAIT_SECONDS = 60.0
"""Generous: nobody waits so long but for what never comes, on a machine that is busy as well."""
_PAUSE_SECONDS = 0.02


def wait_until(is_so: Callable[[], bool], *, seconds: float = WAIT_SECONDS) -> None:
    """Raises TimeoutError when it does not become so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(_PAUSE_SECONDS)


async def until(is_so: Callable[[], bool], *, seconds: float = WAIT_SECONDS) -> None:
    """The same while a loop goes on; `is_so` is asked in a thread."""
    await asyncio.to_thread(wait_until, is_so, seconds=seconds)
