"""The portal's first page: what is owed, on its way, paid, and saved to pay with (R142)."""

import reflex as rx

from assure_app.auth.portal_guard import START_PATH
from assure_app.billing.reading.portal_rows import ClosedInvoice, InvoiceCard
from assure_app.components.portal.backfill import backfill_card
from assure_app.components.portal.frame import portal_frame
from assure_app.components.portal.methods import saved_methods
from assure_app.components.portal.rows import badge, money_list
from assure_app.states.portal.frame import Frame
from assure_app.states.portal.home import Home

TITLE = "Your invoices"


def add_to(app: rx.App) -> None:
    """Give the application the portal's first page."""
    app.add_page(portal_home, route=START_PATH, title=TITLE, on_load=Home.load)


def portal_home() -> rx.Component:
    """The page; until it is read, its outline."""
    return portal_frame(
        rx.cond(
            Home.home.is_loaded,
            rx.fragment(
                backfill_card(),
                _hero(),
                _outstanding(),
                _processing(),
                _paid(),
                _closed(),
                _empty(),
                saved_methods(),
            ),
            rx.el.div(class_name="hero outline", aria_hidden="true"),
        )
    )


def _hero() -> rx.Component:
    home = Home.home
    return rx.el.section(
        rx.el.h1("Balance due", rx.el.span(" of " + Frame.frame.client, class_name="of")),
        rx.el.p(home.balance, class_name="sum-total"),
        rx.el.p(home.summary, class_name="meta"),
        rx.cond(
            home.pending != "",
            rx.el.p(
                rx.icon("hourglass", size=14, aria_hidden="true"),
                home.pending + " is being processed.",
                class_name="on-its-way",
            ),
        ),
        class_name="hero",
        aria_label="Balance",
    )


def _outstanding() -> rx.Component:
    return rx.cond(
        Home.home.outstanding.length() > 0,
        rx.el.section(
            rx.el.h2("Outstanding"),
            rx.el.ul(rx.foreach(Home.home.outstanding, _card), class_name="due-cards"),
            rx.cond(Home.home.more != "", rx.el.p(Home.home.more, class_name="quiet")),
        ),
    )


def _card(card: rx.Var[InvoiceCard]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.h3(rx.el.a(card.number, href=card.href)),
            badge(card.standing),
            class_name="row between",
        ),
        rx.cond(card.title != "", rx.el.p(card.title, class_name="title")),
        rx.el.div(
            rx.el.div(
                rx.el.b(card.balance, class_name="num"),
                rx.el.p(
                    "Due " + card.due,
                    rx.cond(
                        card.when != "",
                        rx.el.span(" · " + card.when, class_name=rx.cond(card.is_late, "late", "")),
                    ),
                    class_name="meta",
                ),
                rx.cond(
                    (card.paid != "") | (card.pending != ""),
                    rx.el.p(
                        "of " + card.total,
                        rx.cond(card.paid != "", " · " + card.paid + " paid", ""),
                        rx.cond(card.pending != "", " · " + card.pending + " processing", ""),
                        class_name="meta",
                    ),
                ),
            ),
            rx.el.a(
                card.act,
                href=card.href,
                aria_label=card.act + ", " + card.number,
                # What is charged by itself need not be paid: the button is no call to do so.
                class_name=rx.cond(
                    (card.act == "See invoice") | (card.autopay != ""), "btn tall", "btn pri tall"
                ),
            ),
            class_name="row between wrap",
        ),
        rx.cond(
            card.autopay != "",
            rx.el.p(
                rx.icon("repeat", size=14, aria_hidden="true"),
                rx.el.span(card.autopay),
                class_name="on-its-way",
            ),
        ),
        key=card.href,
        class_name="card due-card",
    )


def _processing() -> rx.Component:
    return rx.cond(
        Home.home.processing.length() > 0,
        rx.el.section(rx.el.h2("Processing"), money_list(Home.home.processing, names_invoice=True)),
    )


def _paid() -> rx.Component:
    return rx.cond(
        Home.home.paid.length() > 0,
        rx.el.section(rx.el.h2("Paid recently"), money_list(Home.home.paid, names_invoice=True)),
    )


def _closed() -> rx.Component:
    return rx.cond(
        Home.home.closed.length() > 0,
        rx.el.section(
            rx.el.h2("Cancelled"),
            rx.el.ul(rx.foreach(Home.home.closed, _closed_row), class_name="card money-rows"),
        ),
    )


def _closed_row(row: rx.Var[ClosedInvoice]) -> rx.Component:
    return rx.el.li(
        rx.el.a(row.number, href=row.href, class_name="name"),
        rx.el.span(row.issued, class_name="meta"),
        rx.el.span(row.total, class_name="num amount"),
        badge(row.standing),
        key=row.href,
    )


def _empty() -> rx.Component:
    home = Home.home
    shown = home.outstanding.length() + home.paid.length() + home.closed.length()
    return rx.cond(
        shown + home.processing.length() == 0,
        rx.el.div(
            rx.el.span(rx.icon("inbox", size=20, aria_hidden="true"), class_name="emblem"),
            rx.el.h2("No invoices yet"),
            rx.el.p("What " + Frame.frame.firm + " sends you appears here."),
            class_name="card empty",
        ),
    )
