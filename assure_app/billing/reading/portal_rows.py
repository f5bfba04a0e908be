"""What the portal shows a client, and nothing else: no note, fee, reason or name of the firm's
people has a place in these rows (R105, R113)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A client whom the person is a contact of, at a firm; `href` leads to its first page.

    `owes` is what its invoices ask for now, "" for nothing.
    """

    client: str
    firm: str
    owes: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalFrame:
    """Who is there, for which client, at which firm. `places` is for more than one only."""

    firm: str = ""
    client: str = ""
    person: str = ""
    role: str = ""
    home_href: str = "/portal"
    timezone: str = ""
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCard:
    """An invoice that still asks for money, or whose last money is on its way.

    `paid` and `pending` are "" when there is nothing. `autopay` says what is charged by itself, and
    when, "" for nothing.
    """

    number: str
    title: str
    href: str
    standing: str
    due: str
    when: str
    is_late: bool
    balance: str
    total: str
    paid: str
    pending: str
    autopay: str
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRow:
    """A payment or refund, by date and method. `receipt_href` is "" where there is none."""

    key: str
    number: str
    href: str
    day: str
    method: str
    what: str
    state: str
    amount: str
    receipt_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedInvoice:
    """An invoice that asks for nothing any more, without a payment to show for it."""

    number: str
    href: str
    issued: str
    standing: str
    total: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRow:
    """A card or bank account that the client saved, as it is called and no more (R040).

    `state` is a word about it, "" when it is simply good; `why` says why it is disabled.
    """

    id: int
    kind: str
    name: str
    detail: str
    state: str
    why: str
    is_default: bool
    can_be_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalHome:
    """The portal's first page. `more` says what is left out, "" for nothing.

    `shows_methods` says that this person sees what the client saved to pay with: who may pay does;
    `can_add` that they may save something now.
    """

    is_loaded: bool = False
    balance: str = ""
    summary: str = ""
    pending: str = ""
    outstanding: tuple[InvoiceCard, ...] = ()
    more: str = ""
    processing: tuple[MoneyRow, ...] = ()
    paid: tuple[MoneyRow, ...] = ()
    closed: tuple[ClosedInvoice, ...] = ()
    shows_methods: bool = False
    can_add: bool = False
    methods: tuple[SavedRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalLine:
    """One line; `tax` is its rate, "" for none."""

    description: str
    detail: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalInvoice:
    """One invoice as its client sees it.

    `can_pay` says that this person can pay it online now; `pay_block` why not, "" when there is
    nothing to say. `full` is what the whole payment comes to, as the button says it, `first` what
    the field for a part begins with, `saved` names what the client saved to pay with, and
    `autopay` says what is charged by itself, and when.
    """

    number: str = ""
    title: str = ""
    client: str = ""
    standing: str = ""
    issued: str = ""
    due: str = ""
    when: str = ""
    is_late: bool = False
    lines: tuple[PortalLine, ...] = ()
    subtotal: str = ""
    tax: str = ""
    total: str = ""
    paid: str = ""
    pending: str = ""
    balance: str = ""
    owes: bool = False
    history: tuple[MoneyRow, ...] = ()
    can_pay: bool = False
    pay_block: str = ""
    full: str = ""
    first: str = ""
    saved: str = ""
    autopay: str = ""
    pdf_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What paying the typed amount comes to: the charge and what stays open, or why not."""

    amount: str = ""
    rest: str = ""
    problem: str = ""
