"""The invoices page: `/invoices`, with one invoice open at `?invoice=INV-…`."""

import reflex as rx

from assure_app.components.autopay_notice import autopay_dialog
from assure_app.components.bulk_send import bulk_send_dialog
from assure_app.components.cancel_invoice import cancel_invoice_dialog
from assure_app.components.invoice_drawer import invoice_drawer
from assure_app.components.invoice_list import invoice_list
from assure_app.components.keys import keys_dialog
from assure_app.components.list_toolbar import page_head
from assure_app.components.mark_paid import mark_paid_dialog
from assure_app.components.record_payment import record_payment_dialog
from assure_app.components.refund import refund_dialog
from assure_app.components.refund_requests import refund_request_dialogs, refunds_notice
from assure_app.components.remind import remind_dialog
from assure_app.components.send_invoice import send_invoice_dialog
from assure_app.components.shell import shell
from assure_app.components.stripe_notice import stripe_notice
from assure_app.components.why import why_dialog
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.shell import Shell

TITLE = "Invoices · Assure Pro"


def add_to(app: rx.App) -> None:
    """Give the application its invoices page, which is also its front page."""
    for route in ("/invoices", "/"):
        app.add_page(invoices, route=route, title=TITLE, on_load=Shell.load)


def invoices() -> rx.Component:
    """The list and the drawer, or one sentence for who may not see billing (R137)."""
    return shell(
        page_head(),
        stripe_notice(),
        refunds_notice(),
        rx.cond((Shell.desk.firm != "") & ~Shell.desk.views_billing, _no_billing(), invoice_list()),
        invoice_drawer(),
        send_invoice_dialog(),
        record_payment_dialog(),
        mark_paid_dialog(),
        remind_dialog(),
        autopay_dialog(),
        refund_dialog(),
        refund_request_dialogs(),
        cancel_invoice_dialog(),
        bulk_send_dialog(),
        why_dialog(),
        keys_dialog(),
        rx.el.button(
            type="button",
            hidden=True,
            on_click=InvoiceDrawer.load,
            custom_attrs={"data-revisit": "invoices"},
        ),
        current="Invoices",
    )


def _no_billing() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Billing is not open to you"),
        rx.el.p("You need “View billing” to see invoices. Ask an owner or admin of your firm."),
        class_name="card empty",
    )
