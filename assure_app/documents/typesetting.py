"""Sets a paper as PDF. The only module that knows Typst.

The templates are ours alone; what the books hold reaches them as values, never as source. They can
read no file outside their folder, and nothing is fetched from anywhere.
"""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from assure_app.documents.paper import Paper

_HERE = Path(__file__).parent
_TEMPLATES = _HERE / "templates"
# Kept for decades by anyone (PDF/A-2a), and read aloud in the right order (PDF/UA-1).
_STANDARDS: "Final[list[typst.PDFStandard]]" = ["a-2a", "ua-1"]


def pdf(paper: Paper) -> bytes:
    """The paper as a PDF file: the same bytes for the same texts, on the same machine."""
    try:
        return _compiled(paper, _STANDARDS)
    except typst.TypstError:
        # The standards forbid a character that no font here has; people get it with a box there.
        return _compiled(paper, [])


def _compiled(paper: Paper, standards: list["typst.PDFStandard"]) -> bytes:
    values = json.dumps(_shown(asdict(paper) | {"made_at": ""}))
    return typst.compile(
        _TEMPLATES / f"{paper.kind}.typ",
        root=_TEMPLATES,
        font_paths=_fonts(),
        sys_inputs={"paper": values},
        pdf_standards=standards,
        timestamp=int(paper.made_at.timestamp()),
        package_path=_HERE / "no-packages",
        package_cache_path=_HERE / "no-packages",
    )


@cache
def _fonts() -> typst.Fonts:
    """Inter as we ship it; whatever it lacks comes from the machine's fonts, where there are any.

    It is Inter 4, of the Inter Project Authors, under the license beside it.
    """
    return typst.Fonts(
        include_system_fonts=True, include_embedded_fonts=False, font_paths=[_HERE / "fonts"]
    )


def _shown(value: Any) -> Any:
    """The value with texts of one line and nothing invisible that could turn their order round."""
    if isinstance(value, str):
        return " ".join("".join(each if each.isprintable() else " " for each in value).split())
    if isinstance(value, dict):
        return {name: _shown(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(each) for each in value]
    return value
