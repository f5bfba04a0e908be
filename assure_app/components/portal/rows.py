"""Badges and rows of money that the portal's pages share."""

import reflex as rx

from assure_app.billing.reading.portal_rows import MoneyRow
from assure_app.components.plain import PlainLink

_ICONS = {
    "Due": "calendar",
    "Overdue": "clock",
    "Processing": "hourglass",
    "Paid": "check",
    "Refunded": "undo_2",
    "Returned": "undo_2",
    "Failed": "circle_alert",
    "Cancelled": "ban",
}


def badge(word: rx.Var[str]) -> rx.Component:
    """A shape and a word: nothing is told by colour alone (R145)."""
    shapes = [(name, rx.icon(icon, size=12, aria_hidden="true")) for name, icon in _ICONS.items()]
    return rx.el.span(
        rx.match(word, *shapes, rx.fragment()), word, class_name="badge " + word.to(str)
    )


def money_list(rows: rx.Var[tuple[MoneyRow, ...]], *, names_invoice: bool) -> rx.Component:
    """Payments, newest first; on the first page each names its invoice."""
    show = _with_invoice if names_invoice else _alone
    return rx.el.ul(rx.foreach(rows, show), class_name="card money-rows")


def _with_invoice(row: rx.Var[MoneyRow]) -> rx.Component:
    return rx.el.li(
        rx.el.a(row.number, href=row.href, class_name="name"),
        rx.el.span(row.day + " · " + row.method, class_name="meta"),
        rx.el.span(row.amount, class_name="num amount"),
        badge(row.state),
        key=row.key,
    )


def _alone(row: rx.Var[MoneyRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(row.what, class_name="name"),
        rx.el.span(
            row.day + " · " + row.method,
            rx.cond(
                row.receipt_href != "",
                rx.fragment(" · ", PlainLink.create("Receipt", href=row.receipt_href)),
            ),
            class_name="meta",
        ),
        rx.el.span(row.amount, class_name="num amount"),
        badge(row.state),
        key=row.key,
    )
