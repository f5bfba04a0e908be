"""Calls that wait for Stripe have threads apart."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from threading import Barrier, current_thread

from assure_app.states import hop
from tests.support.waiting import WAIT_SECONDS

_who: ContextVar[str] = ContextVar("who", default="nobody")


async def test_who_waits_for_stripe_holds_up_nobody_else() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    silence = Barrier(hop.MOST_WAITING + 1)

    waiting = [
        asyncio.create_task(hop.in_stripe_thread(silence.wait, timeout=WAIT_SECONDS))
        for _ in range(hop.MOST_WAITING)
    ]
    answer = await asyncio.wait_for(hop.in_thread(lambda: "answered"), WAIT_SECONDS)
    await hop.in_thread(silence.wait, timeout=WAIT_SECONDS)

    assert answer == "answered"
    assert len(await asyncio.gather(*waiting)) == hop.MOST_WAITING


async def test_such_a_call_knows_for_whom_it_is() -> None:
    _who.set("Anita")

    def tell(word: str, *, end: str) -> tuple[str, str]:
        return f"{word} {_who.get()}{end}", current_thread().name

    told, thread = await hop.in_stripe_thread(tell, "for", end=".")

    assert told == "for Anita."
    assert thread.startswith("stripe-asked")
