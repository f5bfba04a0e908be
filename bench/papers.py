"""Setting papers: how long one takes, and what memory the process comes to."""

import statistics
import time
from dataclasses import replace

from rich.table import Table

from assure_app.documents import typesetting
from assure_app.documents.paper import Paper
from bench.memory import peak_megabytes
from tests.documents.test_typesetting import INVOICE, LINE, RECEIPT

REPEATS = 50


def measure() -> Table:
    """A receipt, an invoice of five lines and one of a hundred, each another one every time."""
    table = Table(title="Papers (aim: no click waits a second for one)")
    for heading in ("Paper", "Pages", "Median ms", "Slowest ms", "KB", "Peak MB"):
        table.add_column(heading, justify="left" if heading == "Paper" else "right")
    kinds: tuple[tuple[str, Paper, str], ...] = (
        ("Receipt", RECEIPT, "1"),
        ("Invoice of 5 lines", replace(INVOICE, lines=(LINE,) * 5), "1"),
        ("Invoice of 100 lines", replace(INVOICE, lines=(LINE,) * 100), "4"),
    )
    for name, paper, pages in kinds:
        table.add_row(name, pages, *_measured(paper))
    return table


def _measured(paper: Paper) -> tuple[str, ...]:
    took, size = [], 0
    for number in range(REPEATS):
        began = time.perf_counter()
        size = len(typesetting.pdf(replace(paper, client=f"Client {number}")))
        took.append((time.perf_counter() - began) * 1000)
    return (
        f"{statistics.median(took):.0f}",
        f"{max(took):.0f}",
        f"{size // 1024}",
        f"{peak_megabytes():,}",
    )
