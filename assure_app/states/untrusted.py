"""What a browser sends may be of any type and hold anything; states take only what these let by."""

from collections.abc import Collection

LONGEST_TEXT = 5_000
MOST_ID_DIGITS = 9


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


def id_in(value: object) -> int:
    """A row's id, as a number or as the digits of an address; 0, which no row has, for all else."""
    digits = str(value) if type(value) in {int, str} else ""
    is_id = digits.isascii() and digits.isdigit() and len(digits) <= MOST_ID_DIGITS
    return int(digits) if is_id else 0
