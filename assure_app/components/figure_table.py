"""Tables of figures. On a phone each row stands as a small card that names its own columns.

The roles are said again because a browser may take a table that is laid out otherwise for none.
"""

from typing import Any

import reflex as rx

Label = rx.Var[str] | str


def table(
    head: rx.Component, body: rx.Component, *foot: rx.Component, class_name: str = ""
) -> rx.Component:
    """A table of one `line` of columns, of the lines in its body, and of the line of their sum."""
    return rx.el.table(
        rx.el.thead(head, role="rowgroup"),
        rx.el.tbody(body, role="rowgroup"),
        *(rx.el.tfoot(each, role="rowgroup") for each in foot),
        role="table",
        class_name=f"report-table {class_name}".strip(),
    )


def line(*cells: Any, **more: Any) -> rx.Component:
    """A row of these cells."""
    return rx.el.tr(*cells, role="row", **more)


def column(name: Label, *, is_number: bool = False) -> rx.Component:
    """What stands under it."""
    return rx.el.th(
        name, scope="col", role="columnheader", class_name="num" if is_number else "", key=name
    )


def name(*content: Any, **more: Any) -> rx.Component:
    """What a row is about."""
    return rx.el.th(*content, scope="row", role="rowheader", **more)


def cell(
    label: Label, *content: Any, is_number: bool = False, is_chief: rx.Var[bool] | bool = False
) -> rx.Component:
    """A cell under the column of that name; the chief one stands beside the name of its card."""
    kind = "num" if is_number else ""
    return rx.el.td(
        *content,
        role="cell",
        class_name=rx.cond(is_chief, f"{kind} chief".strip(), kind),
        custom_attrs={"data-label": label},
    )
