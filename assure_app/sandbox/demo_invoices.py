"""A year of invoices of the demo firms, each with its little story, played through the services.

A story is a list of steps, each so many days after the invoice was issued.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from assure_app.billing import activity, invoice_record, invoices, ledger_rows, manual_payments
from assure_app.billing import refunds as refund_service
from assure_app.billing.reading.rows import PaymentForm, RefundForm
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import day_of, noon_of
from assure_app.domain.fees import estimate_fee_cents
from assure_app.domain.ledger import MANUAL_METHODS, Method
from assure_app.domain.money import input_text, short_text
from assure_app.domain.permissions import Principal
from assure_app.domain.refund_reasons import RefundReason
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.payment import Source
from assure_app.models.tables import invoice, payment
from assure_app.sandbox.demo_people import CHEN, DemoFirm

_BEFORE_NOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened `day` days after the invoice was issued; 0 cents means the rest."""

    day: int
    what: str
    cents: int = 0
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """An invoice issued `age` days ago, due `term` days after that."""

    age: int
    term: int
    client: str
    title: str
    lines: tuple[tuple[str, int], ...]
    steps: tuple[Step, ...] = ()


def load(
    one: DemoFirm,
    principals: Sequence[Principal],
    clients: Mapping[str, tuple[int, int | None]],
    *,
    now: datetime,
) -> None:
    """Play every story of the firm, oldest first, so that the numbers follow the dates."""
    stories = CHEN_STORIES if one is CHEN else NORTHSIDE_STORIES
    for position, story in enumerate(sorted(stories, key=lambda each: -each.age)):
        recorder = principals[position % len(principals[:2])]
        player = _Player(one.timezone, owner=principals[0], recorder=recorder)
        player.play(story, clients[story.client], now=now)


@dataclass(frozen=True, slots=True)
class _Player:
    timezone: str
    owner: Principal
    recorder: Principal

    def play(self, story: Story, ids: tuple[int, int | None], *, now: datetime) -> None:
        issued = day_of(now, self.timezone) - timedelta(days=story.age)
        made_at = min(noon_of(issued, self.timezone) - timedelta(hours=3, minutes=5), now)
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
                invoices.send_invoice(connection, self.owner, number, now=at)
            case "viewed":
                invoices.view_by_client(connection, self.owner, number, now=at)
            case _:
                reason = step.reference or "Agreed with the client"
                invoices.cancel_invoice(connection, self.owner, number, reason, now=at)

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
            ),
        )
        fee_cents = estimate_fee_cents(method, cents) if status is RowStatus.COMPLETED else 0
        failure = "Your card was declined." if status is RowStatus.FAILED else ""
        connection.execute(
            update(payment)
            .where(payment.c.id == row.id)
            .values(fee_cents=fee_cents, failure_reason=failure)
        )
        rows = ledger_rows.of_invoice(connection, found.id)
        invoice_record.save(connection, found, found.with_rows(rows, now=at))
        if is_autopay and status is RowStatus.FAILED:
            failed = update(invoice).where(invoice.c.id == found.id)
            connection.execute(failed.values(is_autopay_failed=True))
        activity.append(
            connection,
            firm_id=found.firm_id,
            invoice_id=found.id,
            at=at,
            text=_online_text(method, cents, status, failure),
            actor="Auto-Pay" if is_autopay else "Stripe",
            payment_id=row.id,
        )


def _online_text(method: Method, cents: int, status: RowStatus, failure: str) -> str:
    amount = short_text(cents)
    match status:
        case RowStatus.COMPLETED:
            fee = short_text(estimate_fee_cents(method, cents))
            return f"Payment {amount} confirmed — {method}, fee {fee}"
        case RowStatus.FAILED:
            return f"Payment {amount} failed — {method}: {failure}"
        case _:
            return f"Payment {amount} pending — {method}"


SENT = Step(0, "sent")
VIEWED = Step(1, "viewed")

