"""The invoice list: tiles, toolbar, table, pages, and what stands there when it is empty."""

import reflex as rx

from assure_app.billing.reading.rows import InvoiceRow, TileFigure
from assure_app.components.badges import money_chips, status_badge
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.shell import Shell

_TILE_HINTS = {"Drafts": "not sent yet", "Failed": "auto-pay declined"}
_SKELETON_ROWS = 8


def invoice_list() -> rx.Component:
    """Everything below the heading."""
    # When nothing could be read, nothing can be said of how many invoices there are.
    is_unknown = (InvoiceList.problem != "") & (InvoiceList.page.total == 0)
    return rx.fragment(
        _tiles(),
        _toolbar(),
        rx.cond(
            InvoiceList.problem != "",
            rx.el.div(
                rx.el.span(InvoiceList.problem),
                rx.el.button(
                    "Clear filters",
                    type="button",
                    class_name="btn sm",
                    on_click=InvoiceList.clear,
                ),
                class_name="notice bad",
                role="alert",
            ),
        ),
        rx.cond(is_unknown, rx.fragment(), rx.el.div(_rows(), class_name="card")),
        _pager(),
    )


def _rows() -> rx.Component:
    is_empty = InvoiceList.is_loaded & (InvoiceList.page.rows.length() == 0)
    return rx.cond(is_empty, _empty(), _table())


def _tiles() -> rx.Component:
    loaded = rx.foreach(InvoiceList.page.tiles, _tile)
    waiting = rx.fragment(
        *(
            rx.el.div(
                rx.el.span(rx.el.i(class_name=f"dot {name}"), name, class_name="name"),
                class_name="tile",
            )
            for name in ("Drafts", "Awaiting", "Overdue", "Failed")
        )
    )
    return rx.el.div(
        rx.cond(InvoiceList.page.tiles.length() > 0, loaded, waiting),
        class_name="tiles",
        role="group",
        aria_label="Filter by state",
    )


def _tile(tile: rx.Var[TileFigure]) -> rx.Component:
    hint = rx.match(tile.name, *_TILE_HINTS.items(), tile.open_balance + " open")
    return rx.el.button(
        rx.el.span(
            rx.el.i(class_name="dot " + tile.name, aria_hidden="true"), tile.name, class_name="name"
        ),
        rx.el.b(tile.count),
        rx.el.em(hint),
        type="button",
        class_name="tile",
        aria_pressed=rx.cond(InvoiceList.tile == tile.name, "true", "false"),
        on_click=InvoiceList.filter_by_tile(tile.name),
    )


def _toolbar() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.input(
                id="search",
                type="search",
                aria_label="Search",
                placeholder="Search number, client, reference",
                default_value=InvoiceList.search,
                key=InvoiceList.searches.to(str),
                on_change=lambda text: InvoiceList.search_for(text).debounce(150),
                auto_complete="off",
                spell_check=False,
            ),
            rx.el.kbd("/", aria_hidden="true"),
            class_name="search",
            role="search",
        ),
        rx.cond(
            InvoiceList.client_id > 0,
            rx.el.button(
                "Client: ",
                rx.cond(
                    InvoiceList.page.client_name != "", InvoiceList.page.client_name, "unknown"
                ),
                rx.icon("x", size=14, aria_hidden="true"),
                type="button",
                class_name="chip",
                title="Show every client",
                on_click=InvoiceList.filter_by_client(0),
            ),
        ),
        rx.el.span(
            rx.cond(
                InvoiceList.is_loaded,
                InvoiceList.page.matching.to(str) + " of " + InvoiceList.page.total.to(str),
                "",
            ),
            class_name="count",
            role="status",
        ),
        class_name="toolbar",
    )


def _table() -> rx.Component:
    return rx.el.table(
        rx.el.caption("Invoices", class_name="visually-hidden"),
        rx.el.thead(
            rx.el.tr(
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
        class_name="list",
        aria_busy=rx.cond(InvoiceList.is_loaded, "false", "true"),
    )


def _header(label: str, column: str, *, class_name: str = "") -> rx.Component:
    is_sorted = InvoiceList.sort == column
    arrow = rx.cond(is_sorted, rx.cond(InvoiceList.descending, " ↓", " ↑"), "")
    return rx.el.th(
        rx.el.button(
            label,
            rx.el.span(arrow, aria_hidden="true"),
            type="button",
            on_click=InvoiceList.sort_by(column),
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
        rx.el.td(
            rx.el.a(row.number, href=row.href, on_click=rx.prevent_default),
            class_name="number",
        ),
        rx.el.td(
            rx.el.button(
                row.client,
                type="button",
                title="Show this client only",
                on_click=InvoiceList.filter_by_client(row.client_id).stop_propagation,
            ),
            class_name="client",
        ),
        rx.el.td(row.issued, class_name="dim issued"),
        rx.el.td(
            row.due,
            rx.cond(row.is_late, rx.el.span(" (late)", class_name="visually-hidden")),
            class_name=rx.cond(row.is_late, "due late", "due"),
        ),
        rx.el.td(row.total, class_name="num total"),
        rx.el.td(
            rx.el.span(
                status_badge(row.status),
                money_chips(pending=row.pending, overpaid=row.overpaid),
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


def _skeleton_row() -> rx.Component:
    names = ("number", "client", "issued", "due", "num total", "status", "num balance")
    return rx.el.tr(*(rx.el.td(class_name=name) for name in names), class_name="skeleton")


def _empty() -> rx.Component:
    return rx.cond(
        InvoiceList.page.total == 0,
        rx.el.div(
            rx.el.h2("No invoices yet"),
            rx.el.p(
                "An admin brings yours over from a CSV file with ",
                rx.el.code('assure import invoices.csv --firm "' + Shell.desk.firm + '"'),
                ".",
            ),
            class_name="empty",
        ),
        rx.el.div(
            rx.el.h2("Nothing matches"),
            rx.el.p("No invoice fits the filters and the search."),
            rx.el.button(
                "Clear filters",
                type="button",
                class_name="btn",
                on_click=InvoiceList.clear,
            ),
            class_name="empty",
        ),
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
        rx.el.button(label, type="button", class_name="btn sm", on_click=InvoiceList.go_to(cursor)),
    )
