"""The dialog that asks before clients can pay online no more: what stops, and what goes on."""

import reflex as rx

from assure_app.components import fields
from assure_app.states.settings.disconnect_dialog import DIALOG, DisconnectDialog


def disconnect_dialog() -> rx.Component:
    """The dialog; it is filled when it is opened."""
    is_asked = DisconnectDialog.ending.account_id != ""
    return fields.modal(DIALOG, rx.cond(is_asked, _form()), on_close=DisconnectDialog.closed)


def _form() -> rx.Component:
    ending, problems = DisconnectDialog.ending, DisconnectDialog.problems
    return rx.el.form(
        fields.dialog_head(DIALOG, "Disconnect Stripe", ending.account_id),
        rx.el.ul(
            rx.el.li("Clients see no Pay button any more, and letters offer no online payment."),
            rx.el.li(ending.pages),
            rx.el.li("Refunds of card and bank payments cannot be made here any more."),
            class_name="wanted",
        ),
        rx.el.p(
            "Bank payments under way still arrive in your Stripe account and in these books, and "
            "so do refunds and disputes that happen at Stripe. The account, its money and its "
            "history stay yours; you can connect it again at any time."
        ),
        rx.el.p(
            "At Stripe the account stays linked to Assure Pro: that link is ended for good by "
            "whoever runs Assure Pro for you.",
            class_name="callout",
        ),
        fields.problem_text("disconnect-form", problems["form"]),
        fields.dialog_buttons(
            "Disconnect", class_name="danger", busy="Disconnecting…", back="Stay connected"
        ),
        key=ending.account_id,
        class_name="dialog-body",
        no_validate=True,
        on_submit=DisconnectDialog.submit(fields.typed_in(DIALOG)),
    )
