"""The database falls silent while it commits: nobody can know, and nothing is recorded twice."""

import pytest

from assure_app.billing import manual_payments
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.receipts import Receipt
from assure_app.billing.verification import verify
from assure_app.db import engine
from assure_app.domain.errors import OutcomeUnknown, Unavailable
from assure_app.states.hop import in_thread_until_known
from tests.support.desk import Desk

TOKEN = "one-form-token-00001"
PAYMENT = PaymentForm(amount="400", method="Check", date="2026-05-22", reference="4521")


def fall_silent(monkeypatch: pytest.MonkeyPatch, *, times: int, is_written: bool) -> None:
    dialect = engine.engine().dialect
    original = dialect.do_commit
    left = [times]

    def commit(connection: object) -> None:
        if left[0] == 0:
            original(connection)  # type: ignore[arg-type]
            return
        left[0] -= 1
        if is_written:
            original(connection)  # type: ignore[arg-type]
        raise dialect.loaded_dbapi.OperationalError("the server closed the connection")

    monkeypatch.setattr(dialect, "do_commit", commit)


def record(desk: Desk, number: str) -> Receipt:
    return manual_payments.record_payment(
        desk.jane, number, PAYMENT, form_token=TOKEN, now=desk.now
    )


@pytest.mark.parametrize("is_written", [True, False])
def test_a_silent_commit_is_told_and_the_same_form_settles_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, is_written: bool
) -> None:
    number = desk.invoice()
    fall_silent(monkeypatch, times=1, is_written=is_written)

    with pytest.raises(OutcomeUnknown):
        record(desk, number)
    again = record(desk, number)

    assert again.is_repeat is is_written
    assert len(desk.rows()) == 1
    assert desk.stored(number)["balance_cents"] == 60_000
    assert verify() == []


async def test_the_screen_asks_again_by_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = desk.invoice()
    fall_silent(monkeypatch, times=1, is_written=True)

    receipt = await in_thread_until_known(record, desk, number)

    assert receipt.is_repeat
    assert len(desk.rows()) == 1


def test_a_database_that_cannot_be_reached_wrote_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.invoice()
    dialect = engine.engine().dialect

    def refuse(*_: object, **__: object) -> None:
        raise dialect.loaded_dbapi.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(dialect, "do_execute", refuse)
        with pytest.raises(Unavailable):
            record(desk, number)

    assert desk.rows() == []
