"""Refunds that are asked for: the line in a payment's row, the dialogs, and who is waited for."""

import reflex as rx

from assure_app.billing.reading.rows import PaymentRow
from assure_app.components import fields, payment_fields
from assure_app.domain.refund_reasons import RefundReason
from assure_app.states.refund_requests import (
    APPROVE,
    ASK,
    DECLINE,
    AskForRefund,
    DecideOnRefund,
)
from assure_app.states.shell import Shell


def request_line(row: rx.Var[PaymentRow]) -> rx.Component:
    """Under a payment: what was asked for and the buttons for it, or the button that asks."""
    asked = rx.el.div(
        rx.el.span(row.request_text),
        rx.cond(row.request_notes != "", rx.el.p(row.request_notes, class_name="quiet")),
        rx.el.div(
            rx.cond(
                row.may_decide,
                rx.fragment(_decision(row, "Approve", APPROVE), _decision(row, "Decline", DECLINE)),
            ),
            rx.cond(
                row.may_withdraw,
                _button(
                    "Take back",
                    on_click=AskForRefund.withdraw(row.request_id),
                    aria_label="Take back: " + row.request_text,
                ),
            ),
            class_name="acts",
        ),
        class_name="asked",
    )
    ask = _button("Ask for a refund", on_click=AskForRefund.open(row.id), class_name="btn sm ask")
    return rx.cond(row.request_id != 0, asked, rx.cond(row.can_ask, ask))


def refunds_notice() -> rx.Component:
    """A line above the invoices for who may decide on what waits."""
    count = Shell.desk.refunds_waiting
    said = rx.cond(
        count == 1,
        "A refund waits for your decision.",
        count.to_string() + " refunds wait for your decision.",
    )
    return rx.cond(
        count > 0,
        rx.el.p(
            rx.icon("undo_2", size=16, aria_hidden="true"),
            rx.el.span(said),
            rx.el.a("Decide", href=Shell.desk.refund_href, class_name="link push"),
            class_name="notice from-stripe",
            role="status",
        ),
    )


def refund_request_dialogs() -> rx.Component:
    """The three dialogs; each is filled when it is opened."""
    start, decision = AskForRefund.start, DecideOnRefund.start
    is_open = decision.request_id != 0
    return rx.fragment(
        fields.modal(
            ASK, rx.cond(start.form_token != "", _ask_form()), on_close=AskForRefund.closed
        ),
        fields.modal(
            APPROVE,
            rx.cond(is_open & (DecideOnRefund.dialog == APPROVE), _approve_form()),
            on_close=DecideOnRefund.closed,
        ),
        fields.modal(
            DECLINE,
            rx.cond(is_open & (DecideOnRefund.dialog == DECLINE), _decline_form()),
            on_close=DecideOnRefund.closed,
        ),
    )


def _ask_form() -> rx.Component:
    start, problems = AskForRefund.start, AskForRefund.problems
    amount = fields.text_input(
        "amount",
        field_id="ask-amount",
        problem=problems["amount"],
        class_name="num",
        input_mode="decimal",
        default_value=start.amount,
        custom_attrs={"data-first": ""},
    )
    return rx.el.form(
        fields.dialog_head(ASK, "Ask for a refund", start.title + " · " + start.number),
        fields.field(
            "Amount",
            amount,
            field_id="ask-amount",
            problem=problems["amount"],
            help_text="Up to " + start.refundable,
        ),
        _reason(),
        _notes(),
        rx.el.p(
            "Nothing is refunded yet: somebody else who may make this refund decides on it.",
            class_name="callout",
        ),
        fields.problem_text("ask-form", problems["form"]),
        fields.dialog_buttons("Ask", class_name="pri"),
        key=start.form_token,
        class_name="dialog-body",
        no_validate=True,
        on_submit=AskForRefund.submit(fields.typed_in(ASK)),
    )


def _reason() -> rx.Component:
    problem = AskForRefund.problems["reason"]
    control = rx.el.select(
        rx.el.option("Choose a reason", value=""),
        *(rx.el.option(reason.value, value=reason.value) for reason in RefundReason),
        id="ask-reason",
        name="reason",
        class_name="in",
        default_value="",
        aria_invalid=rx.cond(problem != "", "true", "false"),
        aria_describedby="ask-reason-problem",
    )
    return fields.field("Reason", control, field_id="ask-reason", problem=problem)


def _notes() -> rx.Component:
    problem = AskForRefund.problems["notes"]
    control = rx.el.textarea(
        id="ask-notes",
        name="notes",
        class_name="in",
        rows=2,
        aria_invalid=rx.cond(problem != "", "true", "false"),
        aria_describedby="ask-notes-light ask-notes-problem",
    )
    return fields.field("Notes", control, field_id="ask-notes", problem=problem, light="internal")


def _approve_form() -> rx.Component:
    return rx.el.form(
        *_asked_for(APPROVE, "Approve refund"),
        rx.el.p("A refund cannot be undone.", class_name="callout"),
        fields.problem_text("approve-form", DecideOnRefund.problems["form"]),
        fields.dialog_buttons("Approve", class_name="danger", busy="Refunding…"),
        key=DecideOnRefund.start.request_id.to_string(),
        class_name="dialog-body",
        no_validate=True,
        on_submit=DecideOnRefund.approve(fields.typed_in(APPROVE)),
    )


def _decline_form() -> rx.Component:
    problem = DecideOnRefund.problems["answer"]
    answer = fields.text_input(
        "answer", field_id="decline-answer", problem=problem, custom_attrs={"data-first": ""}
    )
    return rx.el.form(
        *_asked_for(DECLINE, "Decline refund"),
        fields.field(
            "Reason", answer, field_id="decline-answer", problem=problem, light="internal only"
        ),
        fields.problem_text("decline-form", DecideOnRefund.problems["form"]),
        fields.dialog_buttons("Decline", class_name="pri", busy="Declining…"),
        key=DecideOnRefund.start.request_id.to_string(),
        class_name="dialog-body",
        no_validate=True,
        on_submit=DecideOnRefund.decline(fields.typed_in(DECLINE)),
    )


def _asked_for(dialog_id: str, title: str) -> tuple[rx.Component, ...]:
    start = DecideOnRefund.start
    return (
        fields.dialog_head(dialog_id, title, start.number + " · " + start.client),
        payment_fields.preview_box(
            (
                ("Refund", rx.el.b(start.amount, class_name="num")),
                ("Of", start.title),
                ("Asked for by", start.asker),
                ("Reason", start.reason),
            )
        ),
        rx.cond(start.notes != "", rx.el.p(start.notes, class_name="quiet")),
    )


def _decision(row: rx.Var[PaymentRow], label: str, dialog: str) -> rx.Component:
    return _button(
        label,
        on_click=DecideOnRefund.open(row.request_id, dialog),
        aria_label=label + ": " + row.request_text,
    )


def _button(label: str, *, class_name: str = "btn sm", **more: object) -> rx.Component:
    return rx.el.button(label, type="button", class_name=class_name, **more)
