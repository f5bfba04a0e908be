"""The bar of what is ticked in the list, and the dialog that sends it (R140)."""

import reflex as rx

from assure_app.billing.reading.send_rows import BulkSendRow
from assure_app.components import fields
from assure_app.states.bulk_send import DIALOG, BulkSend
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.list_selection import ListSelection

_selected = InvoiceList.selection.numbers.length()


def selection_bar() -> rx.Component:
    """What is ticked and what can be done with it; it lies above the page and moves nothing."""
    count = _selected.to(str) + " selected"
    return rx.fragment(
        rx.el.p(rx.cond(_selected > 0, count, ""), class_name="visually-hidden", role="status"),
        rx.cond(
            _selected > 0,
            rx.el.div(
                rx.el.p(
                    rx.el.b(count), rx.el.span(" · ", InvoiceList.selection.total), class_name="sum"
                ),
                rx.el.button(
                    "Send",
                    rx.el.kbd("S", aria_hidden="true"),
                    type="button",
                    class_name="btn pri",
                    on_click=BulkSend.open,
                    custom_attrs={"data-bulk-send": ""},
                ),
                rx.el.button(
                    "Clear selection",
                    type="button",
                    class_name="btn lite",
                    on_click=ListSelection.clear,
                ),
                class_name="selection",
                role="region",
                aria_label="Selection",
            ),
        ),
    )


def bulk_send_dialog() -> rx.Component:
    """What will be sent, what will not and why; afterwards, what was refused."""
    return fields.modal(DIALOG, rx.cond(BulkSend.is_open, _form()), on_close=BulkSend.closed)


def _form() -> rx.Component:
    is_ready = BulkSend.ready.length() > 0
    not_sent = rx.cond(BulkSend.is_sent, "Not sent", "Will not be sent")
    return rx.el.form(
        fields.dialog_head(DIALOG, "Send invoices", rx.cond(is_ready, BulkSend.total, "")),
        _rows("Will be sent", BulkSend.ready, rows_id="bulk-ready"),
        _rows(not_sent, BulkSend.refused, rows_id="bulk-refused"),
        fields.problem_text(DIALOG, BulkSend.problem),
        rx.el.div(
            rx.el.button(
                rx.cond(is_ready, "Cancel", "Close"),
                type="button",
                class_name="btn",
                custom_attrs={"data-close-dialog": ""},
            ),
            rx.cond(is_ready, _send()),
            class_name="buttons",
        ),
        class_name="dialog-body",
        on_submit=BulkSend.submit,
    )


def _send() -> rx.Component:
    count = BulkSend.ready.length()
    return rx.el.button(
        rx.el.span(
            rx.cond(count == 1, "Send 1 invoice", "Send " + count.to(str) + " invoices"),
            class_name="idle",
        ),
        rx.el.span("Sending…", class_name="busy"),
        type="submit",
        class_name="btn pri",
        custom_attrs={"data-first": ""},
    )


def _rows(
    heading: rx.Var[str] | str, rows: rx.Var[tuple[BulkSendRow, ...]], *, rows_id: str
) -> rx.Component:
    return rx.cond(
        rows.length() > 0,
        rx.el.section(
            rx.el.h3(heading, " · ", rows.length().to(str), id=rows_id),
            # It scrolls when it is long, so the keyboard must be able to reach it.
            rx.el.ul(
                rx.foreach(rows, _row),
                class_name="plan",
                tab_index=0,
                aria_labelledby=rows_id,
            ),
        ),
    )


def _row(row: rx.Var[BulkSendRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.el.b(row.number), " ", row.client, class_name="who"),
        rx.el.span(row.amount, class_name="num"),
        rx.cond(
            row.problem != "",
            rx.el.span(
                rx.icon("circle_alert", size=14, aria_hidden="true"), row.problem, class_name="why"
            ),
            rx.el.span(row.addresses, class_name="to"),
        ),
    )
