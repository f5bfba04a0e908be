"""What people read names one thing one way, on every screen, in every letter and in the papers."""

import re
from pathlib import Path

import pytest

from assure_app.frontend import PROJECT

WRITTEN = {".css", ".js", ".md", ".py", ".typ"}
HYPHENATED = re.compile(r"\be-mail", re.IGNORECASE)


def lines(*folders: str) -> list[tuple[Path, str]]:
    """Each written line of these folders and files of the project, with where it stands."""
    paths = [path for name in folders for path in [PROJECT / name, *(PROJECT / name).rglob("*")]]
    texts = [path for path in paths if path.is_file() and path.suffix in WRITTEN]
    return [(path, line) for path in texts for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("written", ["assure_app", "assets", "docs", "README.md"])
def test_email_is_one_word(written: str) -> None:
    read = lines(written)

    assert read
    assert [each for each in read if HYPHENATED.search(each[1])] == []
