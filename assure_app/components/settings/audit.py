"""The audit log: when, who, what."""

import reflex as rx

from assure_app.billing.reading.settings_rows import AuditRow
from assure_app.states.settings.audit import AuditLog


def audit_log() -> rx.Component:
    """A page of entries, newest first, and the ways to the next."""
    page = AuditLog.page
    return rx.fragment(
        rx.cond(
            AuditLog.problem != "",
            rx.el.p(AuditLog.problem, class_name="notice bad", role="alert"),
        ),
        rx.cond(
            AuditLog.is_loaded & (page.rows.length() == 0),
            rx.el.div(rx.el.h3("Nothing here"), class_name="card empty"),
            rx.el.div(
                rx.el.table(
                    rx.el.thead(
                        rx.el.tr(*(rx.el.th(name, scope="col") for name in ("When", "Who", "What")))
                    ),
                    rx.el.tbody(rx.foreach(page.rows, _row)),
                    class_name="people log",
                    aria_busy=rx.cond(AuditLog.is_loaded, "false", "true"),
                ),
                class_name="card",
            ),
        ),
        rx.el.nav(
            rx.cond(page.newer != "", _turn("Newer", page.newer)),
            rx.cond(page.older != "", _turn("Older", page.older)),
            aria_label="Pages",
            class_name="pager",
        ),
        rx.el.button(
            type="button",
            hidden=True,
            on_click=AuditLog.load,
            custom_attrs={"data-revisit": "audit"},
        ),
    )


def _row(row: rx.Var[AuditRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.time(row.at, date_time=row.iso), class_name="dim when"),
        rx.el.td(row.who, class_name="who"),
        rx.el.td(row.what, class_name="what"),
        key=row.id.to_string(),
    )


def _turn(label: str, cursor: rx.Var[str]) -> rx.Component:
    return rx.el.button(label, type="button", class_name="btn", on_click=AuditLog.go_to(cursor))
