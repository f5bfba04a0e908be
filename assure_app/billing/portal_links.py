"""Where an invoice is found: in the portal, under an address that nobody can guess (R054), and at
the firm's desk."""

from urllib.parse import quote

from sqlalchemy import Connection

from assure_app.billing import stripe_accounts
from assure_app.domain.errors import NotFound
from assure_app.settings import get_settings


def link_of(pay_token: str) -> str:
    """The address of the invoice with this token, as a letter carries it."""
    return f"{get_settings().public_url}/pay/{pay_token}"


def home_link(client_id: int) -> str:
    """The address of the portal's first page for one client."""
    return f"{get_settings().public_url}/portal?client={client_id}"


def known_token(pay_token: object) -> str:
    """The token as a browser sent it. Raises NotFound for what cannot be one."""
    # A browser may send anything at all, and PostgreSQL refuses a NUL in text.
    if isinstance(pay_token, str) and 0 < len(pay_token) <= 64 and pay_token.isprintable():
        return pay_token
    raise NotFound("invoice")


def desk_link(number: str) -> str:
    """The address of an invoice at the firm's own desk."""
    return f"{get_settings().public_url}/invoices?invoice={quote(number, safe='')}"


def page_link(path: str) -> str:
    """The address of a page of the firm's desk."""
    return f"{get_settings().public_url}{path}"


def takes_payments(connection: Connection, firm_id: int) -> bool:
    """Whether the firm's clients can pay online at this moment (R067)."""
    account = stripe_accounts.of_firm(connection, firm_id)
    return account is not None and account.takes_payments
