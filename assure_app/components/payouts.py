"""What went to the bank: each payout, and the payments, refunds, disputes and fees in it."""

import reflex as rx

from assure_app.billing.reading.payout_rows import PartRow, PayoutRow
from assure_app.components import figure_table
from assure_app.components.plain import PlainLink
from assure_app.states.payouts import Payouts

_VIEW = Payouts.view
_ICONS = {
    "Paid": "circle_check",
    "On its way": "clock",
    "Scheduled": "clock",
    "Failed": "circle_alert",
    "Cancelled": "ban",
}


def payouts_page() -> rx.Component:
    """The page's content for who may see it."""
    return rx.el.div(
        rx.cond(_VIEW.available != "", _balance()),
        rx.cond(
            Payouts.is_loaded & (_VIEW.rows.length() == 0),
            rx.el.div(
                rx.el.span(rx.icon("landmark", size=24, aria_hidden="true"), class_name="emblem"),
                rx.el.h2("No payouts yet"),
                rx.el.p(
                    rx.cond(
                        _VIEW.has_account,
                        "What Stripe sends to your bank shows here, with the payments in it.",
                        "Connect the firm to Stripe in Settings: what it pays out shows here.",
                    )
                ),
                class_name="card empty",
            ),
            rx.el.ol(
                rx.foreach(_VIEW.rows, _payout),
                class_name="payouts",
                aria_busy=rx.cond(Payouts.is_loaded, "false", "true"),
            ),
        ),
        rx.cond(
            _VIEW.more_from > 0,
            rx.el.button("Show more", type="button", class_name="btn", on_click=Payouts.show_more),
        ),
        class_name="report",
    )


def csv_link() -> rx.Component:
    """The file with every payout."""
    return rx.cond(
        _VIEW.rows.length() > 0,
        PlainLink.create(
            rx.icon("download", size=16, aria_hidden="true"),
            rx.el.span("Download CSV", class_name="label"),
            href="/payouts/export.csv",
            custom_attrs={"download": ""},
            class_name="btn push",
        ),
    )


def _balance() -> rx.Component:
    return rx.el.dl(
        _tile("Available", _VIEW.available, "ready for the next payout"),
        _tile("Pending", _VIEW.pending, "available in a few days"),
        _tile("On its way to the bank", _VIEW.on_its_way, "in payouts below"),
        rx.el.div(
            rx.el.dt("As of", class_name="visually-hidden"),
            rx.el.dd("At Stripe as of ", _VIEW.balance_as_of, class_name="quiet"),
            class_name="as-of",
        ),
        class_name="tiles report-figures",
        aria_label="Balance at Stripe",
    )


def _tile(name: str, amount: rx.Var[str], note: str) -> rx.Component:
    return rx.el.div(
        rx.el.dt(name, class_name="name"),
        rx.el.dd(rx.el.b(amount), rx.el.em(note)),
        class_name="tile",
    )


def _payout(row: rx.Var[PayoutRow]) -> rx.Component:
    is_open = Payouts.opened.id == row.id
    shapes = [(name, rx.icon(icon, size=12, aria_hidden="true")) for name, icon in _ICONS.items()]
    return rx.el.li(
        rx.el.button(
            rx.el.span(row.day, class_name="day"),
            rx.el.span(row.bank, class_name="quiet bank"),
            rx.el.span(
                rx.match(row.state, *shapes, rx.fragment()),
                row.state,
                class_name="badge payout-" + row.state.to(str),
            ),
            rx.el.b(row.amount, class_name="num"),
            rx.icon("chevron_down", size=16, aria_hidden="true"),
            type="button",
            class_name="payout-head",
            aria_expanded=rx.cond(is_open, "true", "false"),
            on_click=Payouts.toggle(row.id),
        ),
        rx.cond(
            row.explained != "",
            rx.el.p(
                rx.icon("circle_alert", size=16, aria_hidden="true"),
                row.explained,
                class_name="payout-why",
            ),
        ),
        rx.cond(is_open, _detail()),
        class_name="card payout",
        key=row.id.to_string(),
    )


def _detail() -> rx.Component:
    opened = Payouts.opened
    return rx.el.div(
        rx.cond(opened.note != "", rx.el.p(opened.note, class_name="quiet")),
        rx.cond(opened.parts.length() > 0, _parts()),
        rx.cond(
            opened.sum_text != "",
            rx.el.p(
                rx.cond(
                    opened.is_exact,
                    rx.icon("circle_check", size=16, aria_hidden="true"),
                    rx.icon("circle_alert", size=16, aria_hidden="true"),
                ),
                opened.sum_text,
                class_name=rx.cond(opened.is_exact, "all-well", "payout-why"),
            ),
        ),
        PlainLink.create(
            "Download this payout’s CSV",
            href=opened.csv_href,
            custom_attrs={"download": ""},
            class_name="link",
        ),
        class_name="payout-detail",
    )


def _parts() -> rx.Component:
    opened = Payouts.opened
    return rx.el.div(
        figure_table.table(
            figure_table.line(
                *(figure_table.column(name) for name in ("What", "Invoice", "Client")),
                *(figure_table.column(name, is_number=True) for name in ("Gross", "Fee", "Net")),
            ),
            rx.foreach(opened.parts, _part),
            figure_table.line(
                figure_table.name("Total", col_span=3),
                *_amounts(opened.gross, opened.fee, opened.net),
            ),
        ),
        class_name="scroll",
        tab_index=0,
        role="region",
        aria_label="What this payout carried",
    )


def _part(part: rx.Var[PartRow]) -> rx.Component:
    link = PlainLink.create(part.number, href=part.href, class_name="link")
    return figure_table.line(
        figure_table.name(part.what),
        figure_table.cell("Invoice", rx.cond(part.number != "", link, "—")),
        figure_table.cell("Client", rx.cond(part.client != "", part.client, "—")),
        *_amounts(part.gross, part.fee, part.net),
        key=part.id.to_string(),
    )


def _amounts(gross: rx.Var[str], fee: rx.Var[str], net: rx.Var[str]) -> tuple[rx.Component, ...]:
    return (
        figure_table.cell("Gross", gross, is_number=True),
        figure_table.cell("Fee", fee, is_number=True),
        figure_table.cell("Net", net, is_number=True, is_chief=True),
    )
