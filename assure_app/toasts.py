"""What is said of an act in passing, above the page, when it did not go as the person meant.

What went well is said by `rx.toast.success`: it goes by itself, and whatever lies below it can be
pressed through it. What went otherwise stays long enough to be read twice and can be put away.
"""

import reflex as rx
from reflex_base.event import EventSpec

READ_TWICE_MILLISECONDS = 12_000


def refused(sentence: str) -> EventSpec:
    """Nothing was done: the sentence says why, and what to do."""
    toast: EventSpec = rx.toast.error(sentence, duration=READ_TWICE_MILLISECONDS, close_button=True)
    return toast


def warned(sentence: str) -> EventSpec:
    """Something was done, and not all of it, or nobody knows yet."""
    toast: EventSpec = rx.toast.warning(
        sentence, duration=READ_TWICE_MILLISECONDS, close_button=True
    )
    return toast
