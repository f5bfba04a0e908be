"""How the firm is connected to Stripe, and what Stripe told that a person has to look at (R061)."""

import reflex as rx

from assure_app.billing.reading.stripe_page import ExceptionRow
from assure_app.components.plain import PlainLink
from assure_app.components.settings.frame import card
from assure_app.states.settings.disconnect_dialog import DisconnectDialog
from assure_app.states.settings.stripe import CONNECTION, HEADING, STEP, SettleDialog, StripePage
from assure_app.states.shell import Shell

_ICONS = {"Active": "check", "Restricted": "circle_alert", "Not connected": "unplug"}


def stripe_page() -> rx.Component:
    """The page for owners, admins and Stripe admins; for everybody else why there is none."""
    nothing = rx.el.div(
        rx.el.h3("The firm's Stripe account is not open to you"),
        rx.el.p("Owners, admins and Stripe admins look after it. Ask one of them for a change."),
        class_name="card empty",
    )
    return rx.cond(
        (Shell.desk.firm != "") & ~Shell.desk.looks_after_stripe,
        nothing,
        rx.fragment(_connection(), _waiting(), _settled(), _revisit()),
    )


def _connection() -> rx.Component:
    told = StripePage.view.connection
    return card(
        "Connection",
        rx.el.p(_state_badge(told.state), class_name="state"),
        rx.el.p(told.meaning),
        rx.cond(told.reason != "", rx.el.p(told.reason, class_name="why-not")),
        rx.cond(told.wanted.length() > 0, _wanted()),
        rx.cond(told.account_id != "", _account()),
        rx.cond(StripePage.is_loaded, _buttons()),
        help_text="Payments go straight to the firm's own Stripe account.",
    )


def _wanted() -> rx.Component:
    wanted = StripePage.view.connection.wanted
    return rx.el.div(
        rx.el.p("Stripe still wants:"),
        rx.el.ul(rx.foreach(wanted, lambda each: rx.el.li(each, key=each)), class_name="wanted"),
    )


def _account() -> rx.Component:
    told = StripePage.view.connection
    return rx.el.dl(
        rx.el.div(rx.el.dt("Account"), rx.el.dd(rx.el.code(told.account_id))),
        rx.el.div(
            rx.el.dt("Last checked"),
            rx.el.dd(rx.cond(told.checked != "", told.checked, "never")),
        ),
        class_name="facts",
    )


def _buttons() -> rx.Component:
    told = StripePage.view.connection
    check = _asking_button("Check again", CONNECTION, on_click=StripePage.check)
    go_on = _asking_button(told.step, STEP, on_click=StripePage.go_on, is_first=True)
    disconnect = rx.el.button(
        "Disconnect Stripe", type="button", class_name="btn", on_click=DisconnectDialog.open
    )
    return rx.el.div(
        rx.cond(told.step != "", go_on),
        rx.cond(StripePage.view.may_act & (told.account_id != ""), check),
        rx.cond(told.can_disconnect, disconnect),
        class_name="buttons",
    )


def _waiting() -> rx.Component:
    view = StripePage.view
    return rx.el.section(
        rx.el.h3("Needs a person", id=HEADING, tab_index=-1),
        rx.cond(
            StripePage.is_loaded & ~view.may_read,
            rx.el.p("You need “View billing” to see what waits here.", class_name="quiet"),
            rx.cond(
                StripePage.is_loaded & (view.waiting.length() == 0),
                rx.el.p(
                    rx.icon("circle_check", size=16, aria_hidden="true"),
                    "Nothing waits: everything Stripe told is in your books.",
                    class_name="all-well",
                ),
                rx.el.ol(rx.foreach(view.waiting, _row), class_name="exceptions"),
            ),
        ),
        rx.cond(view.more != "", rx.el.p(view.more, class_name="quiet")),
        aria_label="Needs a person",
        aria_busy=rx.cond(StripePage.is_loaded, "false", "true"),
        class_name="card exceptions-card",
    )


def _settled() -> rx.Component:
    settled = StripePage.view.settled
    return rx.cond(
        settled.length() > 0,
        rx.el.section(
            rx.el.h3("Recently settled"),
            rx.el.ol(rx.foreach(settled, _settled_row), class_name="exceptions"),
            aria_label="Recently settled",
            class_name="card exceptions-card",
        ),
    )


def _revisit() -> rx.Component:
    return rx.el.button(
        type="button",
        hidden=True,
        on_click=StripePage.load,
        custom_attrs={"data-revisit": ""},
    )


def _row(row: rx.Var[ExceptionRow]) -> rx.Component:
    return rx.el.li(
        _head(row),
        rx.el.p(row.sentence),
        rx.el.p(rx.el.code(row.object_id), class_name="quiet"),
        rx.el.div(
            rx.cond(StripePage.view.may_act, _acts(row)), _invoice_link(row), class_name="acts"
        ),
        key=row.id.to_string(),
    )


def _settled_row(row: rx.Var[ExceptionRow]) -> rx.Component:
    return rx.el.li(
        _head(row),
        rx.el.p(row.sentence, class_name="quiet"),
        rx.el.p(rx.el.b(row.settled_by), ", ", row.settled, ": ", row.note),
        rx.el.div(_invoice_link(row), class_name="acts"),
        key=row.id.to_string(),
    )


def _head(row: rx.Var[ExceptionRow]) -> rx.Component:
    return rx.el.div(
        rx.el.b(row.kind),
        rx.el.span(row.opened, class_name="quiet"),
        rx.cond(row.amount != "", rx.el.span(row.amount, class_name="num push")),
        class_name="head",
    )


def _invoice_link(row: rx.Var[ExceptionRow]) -> rx.Component:
    link = PlainLink.create("Open " + row.number, href=row.href, class_name="link")
    return rx.cond(row.number != "", link)


def _acts(row: rx.Var[ExceptionRow]) -> rx.Component:
    replay = _asking_button(
        "Replay",
        row.id,
        on_click=StripePage.replay(row.id),
        small=True,
        aria_label="Replay: " + row.sentence,
    )
    settle = rx.el.button(
        "Mark as settled",
        type="button",
        class_name="btn sm",
        aria_label="Mark as settled: " + row.sentence,
        on_click=SettleDialog.open(row.id),
    )
    return rx.fragment(rx.cond(row.can_replay, replay), settle)


def _asking_button(
    label: rx.Var[str] | str,
    what: rx.Var[int] | int,
    *,
    small: bool = False,
    is_first: bool = False,
    **more: rx.Var[str] | object,
) -> rx.Component:
    """A button whose act waits for Stripe, and says so meanwhile."""
    is_asking = StripePage.asking == what
    return rx.el.button(
        rx.cond(is_asking, "Asking Stripe…", label),
        type="button",
        class_name="btn" + " sm" * small + " pri" * is_first,
        aria_busy=rx.cond(is_asking, "true", "false"),
        **more,
    )


def _state_badge(state: rx.Var[str]) -> rx.Component:
    shapes = [(name, rx.icon(icon, size=12, aria_hidden="true")) for name, icon in _ICONS.items()]
    return rx.cond(
        state != "",
        rx.el.span(
            rx.match(state, *shapes, rx.fragment()),
            state,
            class_name="badge connect " + state.to(str),
        ),
    )
