"""The one step from the event loop to the synchronous billing service: a thread."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from assure_app.domain.errors import OutcomeUnknown

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def in_thread(
    call: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run a billing call without holding up anybody else's events."""
    return await asyncio.to_thread(call, *args, **kwargs)


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
