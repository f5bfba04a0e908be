"""What a file would bring in, before anything is written: figures, problems, a sample."""

from typing import Any

import reflex as rx

from assure_app.components import fields
from assure_app.components.badges import status_badge
from assure_app.components.plain import PlainLink
from assure_app.states.import_page import DATE_FORMS, ImportPage

_DATE_LABELS = {"month-first": "Month first (05/06 is May 6)", "day-first": "Day first (6 May)"}


def import_preview() -> rx.Component:
    """The file's figures and the act, its problems, and the first of its rows."""
    return rx.fragment(
        rx.el.section(
            _file_head(),
            rx.el.dl(rx.foreach(ImportPage.figures, _figure), class_name="import-figures"),
            _dates(),
            _act(),
            class_name="card import-card",
            aria_label="What would be imported",
        ),
        rx.cond(ImportPage.screen.problems != "", _problems()),
        rx.cond(ImportPage.sample.length() > 0, _sample()),
    )


def _file_head() -> rx.Component:
    screen = ImportPage.screen
    return rx.el.div(
        rx.el.h2(screen.name),
        rx.el.p(rx.cond(screen.format != "", screen.format, "Not readable yet"), class_name="sub"),
        class_name="import-head",
    )


def _figure(pair: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(pair[0]), rx.el.dd(pair[1]))


def _dates() -> rx.Component:
    """The question, where the file leaves it open; else how its days are read."""
    screen = ImportPage.screen
    question = rx.el.fieldset(
        rx.el.legend("How are days written in this file?"),
        rx.el.div(*(_date_form(form) for form in DATE_FORMS), class_name="choices"),
        rx.el.p("Every day in it could be read in both ways.", class_name="help"),
        class_name="field",
    )
    told = rx.el.p(
        rx.cond(screen.dates == "month-first", "Days are read month first.", ""),
        rx.cond(screen.dates == "day-first", "Days are read day first.", ""),
        class_name="quiet",
    )
    return rx.cond(screen.asks_dates, question, rx.cond(screen.dates != "", told))


def _date_form(form: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="dates",
            value=form,
            checked=ImportPage.screen.dates == form,
            disabled=ImportPage.is_importing,
            on_change=ImportPage.choose_dates(form),
        ),
        _DATE_LABELS[form],
    )


def _act() -> rx.Component:
    screen = ImportPage.screen
    is_off = (screen.why_not != "") | ImportPage.is_importing
    return rx.fragment(
        rx.cond(
            ImportPage.is_importing,
            rx.el.p(
                "Writing. A long file takes a minute, and goes on if you leave this page.",
                class_name="quiet",
                role="status",
            ),
            rx.el.p(screen.why_not, class_name="quiet", id="import-why-not"),
        ),
        fields.problem_text("import-run", ImportPage.problem),
        rx.el.div(
            rx.el.button(
                rx.cond(ImportPage.is_importing, "Importing…", screen.act),
                type="button",
                class_name="btn pri",
                aria_disabled=rx.cond(is_off, "true", "false"),
                aria_busy=rx.cond(ImportPage.is_importing, "true", "false"),
                aria_describedby="import-why-not",
                on_click=ImportPage.run,
            ),
            PlainLink.create("Choose another file", href="/invoices/import", class_name="btn"),
            class_name="row import-buttons",
        ),
    )


def _problems() -> rx.Component:
    return rx.el.section(
        rx.el.h2(ImportPage.screen.problems, id="import-problems"),
        rx.el.ol(rx.foreach(ImportPage.problems, _problem), class_name="card import-problems"),
        rx.cond(
            ImportPage.has_earlier | ImportPage.has_later,
            rx.el.div(
                rx.el.span(ImportPage.problem_range, class_name="count", role="status"),
                _turn("Earlier problems", -1, ImportPage.has_earlier),
                _turn("Later problems", 1, ImportPage.has_later),
                class_name="row import-pager",
            ),
        ),
        aria_labelledby="import-problems",
        class_name="import-part",
    )


def _problem(problem: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.cond(problem.line > 0, "Line " + problem.line.to_string(), "The file"),
            class_name="line",
        ),
        rx.el.span(problem.sentence),
    )


def _turn(label: str, by: int, is_on: rx.Var[bool]) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        class_name="btn sm",
        aria_disabled=rx.cond(is_on, "false", "true"),
        on_click=ImportPage.turn(by),
    )


def _sample() -> rx.Component:
    is_clients = ImportPage.screen.is_clients
    return rx.el.section(
        rx.el.h2("The first of them", id="import-sample"),
        rx.el.div(
            rx.cond(is_clients, _client_table(), _invoice_table()),
            class_name="card import-table",
            tab_index=0,
            role="group",
            aria_labelledby="import-sample",
        ),
        class_name="import-part",
    )


def _invoice_table() -> rx.Component:
    heads = ("Number", "Client", "Issued", "Due", "Lines", "Total", "Balance", "Status")
    figures = ("Lines", "Total", "Balance")
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                *(
                    rx.el.th(head, scope="col", class_name="num" if head in figures else "")
                    for head in heads
                )
            )
        ),
        rx.el.tbody(
            rx.foreach(
                ImportPage.sample,
                lambda row: rx.el.tr(
                    rx.el.td(row.number),
                    rx.el.td(row.client, class_name="client"),
                    rx.el.td(row.issued),
                    rx.el.td(row.due),
                    rx.el.td(row.lines, class_name="num"),
                    rx.el.td(row.total, class_name="num"),
                    rx.el.td(row.balance, class_name="num"),
                    rx.el.td(status_badge(row.status)),
                ),
            )
        ),
    )


def _client_table() -> rx.Component:
    return rx.el.table(
        rx.el.thead(rx.el.tr(rx.el.th("Client", scope="col"), rx.el.th("Email", scope="col"))),
        rx.el.tbody(
            rx.foreach(
                ImportPage.sample,
                lambda row: rx.el.tr(
                    rx.el.td(row.client, class_name="client"), rx.el.td(row.email)
                ),
            )
        ),
    )
