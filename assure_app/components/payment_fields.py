"""Fields and notes that the dialogs of money share: amount, date, method, reference, preview."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from assure_app.billing.duplicates import Caution
from assure_app.components import fields
from assure_app.domain.ledger import MANUAL_METHODS, Method

_STRIPE_METHODS = (Method.CARD, Method.ACH)
_CHOSEN_FIRST = Method.CHECK


def amount_field(
    prefix: str, *, problem: rx.Var[str], help_text: rx.Var[str], on_change: Any, first: rx.Var[str]
) -> rx.Component:
    """The amount, which has the focus when its dialog opens."""
    control = fields.text_input(
        "amount",
        field_id=f"{prefix}-amount",
        problem=problem,
        class_name="num",
        input_mode="decimal",
        default_value=first,
        on_change=on_change,
        custom_attrs={"data-first": ""},
    )
    return fields.field(
        "Amount", control, field_id=f"{prefix}-amount", problem=problem, help_text=help_text
    )


def date_field(
    prefix: str, *, problem: rx.Var[str], on_change: Any, first: rx.Var[str], latest: rx.Var[str]
) -> rx.Component:
    """The day the money arrived."""
    control = fields.text_input(
        "date",
        field_id=f"{prefix}-date",
        problem=problem,
        type="date",
        default_value=first,
        max=latest,
        on_change=on_change,
    )
    return fields.field("Date", control, field_id=f"{prefix}-date", problem=problem)


def reference_field(prefix: str, *, problem: rx.Var[str], on_change: Any) -> rx.Component:
    """What a bank statement or the check itself says."""
    control = fields.text_input(
        "reference", field_id=f"{prefix}-reference", problem=problem, on_change=on_change
    )
    return fields.field(
        "Reference", control, field_id=f"{prefix}-reference", problem=problem, light="optional"
    )


def notes_field(
    prefix: str, *, problem: rx.Var[str], on_change: Any, light: str = "internal only"
) -> rx.Component:
    """Internal notes, which no client ever sees (R113)."""
    control = fields.notes_input(field_id=f"{prefix}-notes", problem=problem, on_change=on_change)
    return fields.field("Notes", control, field_id=f"{prefix}-notes", problem=problem, light=light)


def method_field(
    prefix: str,
    *,
    problem: rx.Var[str],
    on_change: Any,
    note: rx.Component | None = None,
    has_focus: bool = False,
) -> rx.Component:
    """How the money came: what a person may record, beside what goes through Stripe (R021, R022).

    `has_focus`: it has the focus when its dialog opens.
    """
    return rx.el.fieldset(
        rx.el.legend("Method"),
        rx.el.div(
            *(_choice(method, on_change, has_focus=has_focus) for method in MANUAL_METHODS),
            *(_blocked_choice(method) for method in _STRIPE_METHODS),
            class_name="segments",
        ),
        rx.el.p(
            "Card and ACH go through Stripe: the client or auto-pay starts them.",
            class_name="help",
            id=f"{prefix}-method-help",
        ),
        note or "",
        fields.problem_text(f"{prefix}-method", problem),
        class_name="field",
        aria_describedby=f"{prefix}-method-help",
    )


def preview_box(rows: Sequence[tuple[str, rx.Var[str]]]) -> rx.Component:
    """What the act would do."""
    lines = [part for label, value in rows for part in (rx.el.dt(label), rx.el.dd(value))]
    return rx.el.dl(*lines, class_name="preview")


def change_of_status(before: rx.Var[str], after: rx.Var[str]) -> rx.Var[str]:
    """ "Sent → Paid", or "stays Partially paid"."""
    return rx.cond(before == after, "stays " + after, before + " → " + after)


def warnings(found: rx.Var[tuple[Caution, ...]]) -> rx.Component:
    """What makes a careful person look again; each names its row, which opens beside (R037)."""
    return rx.el.div(rx.foreach(found, _warning), class_name="warnings", role="status")


def _warning(warning: rx.Var[Caution]) -> rx.Component:
    link = rx.el.a(
        warning.link,
        rx.el.span(" (opens in a new tab)", class_name="visually-hidden"),
        href=warning.href,
        target="_blank",
        rel="noopener",
    )
    return rx.el.p(
        warning.sentence,
        rx.cond(warning.href != "", rx.fragment(" ", link), rx.fragment()),
        class_name="warning",
    )


def _choice(method: Method, on_change: Any, *, has_focus: bool) -> rx.Component:
    is_first = method is _CHOSEN_FIRST
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="method",
            value=method.value,
            default_checked=is_first,
            on_change=on_change,
            custom_attrs={"data-first": ""} if has_focus and is_first else {},
        ),
        method.value,
    )


def _blocked_choice(method: Method) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="method", value=method.value, disabled=True),
        method.value,
        title="Card and ACH go through Stripe",
    )
