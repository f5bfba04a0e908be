"""The pages of the invoice form: `/invoices/new`, and `/invoices/edit?invoice=INV-…`."""

import reflex as rx

from assure_app.components.invoice_editor import invoice_editor
from assure_app.components.shell import shell
from assure_app.states.invoice_editor import InvoiceEditor
from assure_app.states.shell import Shell


def add_to(app: rx.App) -> None:
    """Give the application both pages; they differ in what they open with."""
    on_load = [Shell.load_frame, InvoiceEditor.load]
    for route, page, title in (
        ("/invoices/new", new_invoice, "New invoice"),
        ("/invoices/edit", edit_invoice, "Edit invoice"),
    ):
        app.add_page(page, route=route, title=f"{title} · Assure Pro", on_load=on_load)


def new_invoice() -> rx.Component:
    """The form of a new invoice."""
    return _page("New invoice")


def edit_invoice() -> rx.Component:
    """The form of the invoice that the address names."""
    number = InvoiceEditor.start.number
    return _page(rx.cond(number != "", "Edit " + number, "Edit invoice"))


def _page(heading: rx.Var[str] | str) -> rx.Component:
    return shell(
        rx.el.div(rx.el.h1(heading), class_name="page-head editor-head"),
        invoice_editor(),
        current="Invoices",
    )
