"""The bell beside the firm's name, and the panel over the page that lists the newest."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.vars.object import ObjectVar
from reflex_components_core.el.elements.typography import Div  # type: ignore[import-untyped]

from assure_app.billing.reading.notifications import NotificationRow
from assure_app.domain.notifications import NotificationKind
from assure_app.states.bell import PAGE_PATH, PANEL, Bell
from assure_app.states.shell import Shell

_ICONS = {
    NotificationKind.PAYMENT_LANDED: "circle_check",
    NotificationKind.PAYMENT_FAILED: "circle_x",
    NotificationKind.RETRIES_EXHAUSTED: "repeat",
    NotificationKind.DISPUTE: "gavel",
    NotificationKind.REFUND: "undo_2",
    NotificationKind.EXCEPTION: "circle_alert",
    NotificationKind.SCHEDULE: "calendar_x",
    NotificationKind.DIFFERENCE: "scale",
    NotificationKind.PAYOUT: "landmark",
    NotificationKind.UNDELIVERED: "mail_x",
    NotificationKind.JOB_STOPPED: "octagon_x",
}
_TITLE = "bell-title"


@dataclass
class ToggleEvent:
    """What the browser tells of it, in its own word."""

    newState: str = ""  # noqa: N815


def _new_state(event: ObjectVar[ToggleEvent]) -> tuple[rx.Var[str]]:
    return (event.newState,)


class Panel(Div):
    """What the browser lays over the page, and which tells when it was opened and closed."""

    on_toggle: rx.EventHandler[_new_state]  # type: ignore[type-arg, valid-type]


def bell() -> rx.Component:
    """For who may hear of anything: a button with how much is new, and what it opens."""
    return rx.cond(Shell.desk.views_billing, rx.fragment(_button(), _panel(), _aloud()))


def rows(listed: rx.Var[Any]) -> rx.Component:
    """Pieces of news as links; a mark, a word and the weight say which are unread."""
    return rx.el.ul(rx.foreach(listed, _row), class_name="news-list")


def mark_all_button(newest_id: rx.Var[int], **more: Any) -> rx.Component:
    """Marks what is listed, and what is older, as read."""
    return rx.el.button(
        "Mark all read",
        type="button",
        class_name="btn lite sm",
        disabled=Bell.unread == "",
        on_click=Bell.mark_all_read(newest_id),
        **more,
    )


def nothing() -> rx.Component:
    """What stands there when nothing was told yet."""
    return rx.el.div(
        rx.el.span(rx.icon("bell", size=20), class_name="emblem", aria_hidden="true"),
        rx.el.h2("Nothing yet"),
        rx.el.p(
            "Payments that land or fail, disputes, and what waits for you show here.",
            class_name="quiet",
        ),
        class_name="empty news-empty",
    )


def _button() -> rx.Component:
    unread = Bell.unread
    return rx.el.button(
        rx.icon("bell", size=18, aria_hidden="true"),
        rx.cond(unread != "", rx.el.span(unread, class_name="bell-count", aria_hidden="true")),
        type="button",
        class_name="btn lite icon bell",
        aria_label=rx.cond(unread == "", "Notifications", "Notifications, " + unread + " unread"),
        title="Notifications",
        aria_haspopup="dialog",
        custom_attrs={"popoverTarget": PANEL, "data-bell": ""},
    )


def _panel() -> rx.Component:
    page = Bell.news
    return Panel.create(
        rx.el.div(
            rx.el.h2("Notifications", id=_TITLE),
            mark_all_button(page.newest_id),
            class_name="bell-head",
        ),
        rx.cond(
            Bell.is_loaded,
            rx.cond(page.rows.length() > 0, rows(page.rows), nothing()),
            rx.el.div(class_name="news-wait", aria_busy="true"),
        ),
        rx.el.div(
            rx.el.a("See all", href=PAGE_PATH, class_name="link"),
            rx.el.a("Settings", href="/settings/notifications", class_name="link push"),
            class_name="bell-foot",
        ),
        id=PANEL,
        class_name="bell-panel",
        role="dialog",
        aria_labelledby=_TITLE,
        on_toggle=Bell.toggled,
        custom_attrs={"popover": "auto"},
    )


def _aloud() -> rx.Component:
    return rx.el.span(Bell.aloud, class_name="visually-hidden", role="status")


def _row(row: rx.Var[NotificationRow]) -> rx.Component:
    unread = rx.fragment(
        rx.el.i(class_name="unread-mark", aria_hidden="true"),
        rx.el.span("Unread", class_name="visually-hidden"),
    )
    return rx.el.li(
        rx.el.a(
            _icon(row.kind),
            rx.el.span(
                rx.el.span(row.text, class_name="news-text"),
                rx.cond(row.detail != "", rx.el.span(row.detail, class_name="news-detail")),
                rx.el.span(
                    row.label,
                    " · ",
                    rx.el.time(row.when, title=row.moment),
                    class_name="news-meta",
                ),
                class_name="news-body",
            ),
            rx.cond(row.is_unread, unread),
            href=row.href,
            on_click=[rx.prevent_default, Bell.follow(row.id)],
            class_name=rx.cond(row.is_unread, "news-row unread", "news-row"),
            custom_attrs={"data-follow": ""},
        ),
        key=row.id.to_string(),
    )


def _icon(kind: rx.Var[str]) -> rx.Component:
    shapes = [
        (each.value, rx.icon(name, size=16, aria_hidden="true")) for each, name in _ICONS.items()
    ]
    return rx.match(kind, *shapes, rx.icon("bell", size=16, aria_hidden="true"))
