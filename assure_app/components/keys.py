"""The list of keys, on `?`."""

import reflex as rx

from assure_app.components import fields

_KEYS = (
    ("/", "Search"),
    ("J", "Next invoice in the list"),
    ("K", "Previous invoice in the list"),
    ("Enter", "Open it"),
    ("X", "Select it"),
    ("S", "Send the selected invoices"),
    ("P", "Record payment"),
    ("B", "Notifications"),
    ("Esc", "Close"),
    ("?", "This list"),
)


_OF_SCHEDULES = (
    ("/", "Search"),
    ("J", "Next schedule in the list"),
    ("K", "Previous schedule in the list"),
    ("Enter", "Open it"),
    ("Esc", "Close"),
    ("?", "This list"),
)


def schedule_keys_dialog() -> rx.Component:
    """What each key does on the page of schedules."""
    return keys_dialog(_OF_SCHEDULES)


def keys_dialog(keys: tuple[tuple[str, str], ...] = _KEYS) -> rx.Component:
    """What each key does."""
    rows = [part for key, meaning in keys for part in (rx.el.dt(rx.el.kbd(key)), rx.el.dd(meaning))]
    return fields.modal(
        "keys",
        rx.el.div(
            rx.el.h2("Keys", id="keys-title"),
            rx.el.dl(*rows, class_name="keys"),
            rx.el.div(
                rx.el.button(
                    "Close",
                    type="button",
                    class_name="btn",
                    custom_attrs={"data-close-dialog": "", "data-first": ""},
                ),
                class_name="buttons",
            ),
            class_name="dialog-body",
        ),
    )
