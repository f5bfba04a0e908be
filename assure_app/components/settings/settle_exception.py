"""The dialog that asks what was done about something Stripe told."""

import reflex as rx

from assure_app.components.note_dialog import note_dialog
from assure_app.states.settings.stripe import DIALOG, SettleDialog


def settle_dialog() -> rx.Component:
    """The dialog; it is filled when it is opened."""
    return note_dialog(
        DIALOG,
        SettleDialog,
        title="Mark as settled",
        label="What was done",
        light="kept in the audit log",
        button="Mark as settled",
        busy="Settling…",
    )
