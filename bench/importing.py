"""Importing a file: a hundred thousand invoices must need no more memory than a thousand.

Each size is imported by a process of its own, whose peak memory is asked of the system.
"""

import subprocess
import sys
import time

from rich.table import Table

from assure_app.billing.importing import service
from assure_app.billing.importing.preview import ImportOptions
from assure_app.db import engine
from bench.databases import NAMES, durable
from bench.memory import peak_megabytes
from tests.support.desk import open_desk

SIZES = (1_000, 100_000)
CLIENTS = 500
_HEADER = "number,client,contact_name,contact_email,title,issued,due,amount,sent"


def measure() -> Table:
    """Both databases and both sizes: invoices a second, and the peak of the process's memory."""
    table = Table(title="Importing (aims: thousands a second on SQLite, memory that does not grow)")
    for heading in (
        "Database",
        "Invoices",
        "Check s",
        "Import s",
        "Invoices /s",
        "File MB",
        "Peak MB",
    ):
        table.add_column(heading, justify="left" if heading == "Database" else "right")
    for name in NAMES:
        for size in SIZES:
            with durable(name) as address:
                table.add_row(name, f"{size:,}", *_in_a_process(address, size))
    return table


def file_of(size: int) -> bytes:
    """So many invoices of five hundred clients."""
    rows = (
        f"B-{i},Client {i % CLIENTS},Pat,c{i % CLIENTS}@client.example,Work,"
        f"2026-05-01,2026-05-31,{i % 900 + 1}.50,yes"
        for i in range(size)
    )
    return "\n".join((_HEADER, *rows)).encode()


def _in_a_process(address: str, size: int) -> list[str]:
    command = [sys.executable, "-m", "bench.importing", address, str(size)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  ours
    return told.stdout.split()


def _import(address: str, size: int) -> None:
    engine.configure(address)
    desk, content = open_desk(), file_of(size)
    began = time.perf_counter()
    service.check(desk.jane, content, ImportOptions(), now=desk.now)
    checked = time.perf_counter()
    service.run(desk.jane, content, ImportOptions(), now=desk.now)
    ended = time.perf_counter()
    figures = (
        f"{checked - began:.1f}",
        f"{ended - checked:.1f}",
        f"{size / (ended - checked):,.0f}",
        f"{len(content) / 1_000_000:.1f}",
        f"{peak_megabytes()}",
    )
    sys.stdout.write(" ".join(figures))


if __name__ == "__main__":
    _import(sys.argv[1], int(sys.argv[2]))
