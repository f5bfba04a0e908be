"""What a client saves at a desk of the tests, with nothing charged, and the work it is kept for."""

import secrets

from assure_app.billing import method_pages
from assure_app.db.unit_of_work import unit_of_work
from assure_app.models import Engagement
from tests.factories import insert
from tests.support.online import PayDesk


def work(pay_desk: PayDesk, name: str = "Bookkeeping 2026", *, is_autopay_on: bool = True) -> int:
    """An engagement of the client; its id."""
    with unit_of_work() as connection:
        return insert(
            connection,
            Engagement,
            firm_id=pay_desk.desk.jane.firm_id,
            client_id=pay_desk.desk.client_id,
            name=name,
            is_autopay_on=is_autopay_on,
        )


def save(pay_desk: PayDesk, kind: str = "card") -> str:
    """Anita saves a method on Stripe's page, and the callbacks come; Stripe's name of it."""
    token = secrets.token_urlsafe(24)
    url = method_pages.start(pay_desk.anita, form_token=token, now=pay_desk.now)
    method_id = pay_desk.stripe.save_on_page(url.rpartition("/")[2], kind)
    pay_desk.deliver()
    return method_id
