"""The one step from the event loop to the synchronous billing service: a thread."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def in_thread(
    call: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run a billing call without holding up anybody else's events."""
    return await asyncio.to_thread(call, *args, **kwargs)
