"""How books and Stripe stand: the last comparison, each difference with its one button, and the
comparisons of before."""

import reflex as rx

from assure_app.billing.reading.reconciliation_rows import DifferenceRow, Figure, RunRow
from assure_app.components import figure_table
from assure_app.components.note_dialog import note_dialog
from assure_app.components.plain import PlainLink
from assure_app.states.reconciliation import DIALOG, HEADING, AsideDialog, Reconciliation

_VIEW = Reconciliation.view


def reconciliation_page() -> rx.Component:
    """The page's content for who may see it."""
    return rx.el.div(
        _standing(),
        rx.cond(
            Reconciliation.is_loaded,
            rx.cond(_VIEW.figures.length() > 0, _figures()),
            rx.el.div(class_name="figures-wait"),
        ),
        _differences(),
        rx.cond(_VIEW.settled.length() > 0, _settled()),
        rx.cond(_VIEW.runs.length() > 0, _history()),
        class_name="report",
    )


def check_button() -> rx.Component:
    """Compares now, for who may, and says how far that is."""
    how_far = rx.cond(_VIEW.progress > 0, f" {_VIEW.progress}%", "")
    return rx.cond(
        _VIEW.may_mend & _VIEW.has_account,
        rx.el.button(
            rx.cond(Reconciliation.is_checking, rx.fragment("Comparing…", how_far), "Check now"),
            type="button",
            class_name="btn pri push",
            aria_busy=rx.cond(Reconciliation.is_checking, "true", "false"),
            on_click=Reconciliation.check_now,
        ),
    )


def aside_dialog() -> rx.Component:
    """The dialog in which money is said to be of no invoice; it is filled when it is opened."""
    return note_dialog(
        DIALOG,
        AsideDialog,
        title="Not for an invoice",
        label="What it is",
        light="kept with it and in the audit log",
        button="Set aside",
        busy="Setting aside…",
    )


def _standing() -> rx.Component:
    icons = (
        ("good", rx.icon("circle_check", size=20, aria_hidden="true")),
        ("bad", rx.icon("circle_alert", size=20, aria_hidden="true")),
        ("warn", rx.icon("circle_alert", size=20, aria_hidden="true")),
    )
    return rx.el.section(
        rx.el.p(
            rx.match(_VIEW.tone, *icons, rx.icon("circle", size=20, aria_hidden="true")),
            rx.el.b(_VIEW.headline),
            class_name="headline " + _VIEW.tone.to(str),
            role="status",
        ),
        rx.el.p(_VIEW.detail, class_name="quiet"),
        rx.cond(
            _VIEW.progress >= 0,
            rx.el.progress(
                value=_VIEW.progress.to_string(),
                max="100",
                aria_label="Comparing with Stripe",
                class_name="compare-progress",
            ),
        ),
        class_name="card standing",
        aria_label="Last comparison",
        aria_busy=rx.cond(Reconciliation.is_loaded, "false", "true"),
    )


def _figures() -> rx.Component:
    return rx.el.dl(
        rx.foreach(_VIEW.figures, _figure),
        class_name="tiles ages report-figures",
        aria_label="What agreed",
    )


def _figure(each: rx.Var[Figure]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(each.name, class_name="name"),
        rx.el.dd(rx.el.b(each.amount), rx.el.em(each.note)),
        class_name="tile",
        key=each.name,
    )


def _differences() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Differences", id=HEADING, tab_index=-1),
        rx.cond(
            Reconciliation.is_loaded & (_VIEW.open.length() == 0),
            rx.el.p(
                rx.icon("circle_check", size=16, aria_hidden="true"),
                "No differences.",
                class_name="all-well",
            ),
            rx.el.ol(rx.foreach(_VIEW.open, _card), class_name="differences"),
        ),
        rx.cond(_VIEW.more != "", rx.el.p(_VIEW.more, class_name="quiet")),
        aria_label="Differences",
    )


