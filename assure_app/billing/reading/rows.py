"""What the invoice screens show: frozen rows with money and dates already as text."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TileFigure:
    """One tile above the list: how many invoices, and their open balance, "" for none."""

    name: str
    count: int
    open_balance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """One line of the invoice list. `balance` is "" when Paid or Cancelled (R140).

    `href` is the address that opens it, encoded: a number may hold a "#" or a slash.
    """

    number: str
    href: str
    client_id: int
    client: str
    issued: str
    due: str
    is_late: bool
    total: str
    status: str
    balance: str
    pending: str = ""
    overpaid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePage:
    """One page of the filtered list. Cursors are "" where there is no further page.

    `has_more_matching`: counting ended at `matching`, and more invoices match ("5,000+ of …").
    """

    rows: tuple[InvoiceRow, ...] = ()
    tiles: tuple[TileFigure, ...] = ()
    matching: int = 0
    total: int = 0
    has_more_matching: bool = False
    next_cursor: str = ""
    previous_cursor: str = ""
    client_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line item."""

    description: str
    quantity: str
    unit_price: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """One ledger row in the Payments section (R013). `amount` is negative text for money out.

    `title`: "Check #4521", "Refund of Check #4521 — Duplicate". `refunded`: "Refunded $300 of
    $1,500" or "". `refund_block`: why no refund can be made, "" when it can. `links_to` is the
    title of the other row of the pair, "" when there is none.
    """

    id: int
    kind: str
    method: str
    title: str
    amount: str
    status: str
    paid_by: str
    created: str
    completed: str
    is_refundable: bool
    shows_refund: bool
    refund_block: str = ""
    refunded: str = ""
    links_to: str = ""
    links_to_id: int = 0
    notes: str = ""
    fee: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    """One entry of the timeline: "May 22, 4:12 PM", what happened, by whom."""

    id: int
    at: str
    iso: str
    text: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDetail:
    """Everything the drawer shows of one invoice."""

    id: int = 0
    number: str = ""
    client: str = ""
    client_id: int = 0
    title: str = ""
    status: str = ""
    issued: str = ""
    due: str = ""
    is_late: bool = False
    total: str = ""
    paid: str = ""
    balance: str = ""
    pending: str = ""
    overpaid: str = ""
    written_off: str = ""
    can_record: bool = False
    record_block: str = ""
    lines: tuple[LineRow, ...] = ()
    payments: tuple[PaymentRow, ...] = ()
    activity: tuple[ActivityRow, ...] = ()
    previous_number: str = ""
    next_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentForm:
    """The Record payment dialog as typed: nothing in it is trusted."""

    amount: str
    method: str
    date: str
    reference: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundForm:
    """The Refund dialog as typed: nothing in it is trusted."""

    amount: str
    reason: str
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStart:
    """What the Record payment dialog opens with."""

    number: str = ""
    client: str = ""
    amount: str = ""
    date: str = ""
    latest_date: str = ""
    balance: str = ""
    form_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundStart:
    """What the Refund dialog opens with."""

    payment_id: int = 0
    title: str = ""
    number: str = ""
    client: str = ""
    amount: str = ""
    refundable: str = ""
    is_settled_outside: bool = True
    form_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the act would do, decided by the same rule that will do it.

    `problems` maps field to sentence; `warnings` never block. With problems, the figures are "".
    """

    balance_before: str = ""
    balance_after: str = ""
    status_before: str = ""
    status_after: str = ""
    problems: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a recorded act came to; `is_repeat` when the same form had been recorded before."""

    invoice_id: int
    payment_id: int
    balance: str
    status: str
    sentence: str
    is_repeat: bool = False
