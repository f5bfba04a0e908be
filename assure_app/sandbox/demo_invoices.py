"""Plays the stories of the demo firms through the services, as if it had all happened."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from assure_app.billing import (
    activity,
    autopay_rows,
    invoice_record,
    invoices,
    ledger_rows,
    manual_payments,
    sending,
)
from assure_app.billing import refunds as refund_service
from assure_app.billing.cancellation import cancel_invoice
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.refunds import RefundForm
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.autopay import Decline, after_failure
from assure_app.domain.calendar import day_of, noon_of
from assure_app.domain.fees import estimate_fee_cents
from assure_app.domain.ledger import MANUAL_METHODS, Method
from assure_app.domain.money import input_text, short_text
from assure_app.domain.permissions import Principal
from assure_app.domain.refund_reasons import RefundReason
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.payment import Source
from assure_app.models.tables import invoice, payment
from assure_app.sandbox.demo_charges import DemoStripe, Paid
from assure_app.sandbox.demo_people import CHEN, DemoFirm
from assure_app.sandbox.demo_stories import CHEN_STORIES, NORTHSIDE_STORIES, Step, Story

_BEFORE_NOW = timedelta(minutes=1)


def load(
    one: DemoFirm,
    principals: Sequence[Principal],
    clients: Mapping[str, tuple[int, int | None]],
    stripe: DemoStripe | None,
    *,
    now: datetime,
) -> None:
    """Play every story of the firm, oldest first, so that the numbers follow the dates.

    What was paid online is made at `stripe` as well, unless there is none.
    """
    stories = CHEN_STORIES if one is CHEN else NORTHSIDE_STORIES
    for position, story in enumerate(sorted(stories, key=lambda each: -each.age)):
        recorder = principals[position % len(principals[:2])]
        player = _Player(one, owner=principals[0], recorder=recorder, stripe=stripe)
        player.play(story, clients[story.client], now=now)


@dataclass(frozen=True, slots=True)
class _Player:
    firm: DemoFirm
    owner: Principal
    recorder: Principal
    stripe: DemoStripe | None

    def play(self, story: Story, ids: tuple[int, int | None], *, now: datetime) -> None:
        issued = day_of(now, self.firm.timezone) - timedelta(days=story.age)
        made_at = min(noon_of(issued, self.firm.timezone) - timedelta(hours=3, minutes=5), now)
        client_id, engagement_id = ids
        new = invoices.NewInvoice(
            client_id=client_id,
            engagement_id=engagement_id,
            title=story.title,
            issued_on=issued,
            due_on=issued + timedelta(days=story.term),
            lines=[
                invoices.Line(description=text, unit_price_cents=cents)
                for text, cents in story.lines
            ],
        )
        with unit_of_work() as connection:
            number = invoices.create_invoice(connection, self.owner, new, now=made_at)
        for order, step in enumerate(story.steps, start=1):
            moment = made_at + timedelta(days=step.day, minutes=5 * order)
            self._take(step, number, min(moment, now - _BEFORE_NOW))

    def _take(self, step: Step, number: str, at: datetime) -> None:
        if step.what in {"sent", "viewed", "cancelled"}:
            with unit_of_work() as connection:
                self._change_invoice(connection, step, number, at)
        elif step.what in set(MANUAL_METHODS):
            self._record(step, number, at)
        elif step.what in set(RefundReason):
            self._refund(step, number, at)
        else:
            with unit_of_work() as connection:
                self._book_online(connection, step, number, at)

    def _change_invoice(
        self, connection: Connection, step: Step, number: str, at: datetime
    ) -> None:
        match step.what:
            case "sent":
                invoices.mark_sent(
                    connection, self.owner, number, text=sending.SENT_BY_EMAIL, now=at
                )
            case "viewed":
                invoices.view_by_client(connection, self.owner, number, now=at)
            case _:
                reason = step.reference or "Agreed with the client"
                cancel_invoice(connection, self.owner, number, reason, now=at)

    def _record(self, step: Step, number: str, at: datetime) -> None:
        start = manual_payments.start(self.recorder, number, now=at)
        form = PaymentForm(
            amount=input_text(step.cents) if step.cents else start.amount,
            method=step.what,
            date=start.date,
            reference=step.reference,
        )
        manual_payments.record_payment(
            self.recorder, number, form, form_token=start.form_token, now=at
        )

    def _refund(self, step: Step, number: str, at: datetime) -> None:
        with reading() as connection:
            payment_id = connection.execute(
                select(payment.c.id)
                .join(invoice, invoice.c.id == payment.c.invoice_id)
                .where(
                    invoice.c.number == number,
                    invoice.c.firm_id == self.owner.firm_id,
                    payment.c.kind == Kind.PAYMENT.value,
                )
                .order_by(payment.c.id.desc())
            ).scalar()
        start = refund_service.start(self.owner, payment_id or 0, now=at)
        amount = input_text(step.cents) if step.cents else start.amount
        form = RefundForm(amount=amount, reason=step.what, notes=step.reference)
        refund_service.refund_payment(
            self.owner, start.payment_id, form, form_token=secrets.token_urlsafe(24), now=at
        )

    def _book_online(self, connection: Connection, step: Step, number: str, at: datetime) -> None:
        """A card or bank payment of the firm's past: the rows that Stripe's story left behind."""
        found = invoice_record.find_and_lock(connection, self.owner, number)
        word, outcome = step.what.split()
        is_autopay = word == "Auto-pay"
        method = Method.CARD if is_autopay else Method(word)
        cents = step.cents or found.balance_cents
        status = RowStatus(outcome)
        fee_cents = estimate_fee_cents(method, cents) if status is RowStatus.COMPLETED else 0
        failure = "Your card was declined." if status is RowStatus.FAILED else ""
        paid = Paid(
            account_id=self.firm.account_id,
            invoice=found,
            method=method,
            status=status,
            cents=cents,
            at=at,
        )
        charged = None
        if self.stripe is not None and not is_autopay:
            charged = self.stripe.pay(connection, paid)
        row = ledger_rows.append(
            connection,
            found,
            ledger_rows.NewRow(
                kind=Kind.PAYMENT,
                source=Source.AUTOPAY if is_autopay else Source.ONLINE,
                method=method,
                amount_cents=cents,
                status=status,
                paid_by="System (auto-pay)" if is_autopay else step.reference,
                user_id=None,
                created_at=at,
                completed_at=at if status is RowStatus.COMPLETED else None,
                fee_cents=fee_cents,
                failure_reason=failure,
                stripe=charged or ledger_rows.StripeRow(),
            ),
        )
        rows = ledger_rows.of_invoice(connection, found.id)
        invoice_record.save(connection, found, found.with_rows(rows, now=at))
        if is_autopay and status is RowStatus.FAILED:
            failed = update(invoice).where(invoice.c.id == found.id)
            connection.execute(failed.values(is_autopay_failed=True))
            _plan_next_try(connection, found, failure, at)
        activity.append(
            connection,
            firm_id=found.firm_id,
            invoice_id=found.id,
            at=at,
            text=_online_text(
                charged.method_detail if charged else method, cents, status, fee_cents, failure
            ),
            actor="Auto-Pay" if is_autopay else "Stripe",
            payment_id=row.id,
        )


def _plan_next_try(
    connection: Connection, found: InvoiceRecord, failure: str, at: datetime
) -> None:
    """What the product does after a declined card: it tries again after some days."""
    result = after_failure(
        Decline.SOFT, failures=0, retry_days=(3, 5, 7), failed_at=at, timezone=found.timezone
    )
    autopay_rows.change(
        connection,
        found.id,
        tries=1,
        failures=result.failures,
        failure=failure,
        failed_at=at,
        next_try_at=result.next_try_at,
        due_at=result.next_try_at,
    )


def _online_text(means: str, cents: int, status: RowStatus, fee_cents: int, failure: str) -> str:
    amount = short_text(cents)
    match status:
        case RowStatus.COMPLETED:
            return f"Payment {amount} confirmed — {means}, fee {short_text(fee_cents)}"
        case RowStatus.FAILED:
            return f"Payment {amount} failed — {means}: {failure}"
        case _:
            return f"Payment {amount} pending — {means}"
