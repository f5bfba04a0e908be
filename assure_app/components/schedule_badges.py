"""What a schedule is and does at a glance: a shape and a word each, never colour alone (R145)."""

import reflex as rx

_ICONS = {
    "Active": "repeat",
    "Paused": "pause",
    "Completed": "check",
    "Cancelled": "ban",
}
_AUTOPAY_ICONS = {"On": "zap", "Off": "zap_off", "No method": "triangle_alert"}


def schedule_badge(status: rx.Var[str]) -> rx.Component:
    """The badge of a schedule's status."""
    return rx.el.span(_icon(status, _ICONS), status, class_name="badge schedule-" + status.to(str))


def autopay_chip(label: rx.Var[str], method: rx.Var[str]) -> rx.Component:
    """ "On" with "Visa •••• 4242", "Off", or "No method" (R128)."""
    return rx.el.span(
        rx.el.span(
            _icon(label, _AUTOPAY_ICONS),
            label,
            class_name=rx.cond(label == "No method", "auto warn", "auto"),
        ),
        rx.cond(method != "", rx.el.span(method, class_name="sub")),
        class_name="autopay-state",
    )


def problem_mark(problem: rx.Var[str]) -> rx.Component:
    """That the next invoice could not be made, and why; nothing for ""."""
    mark = rx.el.span(
        rx.icon("triangle_alert", size=14, aria_hidden="true"),
        "Held up",
        rx.el.span(": " + problem.to(str), class_name="visually-hidden"),
        title=problem,
        class_name="held-up",
    )
    return rx.cond(problem != "", mark)


def _icon(name: rx.Var[str], icons: dict[str, str]) -> rx.Component:
    shapes = [(each, rx.icon(icon, size=12, aria_hidden="true")) for each, icon in icons.items()]
    return rx.match(name, *shapes, rx.fragment())
