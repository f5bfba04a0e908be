"""What the invoice screens show: frozen rows with money and dates already as text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TileFigure:
    """One tile above the list: how many invoices, and their open balance, "" for none."""

    name: str
    count: int
    open_balance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """One line of the invoice list. `balance` is "" when Paid or Cancelled (R140).

    `href` is the address that opens it, encoded: a number may hold a "#" or a slash. `flag` says
    that a payer's bank contests a payment of it, or asks about one: "Disputed", "Inquiry" or "".
    `unsure` says until when a payer's bank may still take back what it is paid with, or is "".
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
    flag: str = ""
    unsure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePage:
    """One page of the filtered list. Cursors are "" where there is no further page.

    `has_more_matching`: counting ended at `matching`, and more invoices match ("1,000+ of …").
    `cursor` is the place that is shown: "" when the place asked for had gone, and this is the first
    page. `notice` is a sentence when a search could not look at everything, "" when it did.
    """

    rows: tuple[InvoiceRow, ...] = ()
    tiles: tuple[TileFigure, ...] = ()
    matching: int = 0
    total: int = 0
    has_more_matching: bool = False
    next_cursor: str = ""
    previous_cursor: str = ""
    cursor: str = ""
    notice: str = ""
    client_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line item; `tax` is its rate ("8.875%"), "" for none, and the amount is without it."""

    description: str
    quantity: str
    unit_price: str
    amount: str
    tax: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """One ledger row in the Payments section (R013). `amount` is negative text for money out.

    `title`: "Check #4521", "Refund of Check #4521 — Duplicate". `refunded`: "Refunded $300 of
    $1,500" or "". `refund_block`: why no refund can be made, "" when it can. `links_to` is the
    title of the other row of the pair, "" when there is none. `net` is what is left of the amount
    after Stripe's fee and what was given back, "" where there is no fee. A receipt's href is ""
    where there is none. `flag` says that the payer's bank contests it or asks about it at present,
    `certainty` until when it may be taken back, and `taken_back` how much of it was. `progress`
    says of a refund through Stripe when the client sees it, or that Stripe has not answered.
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
    net: str = ""
    failure: str = ""
    flag: str = ""
    certainty: str = ""
    taken_back: str = ""
    progress: str = ""
    receipt_href: str = ""
    stripe_receipt_href: str = ""
    can_ask: bool = False
    request_id: int = 0
    request_text: str = ""
    request_notes: str = ""
    request_amount: str = ""
    may_decide: bool = False
    may_withdraw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    """One entry of the timeline: "May 22, 4:12 PM", what happened, by whom."""

    id: int
    at: str
    iso: str
    text: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankNotice:
    """What a payer's bank did that somebody has to do something about (R066).

    `kind` is "open" for what waits for an answer, "taken" for money that is gone. The last three
    are the steps to take then, each "" where there is none.
    """

    id: int
    kind: str
    heading: str
    text: str
    tell: str = ""
    send: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutopayNotice:
    """What auto-pay does next with the invoice; `kind` is "failed" where somebody has to look, else
    "plain". `try_label` is what charging it now is called. Nothing where the heading is ""."""

    kind: str = ""
    heading: str = ""
    text: str = ""
    can_try: bool = False
    try_label: str = ""
    can_stop: bool = False
    can_go_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AutopayStart:
    """The question before something about auto-pay of an invoice is done: `act` is "try", "stop" or
    "go on", `tries` how often it was tried so far."""

    act: str = ""
    number: str = ""
    client: str = ""
    tries: int = 0
    title: str = ""
    sentence: str = ""
    button: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDetail:
    """Everything the drawer shows of one invoice.

    For each act a pair: `can_…`, and the reason why not now. Without either the act is not there
    for an invoice in this status. `edit_href` is the address of the page that edits it,
    `repeat_href` that of a new schedule like it, `pdf_href` that of the invoice as a file.
    `schedule` is the title of the one that it was generated from, "" for none. `reminder` says when
    its client is reminded next. `at_risk` says how much of what is paid a bank may still take back,
    "" for nothing.
    """

    id: int = 0
    number: str = ""
    client: str = ""
    client_id: int = 0
    title: str = ""
    status: str = ""
    issued: str = ""
    due: str = ""
    is_late: bool = False
    late: str = ""
    schedule: str = ""
    schedule_href: str = ""
    total: str = ""
    paid: str = ""
    balance: str = ""
    pending: str = ""
    overpaid: str = ""
    written_off: str = ""
    cancel_reason: str = ""
    can_record: bool = False
    record_block: str = ""
    can_mark_paid: bool = False
    can_send: bool = False
    send_block: str = ""
    can_send_again: bool = False
    can_edit: bool = False
    edit_block: str = ""
    edit_href: str = ""
    pdf_href: str = ""
    can_repeat: bool = False
    repeat_block: str = ""
    repeat_href: str = ""
    can_cancel: bool = False
    cancel_block: str = ""
    reminder: str = ""
    can_remind: bool = False
    remind_block: str = ""
    lines: tuple[LineRow, ...] = ()
    subtotal: str = ""
    tax: str = ""
    payments: tuple[PaymentRow, ...] = ()
    at_risk: str = ""
    notices: tuple[BankNotice, ...] = ()
    autopay: AutopayNotice = AutopayNotice()
    activity: tuple[ActivityRow, ...] = ()
    previous_number: str = ""
    next_number: str = ""
