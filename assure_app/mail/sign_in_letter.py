"""The letter that brings a client's contact the code to sign in with."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInLetter:
    """What the letter says; every part is plain text."""

    name: str
    firm: str
    code: str
    minutes: int

    @property
    def subject(self) -> str:
        """The subject line. The code is not in it: phones show subjects to whoever looks."""
        return f"Your code to sign in at {self.firm}"

    @property
    def text(self) -> str:
        """The letter for readers without HTML."""
        return "\n\n".join((f"Hello {self.name},", self._what, self.code, *self._notes)) + "\n"

    @property
    def html(self) -> str:
        """The same words, the code large enough to be typed off."""
        quiet = "color:#57534e;font-size:13px"
        code = (
            "font-size:32px;line-height:40px;font-weight:650;letter-spacing:6px;"
            "font-variant-numeric:tabular-nums;margin:16px 0"
        )
        notes = "".join(f'<p style="{quiet}">{escape(note)}</p>' for note in self._notes)
        return (
            '<div style="font-family:system-ui,sans-serif;font-size:15px;line-height:22px;'
            'color:#1c1917;max-width:520px">'
            f"<p>Hello {escape(self.name)},</p><p>{escape(self._what)}</p>"
            f'<p style="{code}">{escape(self.code)}</p>{notes}</div>'
        )

    @property
    def _what(self) -> str:
        return f"This is your code to see and pay the invoices of {self.firm}:"

    @property
    def _notes(self) -> tuple[str, str]:
        return (
            f"Type it where you asked for it. It works once, for {self.minutes} minutes.",
            "Nobody will ask you for it. If you did not ask for it, you need do nothing.",
        )
