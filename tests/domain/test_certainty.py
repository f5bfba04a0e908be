"""Until when a payment may be taken back: by card 120 days, by bank 60, and of others nothing."""

from datetime import date, timedelta

import pytest

from assure_app.domain.certainty import Certainty, Sureness, sureness
from assure_app.domain.ledger import MANUAL_METHODS, Method
from assure_app.domain.transitions import RowStatus

CHARGED = date(2026, 5, 1)
SETTLED = date(2026, 5, 6)


def sure(method: Method, status: RowStatus, *, after: int) -> Sureness | None:
    return sureness(
        method,
        status,
        charged_on=CHARGED,
        settled_on=None if status is RowStatus.PENDING else SETTLED,
        today=CHARGED + timedelta(days=after),
    )


@pytest.mark.parametrize(
    ("method", "last"), [(Method.CARD, date(2026, 8, 29)), (Method.ACH, date(2026, 7, 5))]
)
def test_a_payment_may_be_taken_back_until_the_last_day_and_not_after(
    method: Method, last: date
) -> None:
    days = (last - CHARGED).days

    assert sure(method, RowStatus.COMPLETED, after=days) == Sureness(
        certainty=Certainty.REVOCABLE, until=last
    )
    assert sure(method, RowStatus.COMPLETED, after=days + 1) == Sureness(certainty=Certainty.PAID)


@pytest.mark.parametrize("method", [Method.CARD, Method.ACH])
def test_what_is_pending_is_pending(method: Method) -> None:
    assert sure(method, RowStatus.PENDING, after=0) == Sureness(certainty=Certainty.PENDING)


@pytest.mark.parametrize("status", [RowStatus.FAILED, RowStatus.REFUNDED])
def test_of_money_that_is_not_there_nothing_is_said(status: RowStatus) -> None:
    assert sure(Method.CARD, status, after=0) is None


@pytest.mark.parametrize("method", MANUAL_METHODS)
def test_of_money_paid_outside_stripe_nothing_is_known(method: Method) -> None:
    assert sure(method, RowStatus.COMPLETED, after=0) is None
