"""What the drawers of invoices and of schedules have in common: sections, and the lines billed."""

import reflex as rx

from assure_app.billing.reading.rows import LineRow


def section(heading: str, *content: rx.Component) -> rx.Component:
    """A part of a drawer, named by its heading."""
    return rx.el.section(rx.el.h3(heading), *content, aria_label=heading)


def line_items(
    lines: rx.Var[tuple[LineRow, ...]],
    *,
    subtotal: rx.Var[str],
    tax: rx.Var[str],
    total: rx.Var[str],
) -> rx.Component:
    """The lines, with their taxes and sums when there is any tax."""
    has_tax = tax != ""
    sums = (("Subtotal", subtotal), ("Tax", tax), ("Total", total))
    return section(
        "Line items",
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th("Description", scope="col"),
                    rx.el.th("Quantity", scope="col", class_name="num"),
                    rx.el.th("Price", scope="col", class_name="num"),
                    rx.cond(has_tax, rx.el.th("Tax", scope="col", class_name="num")),
                    rx.el.th("Amount", scope="col", class_name="num"),
                )
            ),
            rx.el.tbody(rx.foreach(lines, lambda line: _line(line, has_tax))),
            rx.cond(has_tax, rx.el.tfoot(*(_sum(*each) for each in sums))),
            class_name="lines",
        ),
    )


def _line(line: rx.Var[LineRow], has_tax: rx.Var[bool]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(line.description),
        rx.el.td(line.quantity, class_name="num"),
        rx.el.td(line.unit_price, class_name="num"),
        rx.cond(has_tax, rx.el.td(line.tax, class_name="num")),
        rx.el.td(line.amount, class_name="num"),
    )


def _sum(label: str, amount: rx.Var[str]) -> rx.Component:
    return rx.el.tr(rx.el.th(label, scope="row", col_span=4), rx.el.td(amount, class_name="num"))
