"""In the drawer: what auto-pay does next with the open invoice, and what can be done about it."""

from typing import Any

import reflex as rx

from assure_app.components import fields
from assure_app.states.autopay_dialog import DIALOG, AutopayDialog
from assure_app.states.invoice_drawer import InvoiceDrawer

_notice = InvoiceDrawer.invoice.autopay
_number = InvoiceDrawer.invoice.number
_start = AutopayDialog.start


def autopay_notice() -> rx.Component:
    """A box with one fact and its acts; nothing where auto-pay has nothing to do."""
    return rx.cond(
        _notice.heading != "",
        rx.el.section(
            rx.cond(
                _notice.kind == "failed",
                rx.icon("circle_alert", size=16, aria_hidden="true"),
                rx.icon("repeat", size=16, aria_hidden="true"),
            ),
            rx.el.div(
                rx.el.h3(_notice.heading),
                rx.cond(_notice.text != "", rx.el.p(_notice.text)),
                rx.el.div(
                    _button(_notice.try_label, "try", can=_notice.can_try),
                    _button("Stop auto-pay", "stop", can=_notice.can_stop),
                    _button("Resume auto-pay", "go on", can=_notice.can_go_on),
                    class_name="acts",
                ),
            ),
            aria_label="Auto-pay",
            class_name="autopay-notice " + _notice.kind,
        ),
    )


def autopay_dialog() -> rx.Component:
    """The question before it is done."""
    return fields.modal(
        DIALOG, rx.cond(_start.button != "", _form()), on_close=AutopayDialog.closed
    )


def _button(label: rx.Var[str] | str, act: str, *, can: rx.Var[bool]) -> rx.Component:
    attributes: dict[str, Any] = {"custom_attrs": {"data-reopens": DIALOG}}
    return rx.cond(
        can,
        rx.el.button(
            label,
            type="button",
            class_name="btn sm",
            on_click=AutopayDialog.open(_number, act),
            **attributes,
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        fields.dialog_head(DIALOG, _start.title, _start.number + " · " + _start.client),
        rx.el.p(_start.sentence),
        fields.problem_text("autopay-form", AutopayDialog.problem),
        fields.dialog_buttons(_start.button, class_name="pri", busy="One moment…"),
        key=_start.number + _start.button + _start.tries.to(str),
        class_name="dialog-body",
        no_validate=True,
        on_submit=AutopayDialog.submit(fields.typed_in(DIALOG)),
    )
