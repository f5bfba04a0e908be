"""Where the server's processes begin: each makes its application with the collector at rest.

Nearly everything that a start makes is there to stay, and Python's collector would go through all
of it again and again: a fifth of what a start takes. What is there afterwards it leaves alone for
good, so that its later rounds, in the middle of people's work, are short.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp


def web() -> ASGIApp:
    """The web application."""
    with collector_at_rest():
        from assure_app.assure_app import app

        return app()


def sandbox() -> ASGIApp:
    """What stands in for the world outside."""
    with collector_at_rest():
        from assure_app.sandbox.app import app

        return app


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Let nothing be collected in the block, nor later what it leaves behind."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
