"""The invoice table: a tick, the columns of an invoice, and the shape of rows still to come."""

import reflex as rx

from assure_app.billing.reading.rows import InvoiceRow
from assure_app.components.badges import money_chips, status_badge, unsure_mark
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.list_filters import ListFilters
from assure_app.states.list_selection import ListSelection
from assure_app.states.shell import Shell

_SKELETON_ROWS = 8

# Until it is known who looks, the ticks keep their room, so that nothing moves for most of them.
_has_ticks = (Shell.desk.firm == "") | Shell.desk.edits_billing


def table() -> rx.Component:
    """The page's rows under headers that sort."""
    return rx.el.table(
        rx.el.caption("Invoices", class_name="visually-hidden"),
        rx.el.thead(
            rx.el.tr(
                rx.cond(_has_ticks, _tick_header()),
                _header("#", "number", class_name="h-number"),
                _header("Client", "client", class_name="h-client"),
                _header("Date", "date", class_name="h-issued"),
                _header("Due", "due", class_name="h-due"),
                _header("Total", "total", class_name="num h-total"),
                rx.el.th("Status", scope="col", class_name="h-status"),
                _header("Balance", "balance", class_name="num h-balance"),
            )
        ),
        rx.el.tbody(
            rx.cond(
                InvoiceList.is_loaded,
                rx.foreach(InvoiceList.page.rows, _row),
                rx.fragment(*(_skeleton_row() for _ in range(_SKELETON_ROWS))),
            )
        ),
        class_name=rx.cond(_has_ticks, "list has-ticks", "list"),
        aria_busy=rx.cond(InvoiceList.is_loaded, "false", "true"),
    )


def _tick_header() -> rx.Component:
    return rx.el.th(
        rx.el.label(
            rx.el.input(
                id="select-page",
                type="checkbox",
                aria_label="Select all on this page",
                default_checked=InvoiceList.is_page_selected,
                on_change=ListSelection.select_page,
            )
        ),
        scope="col",
        class_name="tick",
    )


def _header(label: str, column: str, *, class_name: str = "") -> rx.Component:
    is_sorted = InvoiceList.sort == column
    arrow = rx.cond(is_sorted, rx.cond(InvoiceList.descending, " ↓", " ↑"), "")
    return rx.el.th(
        rx.el.button(
            label,
            rx.el.span(arrow, aria_hidden="true"),
            type="button",
            on_click=ListFilters.sort_by(column),
        ),
        scope="col",
        class_name=class_name,
        aria_sort=rx.cond(
            is_sorted, rx.cond(InvoiceList.descending, "descending", "ascending"), "none"
        ),
    )


def _row(row: rx.Var[InvoiceRow]) -> rx.Component:
    is_opened = InvoiceList.opened == row.number
    return rx.el.tr(
        rx.cond(_has_ticks, _tick(row)),
        rx.el.td(
            rx.el.a(row.number, href=row.href, on_click=rx.prevent_default),
            class_name="number",
        ),
        rx.el.td(
            rx.el.button(
                row.client,
                type="button",
                title="Show this client only",
                on_click=ListFilters.filter_by_client(row.client_id).stop_propagation,
            ),
            class_name="client",
        ),
        rx.el.td(row.issued, class_name="dim issued"),
        rx.el.td(
            row.due,
            rx.cond(
                row.is_late,
                rx.fragment(
                    rx.icon("triangle_alert", size=14, aria_hidden="true"),
                    rx.el.span(" (late)", class_name="visually-hidden"),
                ),
            ),
            class_name=rx.cond(row.is_late, "due late", "due"),
        ),
        rx.el.td(row.total, class_name="num total"),
        rx.el.td(
            rx.el.span(
                status_badge(row.status),
                unsure_mark(row.unsure),
                money_chips(flag=row.flag, pending=row.pending, overpaid=row.overpaid),
                class_name="row",
            ),
            class_name="status",
        ),
        rx.el.td(row.balance, class_name="num balance"),
        key=row.number,
        on_click=InvoiceDrawer.open(row.number),
        aria_selected=rx.cond(is_opened, "true", "false"),
        custom_attrs={"data-number": row.number},
    )


def _tick(row: rx.Var[InvoiceRow]) -> rx.Component:
    return rx.el.td(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                aria_label="Select " + row.number,
                default_checked=InvoiceList.selection.numbers.contains(row.number),
                on_change=lambda is_selected: ListSelection.select(row.number, is_selected),
            )
        ),
        class_name="tick",
        on_click=rx.stop_propagation,
    )


def _skeleton_row() -> rx.Component:
    names = ("number", "client", "issued", "due", "num total", "status", "num balance")
    return rx.el.tr(
        rx.cond(_has_ticks, rx.el.td(class_name="tick")),
        *(rx.el.td(class_name=name) for name in names),
        class_name="skeleton",
    )
