"""At the top of the drawer: what a payer's bank did, and what to do about it now (R066)."""

from typing import Any

import reflex as rx

from assure_app.billing.reading.rows import BankNotice
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.payment_dialog import PaymentDialog
from assure_app.states.send_dialog import SendDialog

_invoice = InvoiceDrawer.invoice


def bank_notices() -> rx.Component:
    """One box for each thing; nothing when there is none."""
    return rx.cond(
        _invoice.notices.length() > 0,
        rx.el.section(
            rx.foreach(_invoice.notices, _notice), aria_label="From the bank", class_name="bank"
        ),
    )


def _notice(notice: rx.Var[BankNotice]) -> rx.Component:
    return rx.el.div(
        rx.icon("landmark", size=16, aria_hidden="true"),
        rx.el.div(
            rx.el.h3(notice.heading),
            rx.el.p(notice.text),
            rx.cond(notice.kind == "taken", _steps(notice)),
        ),
        key=notice.id.to(str),
        class_name="bank-notice " + notice.kind,
    )


def _steps(notice: rx.Var[BankNotice]) -> rx.Component:
    """What to do, each with the button that does it, as the drawer's footer has it."""
    return rx.el.ol(
        rx.el.li(notice.tell),
        rx.el.li(
            rx.el.span(notice.send),
            _button(
                "Send again",
                can=_invoice.can_send_again,
                on_click=SendDialog.open(_invoice.number),
                custom_attrs={"data-reopens": "send-invoice"},
            ),
        ),
        rx.el.li(
            rx.el.span(notice.record),
            _button(
                "Record payment",
                can=_invoice.can_record,
                on_click=PaymentDialog.open(_invoice.number),
                custom_attrs={"data-reopens": "record-payment"},
            ),
        ),
    )


def _button(label: str, *, can: rx.Var[bool], **attributes: Any) -> rx.Component:
    """A second way to a button of the footer, so it is told apart from that by its name."""
    return rx.cond(
        can,
        rx.el.button(
            label,
            type="button",
            class_name="btn sm",
            aria_label=f"{label}, as a next step",
            **attributes,
        ),
    )
