"""How the firm is connected to Stripe, and what Stripe told that a person has to look at (R061)."""

import reflex as rx

from assure_app.billing.stripe_exceptions import ExceptionRow
from assure_app.components.plain import PlainLink
from assure_app.states.settings.stripe import StripePage
from assure_app.states.shell import Shell

_STATES = (
    ("Active", "Your clients can pay by card and bank account."),
    ("Restricted", "Stripe does not take payments for you yet: finish what it asks of you there."),
)
_NOT_CONNECTED = "Your clients cannot pay online: the firm has no Stripe account here."


def stripe_page() -> rx.Component:
    """The page for owners and Stripe admins, and for everybody else why there is none."""
    nothing = rx.el.div(
        rx.el.h3("The firm's Stripe account is not open to you"),
        rx.el.p("The owner and Stripe admins look after it."),
        class_name="card empty",
    )
    return rx.cond(
        (Shell.desk.firm != "") & ~Shell.desk.looks_after_stripe,
        nothing,
        rx.fragment(_connection(), _exceptions()),
    )


def _connection() -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h3("Connection"), class_name="about"),
        rx.el.div(
            rx.el.p(rx.el.b(StripePage.connection)),
            rx.el.p(rx.match(StripePage.connection, *_STATES, _NOT_CONNECTED), class_name="quiet"),
            class_name="fields",
        ),
        class_name="card setting",
        aria_label="Connection",
    )


def _exceptions() -> rx.Component:
    rows = StripePage.rows
    return rx.el.section(
        rx.el.h3("Needs a person"),
        rx.cond(
            StripePage.is_loaded & (rows.length() == 0),
            rx.el.p("Nothing: all that Stripe told is in your books.", class_name="quiet"),
            rx.el.ol(rx.foreach(rows, _row), class_name="exceptions"),
        ),
        rx.el.button(
            type="button",
            hidden=True,
            on_click=StripePage.load,
            custom_attrs={"data-revisit": ""},
        ),
        aria_label="Needs a person",
        class_name="card exceptions-card",
    )


def _row(row: rx.Var[ExceptionRow]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.b(row.kind),
            rx.cond(row.amount != "", rx.el.span(row.amount, class_name="num"), ""),
            rx.el.span(row.opened, class_name="quiet"),
            class_name="head",
        ),
        rx.el.p(row.sentence),
        rx.el.p(rx.el.code(row.object_id), class_name="quiet"),
        rx.el.div(
            rx.cond(
                row.number != "",
                PlainLink.create("Open " + row.number, href=row.href, class_name="link"),
            ),
            rx.cond(
                row.can_replay,
                rx.el.button(
                    "Replay",
                    type="button",
                    class_name="btn sm",
                    aria_label="Replay: " + row.sentence,
                    on_click=StripePage.replay(row.id),
                ),
            ),
            rx.el.button(
                "Mark as settled",
                type="button",
                class_name="btn sm",
                aria_label="Mark as settled: " + row.sentence,
                on_click=StripePage.settle(row.id),
            ),
            class_name="acts",
        ),
        key=row.id.to_string(),
    )
