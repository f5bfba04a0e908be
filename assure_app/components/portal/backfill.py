"""The card that asks whether past invoices shall be paid now, and shows what comes of it
(R118–R120)."""

import reflex as rx

from assure_app.billing.reading.backfill_rows import BackfillRow
from assure_app.states.portal.backfill import FORM, TITLE, Backfill
from assure_app.states.portal.home import Home

_SHAPES = {
    "Waiting": "clock",
    "Charging": "loader_circle",
    "Paid": "check",
    "Processing": "hourglass",
    "Failed": "circle_alert",
}
_LOOKS = {"Paid": "badge Paid", "Processing": "badge Processing", "Failed": "badge Failed"}


def backfill_card() -> rx.Component:
    """The card; nothing where there is nothing to ask or to show."""
    card = Home.backfill
    return rx.cond(
        card.step != "",
        rx.el.section(
            rx.cond(card.step == "ask", _question(), _outcome()),
            class_name="card backfill",
            aria_labelledby=TITLE,
        ),
    )


def _question() -> rx.Component:
    card = Home.backfill
    return rx.fragment(
        rx.el.h2(card.question, id=TITLE, tab_index=-1),
        rx.el.ul(rx.foreach(card.rows, _offered), class_name="rows"),
        rx.el.p(
            rx.el.span("Total"), rx.el.b(card.total, class_name="num"), class_name="row between sum"
        ),
        rx.el.p(
            rx.el.b(card.method, class_name="num"),
            rx.cond(
                card.count == 1,
                " will be charged now.",
                " will be charged now, once for each invoice. If one fails, the others are paid"
                " all the same.",
            ),
            class_name="meta",
        ),
        rx.el.p(card.otherwise, class_name="meta"),
        rx.el.p(Backfill.problem, class_name="field-error", role="alert"),
        rx.el.div(_answers(), id=FORM, custom_attrs={"data-form": ""}),
    )


def _answers() -> rx.Component:
    card = Home.backfill
    return rx.el.form(
        rx.el.button("Not now", type="button", on_click=Backfill.decline, class_name="btn tall"),
        rx.el.button(
            rx.el.span(rx.cond(card.count == 1, "Pay now", "Pay all now"), class_name="idle"),
            rx.el.span("Paying…", class_name="busy"),
            rx.el.span(", " + card.total, class_name="visually-hidden"),
            type="submit",
            class_name="btn pri tall",
        ),
        no_validate=True,
        on_submit=Backfill.confirm(card.total + " " + card.method),
        class_name="row acts",
    )


def _offered(row: rx.Var[BackfillRow]) -> rx.Component:
    return rx.el.li(
        _name(row),
        rx.el.span("Due " + row.due, class_name="meta"),
        rx.el.span(row.amount, class_name="num amount"),
        key=row.number,
    )


def _outcome() -> rx.Component:
    card = Home.backfill
    is_running = card.step == "run"
    return rx.fragment(
        rx.el.h2(
            rx.cond(is_running, "Paying your invoices", "Your invoices"), id=TITLE, tab_index=-1
        ),
        rx.el.p(card.news, class_name="progress-news", role="status"),
        rx.cond(
            is_running,
            rx.el.progress(
                value=card.done.to(str), max=card.count.to(str), aria_label="Payments done"
            ),
        ),
        rx.el.ul(rx.foreach(card.rows, _charged), class_name="rows"),
        rx.cond(
            is_running,
            rx.el.p(
                rx.el.b(card.method, class_name="num"),
                " is charged once for each invoice. You may leave this page: it goes on by itself.",
                class_name="meta",
            ),
            rx.el.div(
                rx.el.button("Close", type="button", on_click=Backfill.close, class_name="btn"),
                class_name="row acts",
            ),
        ),
    )


def _charged(row: rx.Var[BackfillRow]) -> rx.Component:
    return rx.el.li(
        _name(row),
        _state(row),
        rx.el.span(row.amount, class_name="num amount"),
        rx.cond(
            row.reason != "",
            rx.el.div(
                rx.el.span(row.reason),
                rx.cond(
                    row.pay_href != "",
                    rx.el.a(
                        "Pay now",
                        rx.el.span(", " + row.number, class_name="visually-hidden"),
                        href=row.pay_href,
                        class_name="btn sm",
                    ),
                ),
                class_name="why row between",
            ),
        ),
        key=row.number,
    )


def _name(row: rx.Var[BackfillRow]) -> rx.Component:
    return rx.el.span(
        rx.el.a(row.number, href=row.href, class_name="name"),
        rx.cond(row.title != "", rx.el.span(row.title, class_name="meta")),
        class_name="what",
    )


def _state(row: rx.Var[BackfillRow]) -> rx.Component:
    """A shape and a word: nothing is told by colour alone (R145)."""
    shapes = [(word, rx.icon(icon, size=12, aria_hidden="true")) for word, icon in _SHAPES.items()]
    return rx.el.span(
        rx.match(row.state, *shapes, rx.fragment()),
        row.state,
        class_name=rx.match(row.state, *_LOOKS.items(), "badge"),
    )
