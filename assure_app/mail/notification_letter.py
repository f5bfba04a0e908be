"""The letter that tells a person of the firm what the bell tells in the app."""

from assure_app.mail.invoice_mail import Letter
from assure_app.mail.money_letter import Words, compose
from assure_app.settings import get_settings

CLOSING = "You choose what you are told by email:"
_PATH = "/settings/notifications"


def settings_link() -> str:
    """Where a person chooses what they hear of, and how."""
    return f"{get_settings().public_url}{_PATH}"


def told(*, firm: str, headline: str, text: str, detail: str, link: str, label: str) -> Letter:
    """News that has no letter of its own: what happened, and where to look."""
    return compose(
        firm,
        Words(
            subject=f"{headline}: {text}",
            headline=headline,
            said=f"{text}\n{detail}".strip(),
            facts={},
            label=label,
            link=link,
            closing=CLOSING,
            closing_link=settings_link(),
        ),
    )
