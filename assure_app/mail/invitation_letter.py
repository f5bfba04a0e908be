"""The letter that brings a new person of a firm to the page where they choose a password."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationLetter:
    """What the letter says; every part is plain text."""

    name: str
    inviter: str
    firm: str
    link: str
    days: int

    @property
    def subject(self) -> str:
        """The subject line."""
        return f"{self.inviter} invites you to {self.firm}"

    @property
    def text(self) -> str:
        """The letter for readers without HTML."""
        parts = (f"Hello {self.name},", self._why, self.link, self._until, self._not_you)
        return "\n\n".join(parts) + "\n"

    @property
    def html(self) -> str:
        """The same words with a button."""
        link = escape(self.link, quote=True)
        button = (
            "display:inline-block;padding:10px 16px;border-radius:8px;background:#1d4ed8;"
            "color:#ffffff;text-decoration:none;font-weight:600"
        )
        quiet = "color:#57534e;font-size:13px"
        return (
            '<div style="font-family:system-ui,sans-serif;font-size:15px;line-height:22px;'
            'color:#1c1917;max-width:520px">'
            f"<p>Hello {escape(self.name)},</p><p>{escape(self._why)}</p>"
            f'<p><a href="{link}" style="{button}">Choose your password</a></p>'
            f'<p style="{quiet}">{escape(self._until)}</p>'
            f'<p style="{quiet}">{escape(self._not_you)}</p></div>'
        )

    @property
    def _why(self) -> str:
        return (
            f"{self.inviter} invites you to work with {self.firm} on Assure Pro."
            " Choose a password to begin:"
        )

    @property
    def _until(self) -> str:
        return f"The link works once, for {self.days} days."

    @property
    def _not_you(self) -> str:
        return "If you do not know what this is about, you need do nothing."
