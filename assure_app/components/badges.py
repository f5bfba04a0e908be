"""Status badges: a shape and a word each, so that nothing is told by colour alone (R145)."""

import reflex as rx

_ICONS = {
    "Draft": "square_dashed",
    "Sent": "send",
    "Viewed": "eye",
    "Partially paid": "circle_dot_dashed",
    "Paid": "check",
    "Overdue": "clock",
    "Cancelled": "ban",
}


def status_badge(status: rx.Var[str]) -> rx.Component:
    """The badge of an invoice's status."""
    shapes = [(name, rx.icon(icon, size=12, aria_hidden="true")) for name, icon in _ICONS.items()]
    return rx.el.span(
        rx.match(status, *shapes, rx.fragment()),
        status,
        class_name="badge " + status.to(str),
    )


def money_chips(*, pending: rx.Var[str], overpaid: rx.Var[str]) -> rx.Component:
    """Money on its way, and money above the total; nothing when there is neither (R043, R070)."""
    return rx.fragment(
        rx.cond(
            pending != "",
            rx.el.span(
                rx.icon("hourglass", size=12, aria_hidden="true"),
                "Payment pending " + pending.to(str),
                class_name="badge pending",
            ),
        ),
        rx.cond(
            overpaid != "",
            rx.el.span(
                rx.icon("circle_alert", size=12, aria_hidden="true"),
                "Overpaid " + overpaid.to(str),
                class_name="badge overpaid",
            ),
        ),
    )
