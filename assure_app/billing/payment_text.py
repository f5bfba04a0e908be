"""How a ledger row is called, on screens and in the timeline alike."""

from assure_app.domain.ledger import Method


def payment_title(method: Method, reference: str) -> str:
    """ "Check #4521" for a number, "Wire FT-20881" for any other reference, else the method."""
    bare = bare_reference(reference)
    if not bare:
        return method.value
    return f"{method} #{bare}" if bare.isdigit() else f"{method} {bare}"


def bare_reference(reference: str) -> str:
    """The reference without the number sign that people type or leave out: "#4521" is "4521"."""
    return reference.strip().removeprefix("#").strip()
