"""Form fields of the dialogs: a label, the field, its help, and the sentence when it is wrong."""

from collections.abc import Sequence
from typing import Any

import reflex as rx


def field(
    label: str,
    control: rx.Component,
    *,
    field_id: str,
    problem: rx.Var[str],
    light: str = "",
    help_text: rx.Var[str] | str | None = None,
) -> rx.Component:
    """A labelled field; `light` is said beside the label in a lighter voice."""
    return rx.el.div(
        rx.el.label(
            label,
            rx.el.span(f" {light}", class_name="light", aria_hidden="true") if light else "",
            html_for=field_id,
        ),
        control,
        rx.el.p(help_text, class_name="help", id=f"{field_id}-help") if help_text is not None else "",
        problem_text(field_id, problem),
        class_name="field",
    )


def text_input(name: str, *, field_id: str, problem: rx.Var[str], **more: Any) -> rx.Component:
    """A one-line field that keeps what is typed in the browser."""
    class_name = f"in {more.pop('class_name', '')}".strip()
    return rx.el.input(
        id=field_id,
        name=name,
        class_name=class_name,
        auto_complete="off",
        aria_invalid=rx.cond(problem != "", "true", "false"),
        aria_describedby=f"{field_id}-problem {field_id}-help",
        **more,
    )


def notes_input(*, field_id: str, problem: rx.Var[str]) -> rx.Component:
    """The field for internal notes."""
    return rx.el.textarea(
        id=field_id,
        name="notes",
        class_name="in",
        rows=2,
        aria_invalid=rx.cond(problem != "", "true", "false"),
        aria_describedby=f"{field_id}-problem",
    )


def problem_text(field_id: str, problem: rx.Var[str]) -> rx.Component:
    """The sentence of a refusal; empty it takes no room, filled it is read aloud."""
    return rx.el.p(problem, class_name="field-error", id=f"{field_id}-problem", role="alert")


def preview_box(rows: Sequence[tuple[str, rx.Var[str]]]) -> rx.Component:
    """What the act would do."""
    lines = [part for label, value in rows for part in (rx.el.dt(label), rx.el.dd(value))]
    return rx.el.dl(*lines, class_name="preview")


def modal(dialog_id: str, label: str, *content: rx.Component) -> rx.Component:
    """A modal dialog of the browser's own: it holds the focus, closes on Escape, gives it back."""
    return rx.el.dialog(
        *content,
        id=dialog_id,
        class_name="modal",
        aria_labelledby=f"{dialog_id}-title" if not label else None,
        aria_label=label or None,
    )


def dialog_head(dialog_id: str, title: str, subject: rx.Var[str]) -> rx.Component:
    """The title of a dialog, and what it is about."""
    return rx.el.div(
        rx.el.h2(title, id=f"{dialog_id}-title"),
        rx.el.span(subject, class_name="sub"),
        class_name="dialog-head",
    )


def dialog_buttons(act: str, *, class_name: str) -> rx.Component:
    """Cancel, and the act in the field's own word."""
    return rx.el.div(
        rx.el.button(
            "Cancel", type="button", class_name="btn", custom_attrs={"data-close-dialog": ""}
        ),
        rx.el.button(act, type="submit", class_name=f"btn {class_name}"),
        class_name="buttons",
    )
