"""Previews keep their word: what they tell is what then happens, for any past (R033, R095).

Each history ends in one act through the real service, on a real database: what its preview told is
compared with what the drawer shows afterwards, text by text.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import select

from assure_app.billing import cancellation, manual_payments, refunds
from assure_app.billing.cancellation import CancelForm
from assure_app.billing.manual_payments import PaymentForm, WholeBalanceForm
from assure_app.billing.reading.invoice_detail import detail
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.receipts import Receipt
from assure_app.billing.refunds import RefundForm
from assure_app.billing.verification import Tally, differences
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import day_of
from assure_app.domain.errors import BillingError
from assure_app.domain.invoice_status import Status, status
from assure_app.domain.money import full_text, input_text
from assure_app.models.tables import invoice
from tests.support.desk import Desk, open_desk
from tests.support.histories import METHODS, ZONE, Past, make_past, new_token, write
from tests.support.stored import facts_of

HISTORIES = 10_000
MOST_STEPS = 4
SHOWN_EVERY = 10
"""The whole drawer takes longer to read than everything else: one in so many is enough."""
SEED = 20_260_522


@dataclass(frozen=True, slots=True)
class Told:
    """What a preview told: balance and status after, or the sentences that refuse."""

    balance: str
    status: str
    problems: dict[str, str]
    written_off: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Act:
    """An act with its preview."""

    name: str
    preview: Callable[[], Told]
    do: Callable[[Told], Receipt]


def test_what_a_preview_tells_is_what_the_act_does(sqlite_database: str) -> None:
    assert sqlite_database
    desk = open_desk()
    random = Random(SEED)
    pasts = [make_past(random, f"INV-{place}", most_steps=MOST_STEPS) for place in range(HISTORIES)]
    with unit_of_work() as connection:
        write(connection, desk, pasts)

    outcomes: Counter[str] = Counter()
    mismatches = []
    done: dict[str, Told] = {}
    for place, past in enumerate(pasts):
        act = random.choice(list(acts(random, desk, past)))
        told = act.preview()
        happened = outcome(desk, past, act, told, is_shown=place % SHOWN_EVERY == 0)
        outcomes[f"{act.name} {'refused' if told.problems else 'done'}"] += 1
        if told != happened:
            mismatches.append((past.number, act.name, told, happened))
        if not happened.problems:
            done[past.number] = happened

    assert mismatches == []
    assert len(outcomes) == 8
    assert min(outcomes.values()) > HISTORIES / 100
    now_stored = stored(desk)
    assert {number: now_stored[number] for number in done} == done
    with reading() as connection:
        assert [
            str(each) for each in differences(connection, Tally()) if "activity" not in str(each)
        ] == []


def outcome(desk: Desk, past: Past, act: Act, told: Told, *, is_shown: bool) -> Told:
    """Do the act, and read what its receipt tells and the drawer shows, or why it is refused."""
    try:
        receipt = act.do(told)
    except BillingError as refusal:
        return Told("", "", dict(refusal.problems))
    if not is_shown:
        return Told(receipt.balance, receipt.status, {})
    shown = detail(desk.jane, past.number, Query(), now=desk.now)
    # The drawer writes a dash for a paid invoice's balance; the receipt says it in figures.
    assert shown.balance in {receipt.balance, ""}
    return Told(receipt.balance, shown.status, {})


def stored(desk: Desk) -> dict[str, Told]:
    """Balance and status of every invoice, as its row has them when all is done: each had one act,
    so they are what its act left."""
    with reading() as connection:
        rows = connection.execute(select(invoice)).all()
    badges = {row.number: status(facts_of(row), day_of(desk.now, ZONE)) for row in rows}
    asked = {row.number: full_text(row.balance_cents) for row in rows}
    return {
        number: Told("" if badge is Status.CANCELLED else asked[number], badge.value, {})
        for number, badge in badges.items()
    }


def acts(random: Random, desk: Desk, past: Past) -> Iterator[Act]:
    """One of each act on this invoice, of an amount that may be too much."""
    yield from (_record(random, desk, past), _mark_paid(desk, past), _cancel(desk, past))
    payments = [row for row in past.rows if row.amount_cents > 0]
    if payments:
        row = random.choice(payments)
        yield from (_refund(random, desk, row.id, row.amount_cents),) * 3


def _record(random: Random, desk: Desk, past: Past) -> Act:
    balance_cents = past.figures.balance_cents
    cents = random.choice((1, balance_cents, balance_cents + 1, random.randint(1, 200_000)))
    form = PaymentForm(
        amount=input_text(cents), method=random.choice(METHODS), date="2026-05-20", reference=""
    )
    return _payment(desk, past, "record", form)


def _mark_paid(desk: Desk, past: Past) -> Act:
    amount = input_text(past.figures.balance_cents)
    return _payment(
        desk, past, "mark paid", WholeBalanceForm(amount=amount, method="Wire", date="2026-05-22")
    )


def _payment(desk: Desk, past: Past, name: str, form: PaymentForm) -> Act:
    def preview() -> Told:
        told = manual_payments.preview(desk.jane, past.number, form, now=desk.now)
        return Told(told.balance_after, told.status_after, told.problems)

    def do(_told: Told) -> Receipt:
        return manual_payments.record_payment(
            desk.jane, past.number, form, form_token=new_token(), now=desk.now
        )

    return Act(name, preview, do)


def _refund(random: Random, desk: Desk, payment_id: int, cents: int) -> Act:
    form = RefundForm(
        amount=input_text(random.choice((cents, random.randint(1, cents)))), reason="Duplicate"
    )

    def preview() -> Told:
        told = refunds.preview(desk.jane, payment_id, form, now=desk.now)
        return Told(told.balance_after, told.status_after, told.problems)

    def do(_told: Told) -> Receipt:
        return refunds.refund_payment(
            desk.jane, payment_id, form, form_token=new_token(), now=desk.now
        )

    return Act("refund", preview, do)


def _cancel(desk: Desk, past: Past) -> Act:
    def preview() -> Told:
        told = cancellation.preview(desk.jane, past.number, now=desk.now)
        return Told("", told.status_after, told.problems, told.written_off)

    def do(told: Told) -> Receipt:
        form = CancelForm(reason="Courtesy", written_off=told.written_off)
        return cancellation.cancel(
            desk.jane, past.number, form, form_token=new_token(), now=desk.now
        )

    return Act("cancel", preview, do)
