"""One invoice as its client sees it."""

import reflex as rx

from assure_app.billing.reading.portal_rows import PortalLine
from assure_app.components.plain import PlainLink
from assure_app.components.portal.pay import news, pay_part
from assure_app.components.portal.rows import badge, money_list
from assure_app.states.portal.frame import Frame
from assure_app.states.portal.invoice import InvoicePage

_invoice = InvoicePage.invoice


def invoice_page() -> rx.Component:
    """What is owed and how to pay it, then the invoice itself."""
    return rx.fragment(news(), _backfill(), _hero(), _lines(), _history())


def _backfill() -> rx.Component:
    """Whoever saved a first method while paying is led to the question about the others (R114)."""
    return rx.cond(
        InvoicePage.backfill != "",
        rx.el.div(
            rx.el.span(InvoicePage.backfill),
            rx.el.a("See the list", href=Frame.frame.home_href, class_name="btn sm push"),
            class_name="notice",
        ),
    )


def _hero() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h1("Invoice " + _invoice.number),
            badge(_invoice.standing),
            class_name="row between",
        ),
        rx.cond(
            _invoice.owes,
            rx.fragment(
                rx.el.p(_invoice.balance, class_name="sum-total"),
                rx.el.p(
                    "Due " + _invoice.due,
                    rx.el.span(
                        " · " + _invoice.when, class_name=rx.cond(_invoice.is_late, "late", "")
                    ),
                    class_name="meta",
                ),
            ),
            rx.el.p(_settled(), class_name="settled"),
        ),
        rx.cond(
            (_invoice.pending != "") & _invoice.owes,
            rx.el.p(
                rx.icon("hourglass", size=14, aria_hidden="true"),
                _invoice.pending + " is being processed and not asked for again.",
                class_name="on-its-way",
            ),
        ),
        rx.cond(
            _invoice.autopay != "",
            rx.el.p(
                rx.icon("repeat", size=14, aria_hidden="true"),
                rx.el.span(_invoice.autopay),
                class_name="on-its-way",
            ),
        ),
        pay_part(),
        class_name="hero",
        aria_label="Balance",
    )


def _settled() -> rx.Var[str]:
    return rx.match(
        _invoice.standing,
        # Whoever just paid has been thanked above.
        (
            "Paid",
            rx.cond(
                InvoicePage.outcome == "paid",
                "This invoice is paid.",
                "This invoice is paid. Thank you.",
            ),
        ),
        ("Cancelled", "This invoice was cancelled. There is nothing to pay."),
        (
            "Processing",
            # Whoever just comes back has read above how long it takes.
            rx.cond(
                InvoicePage.outcome == "pending",
                "There is nothing more to do.",
                _invoice.pending + " is being processed. A bank payment takes 1–3 business days;"
                " there is nothing more to do.",
            ),
        ),
        "",
    )


def _lines() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2("What it is for"),
            PlainLink.create(
                rx.icon("file_down", size=14, aria_hidden="true"),
                "Invoice PDF",
                href=_invoice.pdf_href,
                class_name="btn lite sm",
            ),
            class_name="row between with-paper",
        ),
        rx.el.div(
            rx.el.dl(
                _fact("From", Frame.frame.firm),
                _fact("Billed to", _invoice.client),
                _fact("Date", _invoice.issued),
                _fact("Due", _invoice.due),
                rx.cond(_invoice.title != "", _fact("For", _invoice.title, class_name="wide")),
                class_name="portal-facts",
            ),
            rx.el.ul(rx.foreach(_invoice.lines, _line), class_name="portal-lines"),
            rx.el.dl(
                rx.cond(
                    _invoice.tax != "",
                    rx.fragment(_sum("Subtotal", _invoice.subtotal), _sum("Tax", _invoice.tax)),
                ),
                _sum("Total", _invoice.total),
                rx.cond(_invoice.paid != "", _sum("Paid", _invoice.paid)),
                rx.cond(_invoice.pending != "", _sum("Processing", "−" + _invoice.pending)),
                _sum("Balance due", _invoice.balance),
                class_name="portal-sums",
            ),
            class_name="card portal-invoice",
        ),
    )


def _fact(name: str, value: rx.Var[str], *, class_name: str = "") -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value), class_name=class_name)


def _sum(name: str, value: rx.Var[str]) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value, class_name="num"))


def _line(line: rx.Var[PortalLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(line.description, class_name="name"),
        rx.el.span(line.amount, class_name="num"),
        rx.el.span(line.detail, class_name="meta"),
    )


def _history() -> rx.Component:
    return rx.cond(
        _invoice.history.length() > 0,
        rx.el.section(
            rx.el.h2("Payments"),
            money_list(_invoice.history, names_invoice=False),
        ),
    )
