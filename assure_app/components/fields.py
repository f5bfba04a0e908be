"""Form fields of the dialogs: a label, the field, its help, and the sentence when it is wrong."""

import json
from typing import Any

import reflex as rx
from reflex_components_core.el.elements.other import Dialog  # type: ignore[import-untyped]


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
        rx.el.label(label, html_for=field_id),
        rx.el.span(f" {light}", class_name="light", id=f"{field_id}-light") if light else "",
        control,
        rx.el.p(help_text, class_name="help", id=f"{field_id}-help")
        if help_text is not None
        else "",
        problem_text(field_id, problem),
        class_name="field",
    )


def typed_in(dialog_id: str) -> rx.Var[dict[str, Any]]:
    """Everything that stands in the dialog's form at this moment.

    An event carries the whole form: of two fields changed in quick succession the browser sends
    only the later event.
    """
    return rx.Var(f"assure.typed({json.dumps(dialog_id)})").to(dict[str, Any])


def text_input(name: str, *, field_id: str, problem: rx.Var[str], **more: Any) -> rx.Component:
    """A one-line field that keeps what is typed in the browser."""
    class_name = f"in {more.pop('class_name', '')}".strip()
    return rx.el.input(
        id=field_id,
        name=name,
        class_name=class_name,
        auto_complete="off",
        aria_invalid=rx.cond(problem != "", "true", "false"),
        aria_describedby=f"{field_id}-light {field_id}-help {field_id}-problem",
        **more,
    )


def notes_input(*, field_id: str, problem: rx.Var[str], on_change: Any) -> rx.Component:
    """The field for internal notes."""
    return rx.el.textarea(
        id=field_id,
        name="notes",
        on_change=on_change,
        class_name="in",
        rows=2,
        aria_invalid=rx.cond(problem != "", "true", "false"),
        aria_describedby=f"{field_id}-light {field_id}-problem",
    )


def problem_text(field_id: str, problem: rx.Var[str]) -> rx.Component:
    """The sentence of a refusal; empty it takes no room, filled it is read aloud."""
    return rx.el.p(problem, class_name="field-error", id=f"{field_id}-problem", role="alert")


class Modal(Dialog):
    """The browser's own modal dialog, which tells when it was closed, by whatever means."""

    on_close: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]


def modal(dialog_id: str, *content: rx.Component, on_close: Any = None) -> rx.Component:
    """A modal dialog: it holds the focus, closes on Escape, and gives the focus back."""
    more = {} if on_close is None else {"on_close": on_close}
    return Modal.create(
        *content,
        id=dialog_id,
        class_name="modal",
        aria_labelledby=f"{dialog_id}-title",
        **more,
    )


def dialog_head(dialog_id: str, title: rx.Var[str] | str, subject: rx.Var[str]) -> rx.Component:
    """The title of a dialog, and what it is about."""
    return rx.el.div(
        rx.el.h2(title, id=f"{dialog_id}-title"),
        rx.el.span(subject, class_name="sub"),
        class_name="dialog-head",
    )


def dialog_buttons(
    act: rx.Var[str] | str,
    *,
    class_name: str,
    busy: rx.Var[str] | str | None = None,
    back: str = "Cancel",
) -> rx.Component:
    """The way back, and the act in the field's own word; `busy` while it is under way."""
    return rx.el.div(
        rx.el.button(back, type="button", class_name="btn", custom_attrs={"data-close-dialog": ""}),
        rx.el.button(
            rx.el.span(act, class_name="idle"),
            rx.el.span(f"{act}ing…" if busy is None else busy, class_name="busy"),
            type="submit",
            class_name=f"btn {class_name}",
        ),
        class_name="buttons",
    )
