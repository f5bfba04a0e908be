"""The text fields of an editor with lines, and what hears of its form."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from assure_app.components import fields
from assure_app.states.invoice_editor import EDITOR, InvoiceEditor

_PAUSE_MILLISECONDS = 150


@dataclass(frozen=True, slots=True)
class Editor:
    """A form with lines: the id of its element, and the state that hears of it."""

    id: str
    state: Any


INVOICE = Editor(EDITOR, InvoiceEditor)


def text_field(
    label: str,
    name: str,
    value: rx.Var[str],
    *,
    light: str = "",
    help_text: rx.Var[str] | str | None = None,
    of: Editor = INVOICE,
    **more: Any,
) -> rx.Component:
    """A field of the form that begins with this value and is heard of as it is typed into."""
    field_id, problem = f"{of.id}-{name}", of.state.problems[name]
    return fields.field(
        label,
        fields.text_input(
            name,
            field_id=field_id,
            problem=problem,
            default_value=value,
            on_change=typed(of),
            **more,
        ),
        field_id=field_id,
        problem=problem,
        light=light,
        help_text=help_text,
    )


def kept_field(
    label: str,
    name: str,
    value: rx.Var[str],
    *,
    why: str = "An invoice that was sent keeps it.",
    of: Editor = INVOICE,
) -> rx.Component:
    """A field that stays as it is, and why."""
    field_id, problem = f"{of.id}-{name}", of.state.problems[name]
    return fields.field(
        label,
        fields.text_input(
            name, field_id=field_id, problem=problem, default_value=value, read_only=True
        ),
        field_id=field_id,
        problem=problem,
        help_text=why,
    )


def typed(of: Editor = INVOICE) -> Any:
    """What hears of the form while it is typed into, after a short pause."""
    return of.state.typed(fields.typed_in(of.id)).debounce(_PAUSE_MILLISECONDS)
