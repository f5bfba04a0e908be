"""The worker inside a web process, where that is the only one."""

import asyncio
from importlib import import_module

from assure_app.db import jobs
from assure_app.settings import get_settings


async def work() -> None:
    """The lifespan task: works here, unless workers are processes of their own (`REDIS_URL`).

    The engine takes a second to be imported, which nobody who opens a page waits for.
    """
    if get_settings().redis_url:
        await asyncio.to_thread(jobs.make_ready)
        return
    engine = await asyncio.to_thread(import_module, "assure_app.worker.engine")
    await engine.work()
