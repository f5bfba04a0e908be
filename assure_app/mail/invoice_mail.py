"""The letter that brings an invoice: plain text, and HTML that needs nothing but itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from assure_app.domain.calendar import long_day_text
from assure_app.domain.line_items import thousandths_text
from assure_app.domain.money import full_text
from assure_app.mail import paper
from assure_app.mail.paper import LARGE, LIGHT

_WIDTH = 60
_CELL = "padding:10px 0;border-top:1px solid #e7e5e4;vertical-align:top;text-align:left"
_NUMBER = "text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;padding-left:16px"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedLine:
    """One line of the invoice; cents, thousandths, and thousandths of a percent."""

    description: str
    quantity_thousandths: int
    unit_price_cents: int
    amount_cents: int
    tax_rate_thousandths: int
    tax_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedInvoice:
    """What the client is told: nothing that is for the firm's own eyes is in it (R113).

    `message` is the firm's personal word above it, "" for none. `sender` is who answers a reply.
    `link` leads to the invoice in the portal; `is_payable` says that it can be paid there now.
    `charged_on` is the day on which auto-pay takes the money by itself, None where it does not.
    """

    firm: str
    sender: str
    client: str
    number: str
    title: str
    issued_on: date
    due_on: date
    total_cents: int
    settled_cents: int
    pending_cents: int
    balance_cents: int
    lines: Sequence[MailedLine]
    link: str
    is_payable: bool
    message: str = ""
    charged_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message in its two forms, which say the same."""

    subject: str
    text: str
    html: str


def compose(invoice: MailedInvoice) -> Letter:
    """The letter as the invoice stands now: what is due is what is still open."""
    return Letter(subject=subject(invoice), text=_text(invoice), html=_html(invoice))


def subject(invoice: MailedInvoice) -> str:
    """ "Invoice INV-1042 from Chen Advisory: $2,700.00 due Jun 15, 2026"."""
    about = f"Invoice {invoice.number} from {invoice.firm}"
    if not invoice.balance_cents:
        return f"{about}: nothing due"
    return f"{about}: {full_text(invoice.balance_cents)} due {long_day_text(invoice.due_on)}"


def _facts(invoice: MailedInvoice) -> Iterator[tuple[str, str]]:
    if invoice.balance_cents:
        yield "Due date", long_day_text(invoice.due_on)
    yield "Billed to", invoice.client
    yield "Invoice date", long_day_text(invoice.issued_on)
    if invoice.title:
        yield "For", invoice.title


def _sums(invoice: MailedInvoice) -> Iterator[tuple[str, str]]:
    tax_cents = sum(line.tax_cents for line in invoice.lines)
    if tax_cents:
        yield "Subtotal", full_text(invoice.total_cents - tax_cents)
        yield "Tax", full_text(tax_cents)
    yield "Total", full_text(invoice.total_cents)
    if invoice.settled_cents:
        yield "Paid so far", full_text(-invoice.settled_cents)
    if invoice.pending_cents:
        yield "On its way", full_text(-invoice.pending_cents)
    yield "Amount due", full_text(invoice.balance_cents)


def _detail(line: MailedLine) -> str:
    """ "1.5 × $200.00, plus 8.875 % tax $26.63"."""
    counted = f"{thousandths_text(line.quantity_thousandths)} × {full_text(line.unit_price_cents)}"
    if not line.tax_cents:
        return counted
    rate = thousandths_text(line.tax_rate_thousandths)
    return f"{counted}, plus {rate} % tax {full_text(line.tax_cents)}"


def _text(invoice: MailedInvoice) -> str:
    parts = [invoice.firm]
    if invoice.message:
        parts.append(invoice.message)
    figures = [f"Amount due: {full_text(invoice.balance_cents)}"]
    figures += [f"{name}: {value}" for name, value in _facts(invoice)]
    parts.append("\n".join([f"Invoice {invoice.number}", *figures]))
    parts += [said] if (said := _autopay(invoice)) else []
    parts.append(f"{_label(invoice)}: {invoice.link}")
    parts += ["\n".join(_columns(*_line_text(line))) for line in invoice.lines]
    parts.append("\n".join(part for sums in _sums(invoice) for part in _columns(*sums)))
    parts.append(_closing(invoice))
    return "\n\n".join(parts) + "\n"


def _line_text(line: MailedLine) -> tuple[str, str]:
    return f"{line.description}\n  {_detail(line)}", full_text(line.amount_cents)


def _columns(left: str, right: str) -> Iterator[str]:
    """The text on the left, and the amount at the right end of its last line."""
    *above, last = left.split("\n")
    yield from above
    yield f"{last}  {right:>{max(0, _WIDTH - len(last) - 2)}}"


def _label(invoice: MailedInvoice) -> str:
    return "Pay now" if invoice.is_payable and not invoice.charged_on else "See invoice"


def _autopay(invoice: MailedInvoice) -> str:
    """That nobody has to pay it, and when it is charged; "" where it is the client's to pay."""
    if invoice.charged_on is None:
        return ""
    return (
        "Auto-pay is on: your saved payment method will be charged"
        f" {full_text(invoice.balance_cents)} on {long_day_text(invoice.charged_on)}. You need do"
        " nothing."
    )


def _closing(invoice: MailedInvoice) -> str:
    return f"Questions? Reply to this email: it reaches {invoice.sender} at {invoice.firm}."


def _html(invoice: MailedInvoice) -> str:
    """Everything typed by people is escaped; no script or picture is in it, and one address."""
    message = paper.paragraph(invoice.message) if invoice.message else ""
    *sums, due = _sums(invoice)
    rows = "".join(_html_sum(*each, style=LIGHT) for each in sums)
    rows += _html_sum(*due, style="font-weight:650")
    body = (
        f'{message}<h1 style="margin:0;{LIGHT};font-weight:400">Invoice {escape(invoice.number)}'
        f'</h1><p style="margin:0 0 16px;{LARGE}">{full_text(invoice.balance_cents)}'
        '<span style="font-size:15px;font-weight:400;color:#57534e"> due</span></p>'
        + paper.terms(dict(_facts(invoice)))
        + (paper.paragraph(said) if (said := _autopay(invoice)) else "")
        + paper.button(_label(invoice), invoice.link)
        + '<table style="border-collapse:collapse;width:100%"><tbody>'
        + "".join(_html_line(line) for line in invoice.lines)
        + '</tbody></table><table style="border-collapse:collapse;width:100%;'
        f'border-top:2px solid #1c1917;margin-top:4px"><tbody>{rows}</tbody></table>'
        f'<p style="margin:24px 0 0;{LIGHT}">{escape(_closing(invoice))}</p>'
    )
    return paper.page(title=subject(invoice), firm=invoice.firm, body=body)


def _html_line(line: MailedLine) -> str:
    return (
        f'<tr><td style="{_CELL};overflow-wrap:anywhere">{escape(line.description)}'
        f'<br><span style="{LIGHT}">{escape(_detail(line))}</span></td>'
        f'<td style="{_CELL};{_NUMBER}">{full_text(line.amount_cents)}</td></tr>'
    )


def _html_sum(name: str, amount: str, *, style: str) -> str:
    return (
        f'<tr><th scope="row" style="padding:8px 0 0;text-align:left;font-weight:400;{style}">'
        f'{escape(name)}</th><td style="padding:8px 0 0;{_NUMBER};{style}">{amount}</td></tr>'
    )
