"""The one step from the event loop to the synchronous billing service: a thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

from assure_app.domain.errors import OutcomeUnknown

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
MOST_WAITING = 16
_waiting_for_stripe = ThreadPoolExecutor(MOST_WAITING, thread_name_prefix="stripe-asked")


async def in_thread(
    call: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run a billing call without holding up anybody else's events."""
    return await asyncio.to_thread(call, *args, **kwargs)


async def in_stripe_thread(
    call: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run a billing call that asks Stripe, in threads apart: a Stripe that is silent for many
    seconds must not hold up those who only read or write our own books."""
    run = partial(copy_context().run, call, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_waiting_for_stripe, run)


async def in_thread_until_known(
    call: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run a call that may be repeated: asked a second time, it tells what the first one did.

    For acts that carry a form token. Raises OutcomeUnknown when the second time is silent too.
    """
    try:
        return await in_thread(call, *args, **kwargs)
    except OutcomeUnknown:
        return await in_thread(call, *args, **kwargs)


async def in_stripe_thread_until_known(
    call: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """The same for an act that asks Stripe."""
    try:
        return await in_stripe_thread(call, *args, **kwargs)
    except OutcomeUnknown:
        return await in_stripe_thread(call, *args, **kwargs)
