"""The form of every letter about one movement of money: what happened, its facts, and one link."""

from dataclasses import dataclass
from html import escape

from assure_app.mail import paper
from assure_app.mail.invoice_mail import Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one letter says, in the order in which it is read; `closing_link` may end it."""

    subject: str
    headline: str
    said: str
    facts: dict[str, str]
    label: str
    link: str
    closing: str
    closing_link: str = ""


def compose(firm: str, words: Words) -> Letter:
    """The letter in its two forms; whatever people typed is escaped."""
    facts = "\n".join(f"{name}: {value}" for name, value in words.facts.items())
    closing = f"{words.closing} {words.closing_link}".strip()
    parts = (firm, words.headline, words.said, facts, f"{words.label}: {words.link}", closing)
    body = (
        f'<h1 style="margin:0 0 16px;{paper.LARGE}">{escape(words.headline)}</h1>'
        + paper.paragraph(words.said)
        + (paper.terms(words.facts) if words.facts else "")
        + paper.button(words.label, words.link)
        + paper.closing(words.closing, words.closing_link)
    )
    return Letter(
        subject=words.subject,
        text="\n\n".join(part for part in parts if part) + "\n",
        html=paper.page(title=words.subject, firm=firm, body=body),
    )
