"""The portal's page of one invoice, where an email's Pay now leads (R039, R054)."""

import reflex as rx

from assure_app.auth.portal_guard import PAY_PATH
from assure_app.components.portal.frame import portal_frame
from assure_app.components.portal.invoice import invoice_page
from assure_app.states.portal.frame import Frame
from assure_app.states.portal.invoice import InvoicePage

TITLE = "Invoice"


def add_to(app: rx.App) -> None:
    """Give the application the page of an invoice."""
    app.add_page(
        portal_invoice, route=f"{PAY_PATH}/[pay_token]", title=TITLE, on_load=InvoicePage.load
    )


def portal_invoice() -> rx.Component:
    """The invoice; that there is none; or, until it is read, its outline."""
    return portal_frame(
        rx.cond(
            InvoicePage.problem != "",
            _missing(),
            rx.cond(
                InvoicePage.invoice.number != "",
                invoice_page(),
                rx.el.div(class_name="hero outline", aria_hidden="true"),
            ),
        )
    )


def _missing() -> rx.Component:
    return rx.el.div(
        rx.el.span(rx.icon("file_question", size=20, aria_hidden="true"), class_name="emblem"),
        rx.el.h1("Page not found"),
        rx.el.p(
            "There is no such invoice for you. Perhaps it went to another email than the one you"
            " signed in with."
        ),
        rx.el.a("Your invoices", href=Frame.frame.home_href, class_name="btn"),
        class_name="card empty",
    )
