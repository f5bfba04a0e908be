"""The invoice list as a whole, and what stands there when there are no rows to show."""

import reflex as rx

from assure_app.components.bulk_send import selection_bar
from assure_app.components.list_table import table
from assure_app.components.list_toolbar import tiles, toolbar
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.list_filters import ListFilters
from assure_app.states.shell import Shell


def invoice_list() -> rx.Component:
    """Everything below the heading."""
    return rx.fragment(
        tiles(),
        toolbar(),
        selection_bar(),
        rx.el.div(rx.cond(InvoiceList.failure != "", _unread(), _rows()), class_name="card"),
        _pager(),
    )


def _rows() -> rx.Component:
    is_empty = InvoiceList.is_loaded & (InvoiceList.page.rows.length() == 0)
    nothing = rx.cond(InvoiceList.page.total == 0, _none_yet(), _nothing_matches())
    return rx.cond(is_empty, nothing, table())


def _none_yet() -> rx.Component:
    begin = rx.fragment(
        rx.el.p("Bill a client, or bring your invoices over from a CSV file."),
        rx.el.div(
            rx.el.a("New invoice", href="/invoices/new", class_name="btn pri"),
            rx.el.a("Import", href="/invoices/import", class_name="btn"),
            class_name="row",
        ),
    )
    return _instead(
        "receipt_text",
        rx.cond(Shell.desk.edits_billing, "Make your first invoice", "No invoices yet"),
        rx.cond(
            Shell.desk.edits_billing,
            begin,
            rx.el.p("Invoices show here once somebody of your firm made one."),
        ),
    )


def _nothing_matches() -> rx.Component:
    return _instead(
        "search_x",
        "Nothing matches",
        rx.el.p("No invoice fits the filters and the search."),
        rx.el.button("Clear filters", type="button", class_name="btn", on_click=ListFilters.clear),
    )


def _unread() -> rx.Component:
    """When nothing could be read, nothing can be said of how many invoices there are."""
    return rx.el.div(
        _instead(
            "cloud_off",
            "The list could not be read",
            rx.el.p(InvoiceList.failure),
            rx.el.button(
                "Try again", type="button", class_name="btn", on_click=ListFilters.try_again
            ),
        ),
        role="alert",
    )


def _instead(icon: str, heading: rx.Var[str] | str, *content: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.span(rx.icon(icon, size=24, aria_hidden="true"), class_name="emblem"),
        rx.el.h2(heading),
        *content,
        class_name="empty",
    )


def _pager() -> rx.Component:
    return rx.el.nav(
        _page_button("Previous page", InvoiceList.page.previous_cursor),
        _page_button("Next page", InvoiceList.page.next_cursor),
        class_name="pager",
        aria_label="Pages",
    )


def _page_button(label: str, cursor: rx.Var[str]) -> rx.Component:
    return rx.cond(
        cursor != "",
        rx.el.button(label, type="button", class_name="btn sm", on_click=ListFilters.go_to(cursor)),
    )
