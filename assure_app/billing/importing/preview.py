"""What an import would do or did, as texts for a screen."""

from dataclasses import dataclass

from assure_app.billing.importing.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What a person decides about a file; `dates` "" leaves it to the file and the firm."""

    dates: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """One of the first invoices, or clients, of a file."""

    number: str = ""
    client: str
    issued: str = ""
    due: str = ""
    lines: str = ""
    total: str = ""
    balance: str = ""
    status: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """What a file would bring; nothing of it was written.

    `dates` is the form its days are read in, "" when they can be read in one way only; with
    `asks_dates` the file does not tell it, and a person should.
    """

    format: str = ""
    is_clients: bool = False
    rows: int = 0
    new: int = 0
    known: int = 0
    new_clients: int = 0
    total: str = ""
    open_balance: str = ""
    dates: str = ""
    asks_dates: bool = False
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    sample: tuple[SampleRow, ...] = ()

    @property
    def act(self) -> str:
        """What the button says."""
        if self.is_clients:
            return f"Import {counted(self.new_clients, 'client')}"
        return f"Import {counted(self.new, 'invoice')}"

    @property
    def why_not(self) -> str:
        """Why it cannot be imported as it is, or ""."""
        if self.problem_count:
            return f"Mend {counted(self.problem_count, 'problem')} first: nothing is imported yet."
        if not self.new and not self.is_clients:
            return "Everything in this file is in your books already."
        return ""

    @property
    def sentences(self) -> list[str]:
        """The preview for the command line."""
        if self.is_clients:
            counts = f"{self.format}: {self.new_clients:,} new, {self.known:,} there already."
            return [counts]
        counts = (
            f"{self.format}: {counted(self.new, 'new invoice')}, {self.known:,} there already, "
            f"{counted(self.new_clients, 'new client')}."
        )
        told = [
            counts,
            f"They come to {self.total}, of which {self.open_balance} is open.",
        ]
        return [*told, f"Days are read {self.dates}."] if self.dates else told


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What an import wrote; with `is_repeat` an earlier one had."""

    sentence: str
    added: int = 0
    known: int = 0
    new_clients: int = 0
    is_repeat: bool = False


def counted(count: int, noun: str) -> str:
    """ "1 invoice", "1,234 invoices"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
