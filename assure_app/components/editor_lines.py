"""The line items of an editor, and what they come to."""

import reflex as rx

from assure_app.components import fields
from assure_app.components.editor_fields import INVOICE, Editor, typed
from assure_app.states.editor_lines import LineRow


def line_fields(of: Editor = INVOICE) -> tuple[rx.Component, ...]:
    """Each line, the way to one more, the sums, and what is wrong with them all."""
    return (
        rx.el.div(
            rx.foreach(of.state.lines, lambda row: _line(row, of)), class_name="editor-lines"
        ),
        rx.el.div(_add_line(of), _totals(of), class_name="editor-sums"),
        fields.problem_text(f"{of.id}-lines", of.state.problems["lines"]),
    )


def _line(row: rx.Var[LineRow], of: Editor) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Line " + row.position, class_name="visually-hidden"),
        _line_field(row, of, "Description", "description", class_name="wide"),
        _line_field(row, of, "Quantity", "quantity", is_number=True),
        _line_field(row, of, "Price", "price", is_number=True),
        _line_field(row, of, "Tax", "tax", is_number=True, light="%"),
        rx.el.div(
            rx.el.span(
                "Amount", rx.el.span(" of line " + row.position, class_name="visually-hidden")
            ),
            rx.el.output(rx.cond(row.amount != "", row.amount, "—"), class_name="num"),
            class_name="amount",
        ),
        rx.el.button(
            rx.icon("x", size=16, aria_hidden="true"),
            type="button",
            class_name="btn lite icon",
            aria_label="Remove line " + row.position,
            title="Remove line " + row.position,
            on_click=of.state.remove_line(row.key, fields.typed_in(of.id)),
        ),
        class_name="editor-line",
        key=row.key,
    )


def _line_field(
    row: rx.Var[LineRow],
    of: Editor,
    label: str,
    name: str,
    *,
    is_number: bool = False,
    light: str = "",
    class_name: str = "",
) -> rx.Component:
    field_id = f"{of.id}-{name}-" + row.key
    problem = getattr(row, f"{name}_problem")
    more = {"input_mode": "decimal"} if is_number else {}
    return rx.el.div(
        rx.el.label(
            label,
            rx.el.span(" of line " + row.position, class_name="visually-hidden"),
            html_for=field_id,
        ),
        rx.el.span(f" {light}", class_name="light") if light else "",
        rx.el.input(
            id=field_id,
            name=f"{name}-" + row.key,
            class_name="in num" if is_number else "in",
            auto_complete="off",
            default_value=getattr(row, name),
            on_change=typed(of),
            aria_invalid=rx.cond(problem != "", "true", "false"),
            aria_describedby=field_id + "-problem",
            **more,
        ),
        rx.el.p(problem, class_name="field-error", id=field_id + "-problem", role="alert"),
        class_name=f"field {class_name}".strip(),
    )


def _add_line(of: Editor) -> rx.Component:
    return rx.el.button(
        rx.icon("plus", size=16, aria_hidden="true"),
        "Add line",
        type="button",
        id=f"{of.id}-add-line",
        class_name="btn sm",
        on_click=of.state.add_line(fields.typed_in(of.id)),
    )


def _totals(of: Editor) -> rx.Component:
    shown = of.state.preview
    sums = (("Subtotal", shown.subtotal), ("Tax", shown.tax), ("Total", shown.total))
    return rx.el.div(
        rx.el.dl(
            *(
                rx.el.div(rx.el.dt(label), rx.el.dd(rx.cond(cents != "", cents, "—")))
                for label, cents in sums
            ),
        ),
        class_name="sums",
        aria_label="Totals",
        role="status",
    )
