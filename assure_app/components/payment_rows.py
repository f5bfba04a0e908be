"""The Payments section: one row for each ledger row, newest first (R013, R029)."""

import reflex as rx

from assure_app.billing.reading.rows import PaymentRow
from assure_app.components.badges import flag_chip
from assure_app.components.plain import PlainLink
from assure_app.components.refund_requests import request_line
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.refund_dialog import RefundDialog

_ICONS = {
    "Card": "credit_card",
    "ACH": "landmark",
    "Cash": "banknote",
    "Check": "scroll_text",
    "Wire": "arrow_left_right",
}


def payments_section() -> rx.Component:
    """Every row of the ledger, or a sentence when there is none."""
    rows = InvoiceDrawer.invoice.payments
    return rx.el.section(
        rx.el.h3("Payments"),
        rx.cond(
            rows.length() > 0,
            rx.el.ol(rx.foreach(rows, _row)),
            rx.el.p("No payment yet.", class_name="quiet"),
        ),
        aria_label="Payments",
    )


def _row(row: rx.Var[PaymentRow]) -> rx.Component:
    return rx.el.li(
        _icon(row),
        rx.el.div(row.title, " ", flag_chip(row.flag), class_name="title"),
        rx.el.b(row.amount, class_name="num amount"),
        _facts(row),
        _refund_button(row),
        request_line(row),
        rx.cond(
            row.notes != "",
            rx.el.p(
                rx.el.span("Internal note: ", class_name="quiet"), row.notes, class_name="notes"
            ),
        ),
        key=row.id.to(str),
        id="payment-" + row.id.to(str),
        tab_index=-1,
        class_name="pay " + row.status,
    )


def _icon(row: rx.Var[PaymentRow]) -> rx.Component:
    shapes = [(name, rx.icon(icon, size=16, aria_hidden="true")) for name, icon in _ICONS.items()]
    return rx.cond(
        row.kind == "payment",
        rx.match(row.method, *shapes, rx.icon("coins", size=16, aria_hidden="true")),
        rx.icon("undo_2", size=16, aria_hidden="true"),
    )


def _facts(row: rx.Var[PaymentRow]) -> rx.Component:
    return rx.el.div(
        rx.el.span(row.status, class_name="state"),
        rx.cond(row.refunded != "", " · " + row.refunded, ""),
        rx.cond(row.taken_back != "", " · " + row.taken_back, ""),
        " · " + row.paid_by,
        " · ",
        rx.el.span("created " + row.created, class_name="nowrap"),
        rx.cond(
            row.completed != "",
            rx.fragment(" · ", rx.el.span("completed " + row.completed, class_name="nowrap")),
        ),
        rx.cond(row.fee != "", " · fee " + row.fee + " · net " + row.net, ""),
        rx.cond(row.failure != "", " · " + row.failure, ""),
        rx.cond(
            row.links_to != "",
            rx.fragment(
                " · ",
                PlainLink.create(
                    rx.cond(
                        row.kind != "payment",
                        "see payment",
                        rx.cond(row.refunded != "", "see refund", "see return"),
                    ),
                    href="#payment-" + row.links_to_id.to(str),
                    title=row.links_to,
                ),
            ),
        ),
        _paper_link(rx.cond(row.kind == "payment", "Receipt", "Refund receipt"), row.receipt_href),
        _paper_link("Stripe receipt", row.stripe_receipt_href, target="_blank", rel="noopener"),
        rx.cond(row.certainty != "", rx.el.div(row.certainty)),
        rx.cond(row.progress != "", rx.el.div(row.progress)),
        rx.cond(
            (row.refund_block != "") & row.shows_refund,
            rx.el.div(
                rx.cond(row.status == "Pending", "Refund: ", ""),
                row.refund_block,
                id="refund-block-" + row.id.to(str),
            ),
        ),
        class_name="meta",
    )


def _paper_link(label: rx.Var[str] | str, href: rx.Var[str], **more: str) -> rx.Component:
    link = PlainLink.create(label, href=href, custom_attrs=more)
    return rx.cond(href != "", rx.fragment(" · ", link))


def _refund_button(row: rx.Var[PaymentRow]) -> rx.Component:
    return rx.cond(
        row.shows_refund & (row.status == "Completed"),
        rx.el.button(
            "Refund",
            type="button",
            class_name="btn sm act",
            aria_disabled=rx.cond(row.is_refundable, "false", "true"),
            aria_describedby="refund-block-" + row.id.to(str),
            on_click=RefundDialog.open(row.id),
        ),
    )