def _card(row: rx.Var[DifferenceRow]) -> rx.Component:
    return rx.el.li(
        rx.el.p(row.sentence, class_name="sentence"),
        _sides(row),
        rx.el.p("Found ", row.found, " · ", rx.el.code(row.object_id), class_name="quiet"),
        rx.el.div(_button(row), _invoice_link(row), class_name="acts row"),
        class_name="card difference",
        key=row.id.to_string(),
    )


def _sides(row: rx.Var[DifferenceRow]) -> rx.Component:
    return rx.el.dl(
        _side("Books", row.books_says, row.books_amount),
        _side("Stripe", row.stripe_says, row.stripe_amount),
        class_name="sides",
    )


def _side(name: str, says: rx.Var[str], amount: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(name),
        rx.el.dd(rx.el.span(says), rx.cond(amount != "", rx.el.b(amount, class_name="num"))),
    )


def _button(row: rx.Var[DifferenceRow]) -> rx.Component:
    """The one act that mends it."""
    is_asking = Reconciliation.mending == row.id
    label = row.label.to(str) + ": " + row.sentence.to(str)
    mend = rx.el.button(
        rx.cond(is_asking, "Asking Stripe…", row.label),
        type="button",
        class_name="btn pri",
        aria_label=rx.cond(is_asking, "Asking Stripe…", label),
        aria_busy=rx.cond(is_asking, "true", "false"),
        on_click=Reconciliation.mend(row.id),
    )
    aside = rx.el.button(
        row.label,
        type="button",
        class_name="btn",
        aria_label=label,
        on_click=AsideDialog.open(row.id),
    )
    link = PlainLink.create(row.label, href="/settings/stripe", class_name="btn", aria_label=label)
    return rx.cond(
        row.act != "",
        rx.match(row.act, ("set aside", aside), ("hand over", link), mend),
    )


def _invoice_link(row: rx.Var[DifferenceRow]) -> rx.Component:
    link = PlainLink.create("Open " + row.number.to(str), href=row.href, class_name="link")
    return rx.cond(row.number != "", link)


def _settled() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Recently settled"),
        rx.el.ol(rx.foreach(_VIEW.settled, _settled_row), class_name="card settled-differences"),
        aria_label="Recently settled",
    )


def _settled_row(row: rx.Var[DifferenceRow]) -> rx.Component:
    undo = rx.el.button(
        "Undo",
        type="button",
        class_name="btn sm",
        aria_label="Undo: " + row.sentence.to(str),
        on_click=Reconciliation.take_back(row.id),
    )
    return rx.el.li(
        rx.el.p(row.sentence, class_name="quiet"),
        rx.el.p(rx.el.b(row.settled_by), ", ", row.settled, ": ", row.how),
        rx.cond(row.can_undo, undo),
        key=row.id.to_string(),
    )


def _history() -> rx.Component:
    columns = ("Compared", "By", "Days", "Payments", "Amount", "Refunds", "Payouts", "Result")
    numbers = {"Payments", "Amount", "Refunds", "Payouts"}
    head = (figure_table.column(name, is_number=name in numbers) for name in columns)
    return rx.el.section(
        rx.el.h2("Past comparisons"),
        rx.el.div(
            figure_table.table(figure_table.line(*head), rx.foreach(_VIEW.runs, _run)),
            class_name="card scroll",
            tab_index=0,
            role="region",
            aria_label="Past comparisons",
        ),
    )


def _run(run: rx.Var[RunRow]) -> rx.Component:
    return figure_table.line(
        figure_table.name(run.when),
        figure_table.cell("By", run.by),
        figure_table.cell("Days", run.span),
        figure_table.cell("Payments", run.payments, is_number=True),
        figure_table.cell("Amount", run.amount, is_number=True),
        figure_table.cell("Refunds", run.refunds, is_number=True),
        figure_table.cell("Payouts", run.payouts, is_number=True),
        figure_table.cell("Result", run.result, is_chief=True),
        key=run.id.to_string(),
    )
