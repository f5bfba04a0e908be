"""Letters about what a client saved to pay with: a card that auto-pay charges will soon be over."""

from dataclasses import dataclass

from assure_app.mail.invoice_mail import Letter
from assure_app.mail.money_letter import Words, compose


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedMethod:
    """A card as its letter tells it: `expiry` such as 04/30, `work` what is paid with it by
    auto-pay, and `link` where the client's methods are seen and changed."""

    firm: str
    client: str
    person: str
    card: str
    expiry: str
    work: str
    link: str


def expires(method: MailedMethod) -> Letter:
    """To the client: the card that auto-pay charges expires within a month."""
    return compose(
        method.firm,
        Words(
            subject=f"Your card {method.card} expires {method.expiry}",
            headline=f"{method.card} expires {method.expiry}",
            said=(
                f"{method.person}, this card pays what {method.client} owes {method.firm} by"
                " auto-pay. Once it is over, payments by it will fail. Please add a card or bank"
                " account, and make it the default: then that is charged. If your bank renews the"
                " card, nothing is left to do: most renewed cards are known here by themselves."
            ),
            facts={"Card": method.card, "Expires": method.expiry, "On auto-pay": method.work},
            label="See payment methods",
            link=method.link,
            closing=f"Questions? Reply to this email: it reaches {method.firm}.",
        ),
    )
