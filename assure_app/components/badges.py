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


def money_chips(*, flag: rx.Var[str], pending: rx.Var[str], overpaid: rx.Var[str]) -> rx.Component:
    """A payment that its bank contests, money on its way, and money above the total; nothing when
    there is none of it (R043, R066, R070)."""
    return rx.fragment(
        flag_chip(flag),
        rx.cond(pending != "", pending_chip(pending)),
        rx.cond(overpaid != "", overpaid_chip(overpaid)),
    )


def unsure_mark(text: rx.Var[str]) -> rx.Component:
    """A quiet mark beside Paid that says until when the money may be taken back; nothing for ""."""
    mark = rx.el.span(
        rx.icon("history", size=13, aria_hidden="true"),
        rx.el.span(text, class_name="visually-hidden"),
        title=text,
        class_name="unsure",
    )
    return rx.cond(text != "", mark)


def flag_chip(flag: rx.Var[str]) -> rx.Component:
    """ "Disputed" or "Inquiry"; nothing for ""."""
    return rx.cond(flag != "", _chip("flag", flag, "badge disputed"))


def pending_chip(amount: rx.Var[str]) -> rx.Component:
    """Money on its way."""
    return _chip("hourglass", "Payment pending " + amount.to(str), "badge pending")


def overpaid_chip(amount: rx.Var[str]) -> rx.Component:
    """Money above the total."""
    return _chip("circle_alert", "Overpaid " + amount.to(str), "badge overpaid")


def written_off_chip(amount: rx.Var[str]) -> rx.Component:
    """What was given up when the invoice was cancelled."""
    return _chip("eraser", "Written off " + amount.to(str), "badge pending")


def _chip(icon: str, text: rx.Var[str], class_name: str) -> rx.Component:
    return rx.el.span(rx.icon(icon, size=12, aria_hidden="true"), text, class_name=class_name)
