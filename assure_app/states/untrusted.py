"""What a browser sends may be of any type and hold anything; states take only what these let by."""

from collections.abc import Collection

LONGEST_TEXT = 5_000


def text_of(value: object) -> str:
    """The value when it is text that can be sent back and stored, else ""."""
    if not isinstance(value, str):
        return ""
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate: it would end the tab's connection
        return ""
    return value[:LONGEST_TEXT]


def one_of(value: object, known: Collection[str], otherwise: str) -> str:
    """The value when it is one of those known, else `otherwise`."""
    return value if isinstance(value, str) and value in known else otherwise
