"""The drawer: one invoice with its figures, lines, payments and timeline (R141)."""

from collections.abc import Callable

import reflex as rx

from assure_app.billing.reading.rows import ActivityRow
from assure_app.components.autopay_notice import autopay_notice
from assure_app.components.badges import (
    overpaid_chip,
    pending_chip,
    status_badge,
    written_off_chip,
)
from assure_app.components.bank_notices import bank_notices
from assure_app.components.drawer_actions import drawer_actions
from assure_app.components.drawer_parts import line_items, section
from assure_app.components.payment_rows import payments_section
from assure_app.components.remind import next_reminder
from assure_app.components.why import why_button
from assure_app.states.invoice_drawer import InvoiceDrawer

_invoice = InvoiceDrawer.invoice


def invoice_drawer() -> rx.Component:
    """The drawer when an invoice is open, else nothing."""
    return rx.cond(
        InvoiceDrawer.is_open,
        rx.el.div(
            rx.cond(InvoiceDrawer.problem != "", _missing(), _shown()),
            class_name="drawer",
            role="dialog",
            aria_labelledby="drawer-title",
        ),
    )


def _missing() -> rx.Component:
    return rx.fragment(
        rx.el.header(
            rx.el.div(_title("Not found"), _close_button(), class_name="row"),
        ),
        rx.el.div(rx.el.p(InvoiceDrawer.problem, role="alert"), class_name="body"),
    )


def _shown() -> rx.Component:
    return rx.fragment(
        rx.el.header(
            rx.el.div(
                _title(_invoice.number),
                rx.el.span(
                    status_badge(_invoice.status),
                    why_button("status", "Why is it " + _invoice.status + "?"),
                    class_name="with-why",
                ),
                rx.el.span(class_name="push"),
                _step_button("Previous invoice", "chevron_left", _invoice.previous_number),
                _step_button("Next invoice", "chevron_right", _invoice.next_number),
                _close_button(),
                class_name="row",
            ),
            rx.el.p(
                _invoice.client + " · ",
                rx.el.span("due " + _invoice.due, class_name=rx.cond(_invoice.is_late, "late", "")),
                rx.cond(
                    _invoice.late != "", rx.el.span(" · " + _invoice.late, class_name="late"), ""
                ),
                rx.cond(_invoice.title != "", " · " + _invoice.title, ""),
                class_name="sub",
            ),
            rx.cond(
                _invoice.schedule != "",
                rx.el.p(
                    rx.icon("repeat", size=14, aria_hidden="true"),
                    "Generated from the schedule ",
                    rx.el.a(_invoice.schedule, href=_invoice.schedule_href),
                    class_name="sub from-schedule",
                ),
            ),
        ),
        rx.el.div(
            bank_notices(),
            autopay_notice(),
            _summary(),
            line_items(
                _invoice.lines, subtotal=_invoice.subtotal, tax=_invoice.tax, total=_invoice.total
            ),
            payments_section(),
            _activity(),
            class_name="body",
            tab_index=0,
            role="region",
            aria_labelledby="drawer-title",
        ),
        drawer_actions(),
    )


def _title(text: rx.Var[str] | str) -> rx.Component:
    return rx.el.h2(text, id="drawer-title", tab_index=-1)


def _step_button(label: str, icon: str, number: rx.Var[str]) -> rx.Component:
    return rx.el.button(
        rx.icon(icon, size=16, aria_hidden="true"),
        type="button",
        class_name="btn lite icon",
        aria_label=label,
        aria_disabled=rx.cond(number == "", "true", "false"),
        on_click=InvoiceDrawer.open(number),
    )


def _close_button() -> rx.Component:
    return rx.el.button(
        rx.icon("x", size=16, aria_hidden="true"),
        type="button",
        class_name="btn lite icon",
        aria_label="Close",
        on_click=InvoiceDrawer.close,
        custom_attrs={"data-close-drawer": ""},
    )


def _summary() -> rx.Component:
    return section(
        "Summary",
        rx.el.dl(
            _figure("Total", _invoice.total),
            _figure("Paid", _invoice.paid),
            _figure("Balance", _invoice.balance),
            class_name="figures",
        ),
        rx.el.div(
            _chip("pending", _invoice.pending, pending_chip),
            _chip("overpaid", _invoice.overpaid, overpaid_chip),
            _chip("written off", _invoice.written_off, written_off_chip),
            class_name="figure-notes",
        ),
        next_reminder(),
        rx.cond(_invoice.at_risk != "", rx.el.p(_invoice.at_risk, class_name="quiet reason")),
        rx.cond(
            _invoice.cancel_reason != "",
            rx.el.p("Cancelled: ", _invoice.cancel_reason, class_name="quiet reason"),
        ),
    )


def _figure(label: str, amount: rx.Var[str]) -> rx.Component:
    asked = "amount paid" if label == "Paid" else label.lower()
    name = rx.cond(amount != "", f"Why is the {asked} " + amount + "?", f"Why is there no {asked}?")
    return rx.el.div(
        rx.el.dt(label, why_button(label.lower(), name)),
        rx.el.dd(rx.cond(amount != "", amount, "—")),
    )


def _chip(
    figure: str, amount: rx.Var[str], chip: Callable[[rx.Var[str]], rx.Component]
) -> rx.Component:
    button = why_button(figure, f"Why is the {figure} amount " + amount + "?")
    return rx.cond(amount != "", rx.el.span(chip(amount), button, class_name="with-why"))


def _activity() -> rx.Component:
    return section(
        "Activity", rx.el.ol(rx.foreach(_invoice.activity, _entry), class_name="timeline")
    )


def _entry(entry: rx.Var[ActivityRow]) -> rx.Component:
    return rx.el.li(
        rx.el.time(entry.at, date_time=entry.iso),
        rx.el.span(entry.text, rx.el.span(" by " + entry.actor, class_name="by")),
        key=entry.id.to(str),
    )
