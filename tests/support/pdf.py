"""Reading the papers that the product makes."""

import io
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader


@dataclass(frozen=True, slots=True)
class ReadPdf:
    """A PDF as a reader gets it: its pages' texts, its title and language."""

    pages: tuple[str, ...]
    title: str
    language: str
    is_tagged: bool
    claims: str
    links: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it, each run of white space one space."""
        return " ".join(" ".join(self.pages).split())


def read_pdf(content: bytes) -> ReadPdf:
    """Open the file and read it."""
    reader = PdfReader(io.BytesIO(content))
    trailer: Any = reader.trailer
    root = trailer["/Root"].get_object()
    marks = root.get("/MarkInfo", {})
    pages: list[Any] = list(reader.pages)
    notes = [note.get_object() for page in pages for note in page.get("/Annots", ())]
    return ReadPdf(
        pages=tuple(page.extract_text() for page in pages),
        title=str(trailer["/Info"].get_object().get("/Title", "")),
        language=str(root.get("/Lang", "")),
        is_tagged=bool(marks.get("/Marked", False)),
        claims=root["/Metadata"].get_object().get_data().decode(),
        links=tuple(str(note["/A"]["/URI"]) for note in notes if "/A" in note),
    )
