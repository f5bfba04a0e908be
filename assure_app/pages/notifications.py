"""The page of all that a person was told: `/notifications`."""

import reflex as rx

from assure_app.components.bell import mark_all_button, nothing, rows
from assure_app.components.shell import shell
from assure_app.states.bell import PAGE_PATH, NotificationList
from assure_app.states.shell import Shell


def add_to(app: rx.App) -> None:
    """Give the application its page of notifications."""
    app.add_page(
        notifications,
        route=PAGE_PATH,
        title="Notifications · Assure Pro",
        on_load=[Shell.load_frame, NotificationList.load],
    )


def notifications() -> rx.Component:
    """The newest first, fifty at a time."""
    page = NotificationList.news
    return shell(
        rx.el.div(
            rx.el.h1("Notifications"),
            rx.el.div(
                mark_all_button(page.newest_id),
                rx.el.a("Settings", href="/settings/notifications", class_name="btn sm"),
                class_name="row push",
            ),
            class_name="page-head",
        ),
        rx.cond(
            (Shell.desk.firm != "") & ~Shell.desk.views_billing,
            _no_billing(),
            rx.el.div(
                rx.cond(
                    NotificationList.is_loaded,
                    rx.cond(page.rows.length() > 0, rows(page.rows), nothing()),
                    rx.el.div(class_name="news-wait", aria_busy="true"),
                ),
                class_name="card news-card",
            ),
        ),
        rx.el.div(
            rx.cond(~page.is_first, rx.el.a("Newest", href=PAGE_PATH, class_name="btn")),
            rx.cond(page.older != "", rx.el.a("Older", href=page.older, class_name="btn")),
            class_name="pager",
        ),
        current="",
    )


def _no_billing() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Billing is not open to you"),
        rx.el.p("You need “View billing” to hear of it. Ask an owner or admin of your firm."),
        class_name="card empty",
    )
