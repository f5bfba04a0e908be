"""Above the invoice table: the page's head, the tiles, the search, the filters and the count."""

from typing import Any

import reflex as rx

from assure_app.billing.reading.rows import TileFigure
from assure_app.components import fields
from assure_app.components.plain import PlainLink
from assure_app.components.why import with_why
from assure_app.domain.invoice_status import Status, Tile
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.list_filters import ListFilters
from assure_app.states.shell import Shell

_TILE_HINTS = {Tile.DRAFTS.value: "not sent yet", Tile.FAILED.value: "auto-pay declined"}
_SEARCH_PAUSE_MILLISECONDS = 150
_DAY_PAUSE_MILLISECONDS = 300
_FOLDED = "filters"


def page_head() -> rx.Component:
    """The heading, and what can be begun from here by who may."""
    begins = (
        _head_link("Import", "upload", rx.el.a, href="/invoices/import"),
        _head_link("New invoice", "plus", rx.el.a, href="/invoices/new", class_name="btn pri"),
    )
    files = rx.fragment(
        _file_link("Export CSV", "download", InvoiceList.export_address),
        _file_link("Payments CSV", "coins", InvoiceList.payments_address),
    )
    return rx.el.div(
        rx.el.h1("Invoices"),
        rx.el.div(
            rx.cond(Shell.desk.views_billing, files),
            rx.cond(Shell.desk.edits_billing, rx.fragment(*begins)),
            class_name="row push",
        ),
        class_name="page-head",
    )


def _file_link(label: str, icon: str, href: rx.Var[str]) -> Any:
    named = {"download": True}
    return _head_link(label, icon, PlainLink.create, href=href, custom_attrs=named)


def _head_link(label: str, icon: str, link: Any, *, class_name: str = "btn", **more: Any) -> Any:
    return link(
        rx.icon(icon, size=16, aria_hidden="true"),
        rx.el.span(label, class_name="label"),
        class_name=class_name,
        **more,
    )


def tiles() -> rx.Component:
    """The four figures, each a filter (R072)."""
    waiting = rx.fragment(
        *(
            rx.el.div(
                rx.el.span(rx.el.i(class_name=f"dot {name}"), name, class_name="name"),
                class_name="tile",
            )
            for name in (tile.value for tile in Tile)
        )
    )
    return rx.el.div(
        rx.cond(
            InvoiceList.page.tiles.length() > 0,
            rx.foreach(InvoiceList.page.tiles, lambda tile: with_why(_tile(tile), tile.name)),
            waiting,
        ),
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
        rx.el.b(rx.Var(f"{tile.count!s}.toLocaleString('en-US')")),
        rx.el.em(hint),
        type="button",
        class_name="tile",
        aria_pressed=rx.cond(InvoiceList.tile == tile.name, "true", "false"),
        on_click=ListFilters.filter_by_tile(tile.name),
    )


def toolbar() -> rx.Component:
    """Search and filters; on a narrow screen the filters fold into a sheet of their own."""
    return rx.fragment(
        rx.el.div(
            _search(),
            _unfold(),
            _filters(),
            _client(),
            _clear(),
            rx.el.span(
                rx.cond(InvoiceList.is_loaded, InvoiceList.count, ""),
                class_name="count",
                role="status",
            ),
            class_name="toolbar",
        ),
        _told("bad", InvoiceList.problems["search"], role="alert"),
        _told("bad", InvoiceList.problems["form"], role="alert"),
        _told("", InvoiceList.page.notice, role="status"),
    )


def _told(class_name: str, sentence: rx.Var[str], *, role: str) -> rx.Component:
    told = rx.el.p(sentence, class_name=f"notice {class_name}".strip(), role=role)
    return rx.cond(sentence != "", told)


def _search() -> rx.Component:
    return rx.el.div(
        rx.icon("search", size=16, aria_hidden="true"),
        rx.el.input(
            id="search",
            type="search",
            aria_label="Search",
            placeholder="Search number, client, reference",
            default_value=InvoiceList.search,
            key=InvoiceList.fills.to(str),
            on_change=lambda text: ListFilters.search_for(text).debounce(
                _SEARCH_PAUSE_MILLISECONDS
            ),
            auto_complete="off",
            spell_check=False,
        ),
        rx.el.kbd("/", aria_hidden="true"),
        class_name="search",
        role="search",
    )


def _unfold() -> rx.Component:
    set_count = InvoiceList.folded_filters
    return rx.el.button(
        rx.icon("sliders_horizontal", size=16, aria_hidden="true"),
        "Filters",
        rx.cond(set_count > 0, rx.el.span(set_count.to(str), class_name="tally")),
        type="button",
        class_name="btn unfold",
        custom_attrs={"popoverTarget": _FOLDED},
    )


def _filters() -> rx.Component:
    return rx.el.div(
        _status(),
        _day("From", "from", InvoiceList.issued_from, ListFilters.filter_from),
        _day("To", "to", InvoiceList.issued_to, ListFilters.filter_to),
        rx.el.button(
            "Done",
            type="button",
            class_name="btn pri fold",
            custom_attrs={"popoverTarget": _FOLDED},
        ),
        id=_FOLDED,
        class_name="filters",
        role="group",
        aria_label="Filters",
        custom_attrs={"popover": "auto"},
    )


def _status() -> rx.Component:
    names = [status.value for status in Status]
    return rx.el.div(
        rx.el.label("Status", html_for="filter-status"),
        rx.el.select(
            rx.el.option("All statuses", value=""),
            *(rx.el.option(name, value=name) for name in names),
            id="filter-status",
            class_name="in",
            default_value=InvoiceList.status,
            key=InvoiceList.fills.to(str),
            on_change=ListFilters.filter_by_status,
        ),
        class_name="filter",
    )


def _day(label: str, name: str, value: rx.Var[str], narrow: Any) -> rx.Component:
    problem = InvoiceList.problems[name]
    field_id = f"filter-{name}"
    return rx.el.div(
        rx.el.label(label, html_for=field_id),
        rx.el.input(
            id=field_id,
            type="date",
            class_name="in",
            default_value=value,
            key=InvoiceList.fills.to(str),
            on_change=lambda day: narrow(day).debounce(_DAY_PAUSE_MILLISECONDS),
            aria_invalid=rx.cond(problem != "", "true", "false"),
            aria_describedby=f"{field_id}-problem",
        ),
        fields.problem_text(field_id, problem),
        class_name="filter",
    )


def _client() -> rx.Component:
    name = rx.cond(InvoiceList.page.client_name != "", InvoiceList.page.client_name, "unknown")
    return rx.cond(
        InvoiceList.client_id > 0,
        rx.el.button(
            rx.el.span("Client: ", name),
            rx.icon("x", size=14, aria_hidden="true"),
            type="button",
            class_name="chip",
            title="Show every client",
            on_click=ListFilters.filter_by_client(0),
        ),
    )


def _clear() -> rx.Component:
    """Where nothing matches, the same button stands below instead."""
    return rx.cond(
        InvoiceList.is_filtered & (InvoiceList.page.matching > 0),
        rx.el.button(
            "Clear filters", type="button", class_name="btn lite sm", on_click=ListFilters.clear
        ),
    )
