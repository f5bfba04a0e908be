"""What can be done with the open invoice: hidden when its status does not have it, off with the
reason when it cannot be done now or not by this person (R032, R038, R130, R141)."""

from typing import Any

import reflex as rx

from assure_app.components.plain import PlainLink
from assure_app.states.cancel_dialog import CancelDialog
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.mark_paid_dialog import MarkPaidDialog
from assure_app.states.payment_dialog import PaymentDialog
from assure_app.states.send_dialog import SendDialog

_invoice = InvoiceDrawer.invoice


def drawer_actions() -> rx.Component:
    """The drawer's footer; empty it takes no room."""
    return rx.el.footer(
        _send(),
        _record_payment(),
        _mark_paid(),
        _edit(),
        _send_again(),
        _pdf(),
        _repeat(),
        _cancel(),
        rx.el.p(_first_block(), class_name="block"),
    )


def _send() -> rx.Component:
    return _act(
        "Send",
        can=_invoice.can_send,
        block=_invoice.send_block,
        class_name="btn pri",
        on_click=SendDialog.open(_invoice.number),
        custom_attrs={"data-reopens": "send-invoice"},
    )


def _send_again() -> rx.Component:
    return _act(
        "Send again",
        can=_invoice.can_send_again,
        block="",
        on_click=SendDialog.open(_invoice.number),
        custom_attrs={"data-reopens": "send-invoice"},
    )


def _record_payment() -> rx.Component:
    return _act(
        "Record payment",
        rx.el.kbd("P", aria_hidden="true"),
        can=_invoice.can_record,
        block=_invoice.record_block,
        class_name="btn pri",
        on_click=PaymentDialog.open(_invoice.number),
        custom_attrs={"data-record-payment": "", "data-reopens": "record-payment"},
    )


def _mark_paid() -> rx.Component:
    return _act(
        "Mark paid",
        can=_invoice.can_mark_paid,
        block=_invoice.record_block,
        on_click=MarkPaidDialog.open(_invoice.number),
        custom_attrs={"data-reopens": "mark-paid"},
    )


def _cancel() -> rx.Component:
    return _act(
        "Cancel invoice",
        can=_invoice.can_cancel,
        block=_invoice.cancel_block,
        class_name="btn lite push",
        on_click=CancelDialog.open(_invoice.number),
        custom_attrs={"data-reopens": "cancel-invoice"},
    )


def _edit() -> rx.Component:
    return _page(
        "Edit",
        href=_invoice.edit_href,
        can=_invoice.can_edit,
        block=_invoice.edit_block,
        class_name="btn",
    )


def _repeat() -> rx.Component:
    return _page(
        rx.icon("repeat", size=14, aria_hidden="true"),
        "Make recurring",
        href=_invoice.repeat_href,
        can=_invoice.can_repeat,
        block=_invoice.repeat_block,
        class_name="btn lite",
    )


def _pdf() -> rx.Component:
    link: rx.Component = PlainLink.create(
        rx.icon("file_down", size=14, aria_hidden="true"),
        "Invoice PDF",
        href=_invoice.pdf_href,
        class_name="btn lite",
    )
    return rx.cond(_invoice.pdf_href != "", link)


def _page(
    *label: rx.Component | str,
    href: rx.Var[str],
    can: rx.Var[bool],
    block: rx.Var[str],
    class_name: str,
) -> rx.Component:
    """An act that has a page of its own."""
    return rx.cond(
        can,
        rx.el.a(*label, href=href, class_name=class_name),
        _act(*label, can=can, block=block, class_name=class_name),
    )


def _act(
    *label: rx.Component | str,
    can: rx.Var[bool],
    block: rx.Var[str],
    class_name: str = "btn",
    **attributes: Any,
) -> rx.Component:
    # A button that is off keeps its place in the tab order, so that its reason can be read.
    return rx.cond(
        can | (block != ""),
        rx.el.button(
            *label,
            type="button",
            class_name=class_name,
            aria_disabled=rx.cond(can, "false", "true"),
            aria_description=block,
            title=block,
            **attributes,
        ),
    )


def _first_block() -> rx.Var[str]:
    """One reason is enough to read; each button has its own."""
    money = rx.cond(_invoice.record_block != "", _invoice.record_block, _invoice.cancel_block)
    return rx.cond(_invoice.send_block != "", _invoice.send_block, money)
