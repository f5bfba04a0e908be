"""`python -m bench` prints everything; with names, `--most 100000` for `invoices`, only that."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable

from rich.console import Console
from rich.table import Table

from bench import (
    autopay,
    importing,
    invoices,
    open_tabs,
    papers,
    record_payment,
    reminders,
    schedules,
    screens,
    webhooks,
)

Measure = Callable[[int], Iterable[Table]]
MEASURES: dict[str, Measure] = {
    "record_payment": lambda _most: [record_payment.measure()],
    "webhooks": lambda _most: [webhooks.measure()],
    "open_tabs": lambda _most: [open_tabs.measure()],
    "screens": lambda _most: [screens.measure()],
    "papers": lambda _most: [papers.measure()],
    "reminders": lambda _most: [reminders.measure()],
    "importing": lambda _most: [importing.measure()],
    "schedules": schedules.measure,
    "invoices": invoices.measure,
    "autopay": lambda most: [autopay.measure(most)],
}


def main(arguments: list[str]) -> int:
    """Print each table as soon as it is measured; 2 for a name that is none."""
    parser = ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", help=", ".join(MEASURES))
    parser.add_argument("--most", type=int, default=invoices.SIZES[-1], help="invoices at most")
    asked = parser.parse_args(arguments)
    console = Console()
    if unknown := set(asked.names) - set(MEASURES):
        console.print(f"No such measure: {', '.join(sorted(unknown))}.")
        return 2
    for name in asked.names or MEASURES:
        for table in MEASURES[name](asked.most):
            console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