CHEN_STORIES = (
    Story(0, 30, "Cedar Row HOA", "Annual review 2026", (("Annual review", 110_000),)),
    Story(1, 30, "Bluebird Yoga", "Sales tax filing", (("Sales tax filing, Q3", 42_500),)),
    Story(2, 14, "Ngata & Sons", "Entity advice", (("Advisory call", 27_500),)),
    Story(
        8,
        30,
        "Patel Family",
        "2025 individual return",
        (("Individual tax return, Form 1040", 280_000), ("State returns, NY and NJ", 140_000)),
        (
            SENT,
            VIEWED,
            Step(3, "Check", 150_000, "4521"),
        ),
    ),
    Story(
        10,
        30,
        "Okafor Dental PLLC",
        "Bookkeeping, October",
        (("Monthly bookkeeping", 185_000),),
        (SENT, VIEWED),
    ),
    Story(
        40,
        30,
        "Harbor & Pine LLC",
        "Audit support",
        (("Audit support, 62 hours", 1_240_000),),
        (SENT, VIEWED),
    ),
    Story(
        15,
        30,
        "Lindqvist Studio",
        "Quarterly estimate",
        (("Quarterly estimate", 96_000),),
        (SENT, Step(4, "Wire", 0, "FT-20881")),
    ),
    Story(
        50,
        30,
        "Marisol Vega",
        "Amended return",
        (("Amended return, Form 1040-X", 64_000),),
        (SENT, VIEWED, Step(12, "Cash", 32_000)),
    ),
    Story(
        12,
        30,
        "Brightwater Foods",
        "Payroll, October",
        (("Payroll, 61 employees", 731_550),),
        (SENT,),
    ),
    Story(
        20,
        30,
        "Tessellate Labs",
        "R&D credit study",
        (("R&D credit study", 300_000),),
        (SENT, VIEWED, Step(2, "Card Completed", 0, "Priya Raman")),
    ),
    Story(
        18,
        30,
        "Ngata & Sons",
        "Bookkeeping clean-up",
        (("Bookkeeping clean-up", 227_500),),
        (SENT, VIEWED),
    ),
    Story(
        5,
        30,
        "Tessellate Labs",
        "Stock option advice",
        (("Advisory, 5 hours", 175_000),),
        (SENT, VIEWED, Step(3, "ACH Pending", 0, "Priya Raman")),
    ),
    Story(
        25,
        15,
        "Brightwater Foods",
        "Payroll, September",
        (("Payroll, 60 employees", 719_500),),
        (SENT, Step(15, "Auto-pay Failed")),
    ),
    Story(
        35,
        30,
        "Bluebird Yoga",
        "Bookkeeping, September",
        (("Bookkeeping", 38_000),),
        (SENT, Step(9, "Check", 0, "1187"), Step(11, "Duplicate", 0, "Paid twice by mistake")),
    ),
    Story(
        60,
        30,
        "Cedar Row HOA",
        "Reserve study",
        (("Reserve study", 185_000),),
        (SENT, VIEWED, Step(20, "Check", 0, "7040"), Step(24, "Service not rendered", 35_000)),
    ),
    Story(
        75,
        30,
        "Marisol Vega",
        "Late filing letter",
        (("Letter to the IRS", 22_000),),
        (SENT, VIEWED, Step(40, "cancelled", 0, "Courtesy to a long-standing client")),
    ),
    Story(
        22,
        30,
        "Lindqvist Studio",
        "Contractor forms",
        (("Forms 1099, 14 contractors", 49_000),),
        (SENT, VIEWED, Step(5, "Card Failed", 0, "Eva Lindqvist")),
    ),
    *(
        Story(
            age,
            30,
            client,
            title,
            ((title, cents),),
            (SENT, VIEWED, Step(14 + age % 9, method, 0, reference)),
        )
        for age, client, title, cents, method, reference in (
            (45, "Okafor Dental PLLC", "Bookkeeping, September", 185_000, "Check", "2291"),
            (76, "Okafor Dental PLLC", "Bookkeeping, August", 185_000, "Check", "2274"),
            (106, "Okafor Dental PLLC", "Bookkeeping, July", 185_000, "Check", "2250"),
            (137, "Okafor Dental PLLC", "Bookkeeping, June", 185_000, "Check", "2231"),
            (70, "Brightwater Foods", "Payroll, August", 712_300, "Wire", "FT-19910"),
            (101, "Brightwater Foods", "Payroll, July", 708_900, "Wire", "FT-19377"),
            (131, "Brightwater Foods", "Payroll, June", 701_225, "Wire", "FT-18802"),
            (160, "Harbor & Pine LLC", "Interim review", 640_000, "Wire", "HP-88213"),
            (
                190,
                "Tessellate Labs",
                "2024 corporate return",
                520_000,
                "ACH Completed",
                "Priya Raman",
            ),
            (200, "Patel Family", "Estate plan review", 175_000, "Check", "4388"),
            (210, "Ngata & Sons", "2024 partnership return", 310_000, "Check", "901"),
            (221, "Lindqvist Studio", "2024 return", 145_000, "Card Completed", "Eva Lindqvist"),
            (229, "Marisol Vega", "2024 individual return", 89_500, "Cash", ""),
            (236, "Bluebird Yoga", "2024 return", 120_000, "Check", "1090"),
            (248, "Cedar Row HOA", "2024 audit", 410_000, "Check", "6988"),
            (260, "Patel Family", "2024 individual return", 390_000, "Check", "4302"),
            (290, "Okafor Dental PLLC", "2024 corporate return", 460_000, "Wire", "OD-5571"),
            (320, "Harbor & Pine LLC", "Year-end close", 980_000, "Wire", "HP-81007"),
            (345, "Tessellate Labs", "Year-end planning", 260_000, "Card Completed", "Priya Raman"),
            (360, "Brightwater Foods", "Year-end payroll forms", 154_050, "Check", "30118"),
        )
    ),
    Story(
        33,
        30,
        "Ngata & Sons",
        "Bookkeeping, September",
        (("Bookkeeping", 81_500),),
        (SENT,),
    ),
    Story(
        95,
        30,
        "Harbor & Pine LLC",
        "Valuation memo",
        (("Valuation memo", 258_000),),
        (SENT, VIEWED, Step(30, "Wire", 129_000, "HP-90021"), Step(60, "Other", 29_000, "Credit")),
    ),
    Story(
        14,
        30,
        "Patel Family",
        "Trust accounting",
        (("Trust accounting, 3 trusts", 96_000),),
        (SENT,),
    ),
)

NORTHSIDE_STORIES = (
    Story(
        12,
        30,
        "Quarry Lane Brewing",
        "Excise filings",
        (("Excise filings", 134_500),),
        (SENT, VIEWED),
    ),
    Story(
        48,
        30,
        "Zephyr Cycles",
        "Inventory review",
        (("Inventory review", 77_700),),
        (SENT, Step(9, "Check", 33_300, "5150")),
    ),
    Story(3, 30, "Zephyr Cycles", "Payroll set-up", (("Payroll set-up", 61_900),)),
)
