"""The form of every letter about one movement of money: what happened, its facts, and one link."""

from dataclasses import dataclass
from html import escape

from assure_app.mail import paper
from assure_app.mail.invoice_mail import Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one letter says, in the order in which it is read."""

    subject: str
    headline: str
    said: str
    facts: dict[str, str]
    label: str
    link: str
    closing: str


def compose(firm: str, words: Words) -> Letter:
    """The letter in its two forms; whatever people typed is escaped."""
    facts = "\n".join(f"{name}: {value}" for name, value in words.facts.items())
    parts = (firm, words.headline, words.said, facts, f"{words.label}: {words.link}")
    body = (
        f'<h1 style="margin:0 0 16px;{paper.LARGE}">{escape(words.headline)}</h1>'
        + paper.paragraph(words.said)
        + paper.terms(words.facts)
        + paper.button(words.label, words.link)
        + paper.paragraph(words.closing, style=f"{paper.LIGHT};margin:0")
    )
    return Letter(
        subject=words.subject,
        text="\n\n".join((*parts, words.closing)) + "\n",
        html=paper.page(title=words.subject, firm=firm, body=body),
    )
