"""The text fields of the invoice editor, and what hears of its form."""

from typing import Any

import reflex as rx

from assure_app.components import fields
from assure_app.states.invoice_editor import EDITOR, InvoiceEditor

_PAUSE_MILLISECONDS = 150


def text_field(
    label: str,
    name: str,
    value: rx.Var[str],
    *,
    light: str = "",
    help_text: rx.Var[str] | None = None,
    **more: Any,
) -> rx.Component:
    """A field of the form that begins with this value and is heard of as it is typed into."""
    field_id, problem = f"{EDITOR}-{name}", InvoiceEditor.problems[name]
    return fields.field(
        label,
        fields.text_input(
            name,
            field_id=field_id,
            problem=problem,
            default_value=value,
            on_change=typed(),
            **more,
        ),
        field_id=field_id,
        problem=problem,
        light=light,
        help_text=help_text,
    )


def kept_field(label: str, name: str, value: rx.Var[str]) -> rx.Component:
    """A field that stays as it is once the invoice was sent."""
    field_id, problem = f"{EDITOR}-{name}", InvoiceEditor.problems[name]
    return fields.field(
        label,
        fields.text_input(
            name, field_id=field_id, problem=problem, default_value=value, read_only=True
        ),
        field_id=field_id,
        problem=problem,
        help_text="An invoice that was sent keeps it.",
    )


def typed() -> Any:
    """What hears of the form while it is typed into, after a short pause."""
    return InvoiceEditor.typed(fields.typed_in(EDITOR)).debounce(_PAUSE_MILLISECONDS)
