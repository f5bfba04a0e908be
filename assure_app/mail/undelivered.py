"""A message that was not taken."""


class Undelivered(Exception):
    """Why, in words for the firm; `is_final` when another try would be refused as well."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        self.reason = reason
        self.is_final = is_final
        super().__init__(reason)
