"""Paying: all of the balance or a part of it, with the exact charge on the button (R047, R142)."""

import reflex as rx

from assure_app.states.portal.invoice import InvoicePage

_invoice = InvoicePage.invoice


def pay_part() -> rx.Component:
    """Why this cannot be paid here, where there is something to say."""
    return rx.cond(
        _invoice.pay_block != "", rx.el.p(_invoice.pay_block, class_name="warning pay-block")
    )
