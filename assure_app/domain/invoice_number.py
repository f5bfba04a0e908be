"""The number of an invoice as a person may choose it."""

LONGEST_NUMBER = 32
_MARKS = " -_/.#"


def number_problem(number: str) -> str:
    """Why the text cannot be an invoice's number, "" when it can.

    An invoice is found by its number in addresses, so nothing odd may hide in one.
    """
    if not number:
        return "An invoice needs a number."
    if len(number) > LONGEST_NUMBER:
        return f"A number may hold at most {LONGEST_NUMBER} characters."
    if number != " ".join(number.split()):
        return "A number holds single spaces only, and none at its ends."
    if not all(each.isalnum() or each in _MARKS for each in number):
        return "A number may hold letters, digits, spaces and - _ / . # only."
    if not any(each.isalnum() for each in number):
        return "A number needs at least one letter or digit."
    return ""
