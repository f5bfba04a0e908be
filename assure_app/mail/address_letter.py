"""The letter that tells an address that its owner signs in with another one from now on."""

from dataclasses import dataclass

from assure_app.mail import paper

SUBJECT = "Your sign-in email was changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressLetter:
    """What the letter says; every part is plain text."""

    name: str
    firm: str
    new_email: str

    @property
    def text(self) -> str:
        """The letter for readers without HTML."""
        return "\n\n".join((f"Hello {self.name},", self._what, self._not_you)) + "\n"

    @property
    def html(self) -> str:
        """The same words on paper."""
        said = (f"Hello {self.name},", self._what, self._not_you)
        body = "".join(paper.paragraph(each) for each in said)
        return paper.page(title=SUBJECT, firm=self.firm, body=body)

    @property
    def _what(self) -> str:
        return f"From now on you sign in to {self.firm} with {self.new_email}, not this address."

    @property
    def _not_you(self) -> str:
        return "If it was not you who changed this, tell an owner of your firm at once."
