"""What an email address is: the one rule for people who sign in, contacts, and letters."""

import re

LONGEST_EMAIL = 254
_LONGEST_NAME = 64
_NAME = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TOP = re.compile(r"(?=.*[a-z])[a-z0-9-]{2,63}")
_BETWEEN = re.compile(r"[,;\n]")
_LONGEST_QUOTE = 60


def normal_address(text: str) -> str:
    """The address as it is stored and compared: lower case, nothing around it; "" if it is none.

    Only what every mail server takes: plain ASCII, without quotes or comments. A host in another
    script is written in its ASCII form, xn--….
    """
    address = text.strip()
    # Looked at first: a pattern is slow on a long text, and the Kelvin sign has a plain lower case.
    if len(address) > LONGEST_EMAIL or not address.isascii():
        return ""
    address = address.lower()
    name, _, host = address.rpartition("@")
    return address if _is_name(name) and _is_host(host) else ""


def is_address(text: str) -> bool:
    """Whether it is an address as stored."""
    return text != "" and normal_address(text) == text


def refusal(text: str) -> str:
    """The sentence for what is no address, quoted no longer than needed."""
    shown = "".join(each for each in text.strip() if each.isprintable())
    if len(shown) > _LONGEST_QUOTE:
        shown = f"{shown[:_LONGEST_QUOTE]}…"
    return f"“{shown}” is not an email address."


def split_addresses(text: str) -> list[str]:
    """The pieces between commas, semicolons or line breaks, as typed; empty ones are left out."""
    return [piece.strip() for piece in _BETWEEN.split(text) if piece.strip()]


def _is_name(name: str) -> bool:
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None


def _is_host(host: str) -> bool:
    labels = host.split(".")
    return (
        len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and _TOP.fullmatch(labels[-1]) is not None
    )
