"""What is wrong with a file, told line by line."""

from dataclasses import dataclass, field

from assure_app.domain.errors import BillingError

MOST_TOLD = 500
"""So many problems are told word by word; whoever mends as many reads the file anew anyhow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, at a line of the file; 0 when it is the whole file."""

    line: int
    sentence: str

    @property
    def text(self) -> str:
        """For the command line."""
        return f"Line {self.line}: {self.sentence}" if self.line else self.sentence


@dataclass(slots=True)
class Problems:
    """All that is wrong, counted; the first ones are kept."""

    count: int = 0
    told: list[Problem] = field(default_factory=list)

    def add(self, line: int, sentence: str) -> None:
        self.count += 1
        if len(self.told) < MOST_TOLD:
            self.told.append(Problem(line=line, sentence=sentence))

    def check(self) -> None:
        """Raise ImportRefused when there is any."""
        if self.count:
            raise ImportRefused(self)


class ImportRefused(BillingError):
    """The file was not imported; `problems` say what is wrong, line by line."""

    def __init__(self, problems: Problems | str) -> None:
        if isinstance(problems, str):
            problems = Problems(1, [Problem(line=0, sentence=problems)])
        self.found = problems
        more = problems.count - len(problems.told)
        super().__init__(
            "\n".join(
                [
                    *(each.text for each in problems.told),
                    *([f"… and {more:,} more."] if more else []),
                    "Nothing was imported.",
                ]
            )
        )

    @property
    def lines(self) -> list[str]:
        """The problems that are told, each as one sentence."""
        return [each.text for each in self.found.told]
