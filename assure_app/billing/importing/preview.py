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
        if not self.format:
            return "Import"
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
    def problems_title(self) -> str:
        """How much is wrong, and how much of it is told; "" when nothing is."""
        told = len(self.problems)
        more = f", the first {told:,} of them" if told < self.problem_count else ""
        return counted(self.problem_count, "problem") + more if self.problem_count else ""

    @property
    def figures(self) -> list[tuple[str, str]]:
        """The counts and sums, each with its name; none of a file that cannot be read."""
        if not self.format:
            return []
        if self.is_clients:
            return [("New clients", f"{self.new_clients:,}"), ("There already", f"{self.known:,}")]
        return [
            ("New invoices", f"{self.new:,}"),
            ("There already", f"{self.known:,}"),
            ("New clients", f"{self.new_clients:,}"),
            ("Total", self.total),
            ("Still open", self.open_balance),
        ]

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
