"""Small pieces that several pages show."""

import json
from collections.abc import Mapping
from html import escape


def firm(name: str) -> str:
    """The firm's mark and name, and that this is a test."""
    return (
        f'<i aria-hidden="true">{escape(name[:1].upper())}</i><span>{escape(name)}</span>'
        '<span class="mode">TEST MODE</span>'
    )


def filling(values: Mapping[str, str]) -> str:
    """The attribute of a link from which the script fills in the form."""
    return f'data-fill="{escape(json.dumps(values))}"'


def badge(word: str, tone: str = "") -> str:
    """A state in a word, whose colour only repeats it."""
    return f'<span class="badge {tone}">{escape(word)}</span>'
