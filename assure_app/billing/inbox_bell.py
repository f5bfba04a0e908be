"""A quick word within this process that something was put into the inbox of Stripe's events.

Whoever misses it loses nothing: the inbox is looked at every few seconds anyway.
"""

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []


def listen(call: Callable[[], None]) -> Callable[[], None]:
    """Have this called, from any thread, at each ring; returns what ends it."""
    _listeners.append(call)
    return lambda: _listeners.remove(call)


def ring() -> None:
    """Say that something is there, after it was committed."""
    for call in tuple(_listeners):
        call()
