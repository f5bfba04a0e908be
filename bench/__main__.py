"""`python -m bench [record_payment | screens | importing]`: everything, or what is named."""

import sys

from rich.console import Console

from bench import importing, record_payment, screens

MEASURES = {
    "record_payment": record_payment.measure,
    "screens": screens.measure,
    "importing": importing.measure,
}


def main(names: list[str]) -> int:
    """Print each table as soon as it is measured; 2 for a name that is none."""
    console = Console()
    if unknown := set(names) - set(MEASURES):
        console.print(f"No such measure: {', '.join(sorted(unknown))}.")
        return 2
    for name in names or MEASURES:
        console.print(MEASURES[name]())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
