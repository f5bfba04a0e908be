"""The members of the firm, and the dialogs that invite, change and deactivate them."""

import reflex as rx

from assure_app.billing.reading.settings_rows import MemberRow
from assure_app.components import fields
from assure_app.components.settings.frame import name_field, picker, roles, tick, ticks
from assure_app.states.settings import invite_dialog, member_dialog
from assure_app.states.settings.invite_dialog import InviteDialog
from assure_app.states.settings.member_dialog import MemberDialog
from assure_app.states.settings.members import DEACTIVATE, Members

_ICONS = {
    "Owner": "crown",
    "Admin": "shield",
    "Stripe admin": "landmark",
    "Deactivated": "ban",
    "Invited": "mail",
}


def invite_button() -> rx.Component:
    """Opens the dialog for somebody new."""
    return rx.el.button(
        "Invite member", type="button", class_name="btn pri push", on_click=InviteDialog.open
    )


def members_list() -> rx.Component:
    """The people of the firm, searched as you type."""
    return rx.fragment(
        rx.el.div(
            rx.el.div(
                rx.el.input(
                    type="search",
                    id="search",
                    placeholder="Search name or email",
                    aria_label="Search name or email",
                    auto_complete="off",
                    on_change=Members.search_for.debounce(120),
                ),
                class_name="search",
            ),
            rx.el.span(Members.page.note, class_name="count note", role="status"),
            class_name="toolbar",
        ),
        rx.cond(
            Members.is_loaded & (Members.page.rows.length() == 0),
            rx.el.div(rx.el.h3("Nobody matches"), class_name="card empty"),
            rx.el.div(
                rx.el.table(
                    rx.el.thead(
                        rx.el.tr(
                            *(
                                rx.el.th(name, scope="col")
                                for name in ("Person", "Role", "Teams", "Clients")
                            ),
                            rx.el.th(
                                rx.el.span("Actions", class_name="visually-hidden"), scope="col"
                            ),
                        )
                    ),
                    rx.el.tbody(rx.foreach(Members.page.rows, _row)),
                    class_name="people",
                    aria_busy=rx.cond(Members.is_loaded, "false", "true"),
                ),
                class_name="card",
            ),
        ),
        invite(),
        member(),
        deactivate(),
    )


def _row(row: rx.Var[MemberRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.b(row.name, rx.cond(row.is_me, rx.el.span(" (you)", class_name="quiet"))),
            rx.el.span(row.email, class_name="quiet"),
            class_name="who",
        ),
        rx.el.td(rx.el.div(rx.foreach(row.badges, _badge), class_name="row wrap")),
        rx.el.td(row.teams, class_name="dim"),
        rx.el.td(row.clients, class_name="dim"),
        rx.el.td(_acts(row), class_name="acts"),
        key=row.id.to_string(),
    )


def _badge(word: rx.Var[str]) -> rx.Component:
    shapes = [(name, rx.icon(icon, size=12, aria_hidden="true")) for name, icon in _ICONS.items()]
    return rx.el.span(
        rx.match(word, *shapes, rx.fragment()), word, class_name="badge " + word.to(str)
    )


def _acts(row: rx.Var[MemberRow]) -> rx.Component:
    change = _act("Edit", row, MemberDialog.open)
    again = _act("Send again", row, Members.invite_again)
    end = _act("Deactivate", row, Members.ask_to_deactivate)
    back = _act("Reactivate", row, Members.reactivate)
    return rx.cond(
        row.may_change,
        rx.el.div(
            rx.cond(row.is_invited & row.is_active, again),
            change,
            rx.cond(row.is_active, rx.cond(row.is_me, rx.fragment(), end), back),
            class_name="row",
        ),
    )


def _act(label: str, row: rx.Var[MemberRow], act: rx.EventHandler) -> rx.Component:
    return rx.el.button(
        label,
        rx.el.span(" ", row.name, class_name="visually-hidden"),
        type="button",
        class_name="btn lite sm",
        on_click=act(row.id),
    )


def invite() -> rx.Component:
    """Somebody new: they get a link by mail and choose their password themselves."""
    problems = InviteDialog.problems
    form = rx.el.form(
        fields.dialog_head(invite_dialog.DIALOG, "Invite member", ""),
        name_field("invite-name", problems["name"]),
        fields.field(
            "Email",
            fields.text_input(
                "email", field_id="invite-email", problem=problems["email"], input_mode="email"
            ),
            field_id="invite-email",
            problem=problems["email"],
            help_text="They get a link there that works once, for 7 days.",
        ),
        _role(
            roles(offers_owner=False, checked="Member"),
            "An admin sees and does everything but Stripe refunds, and manages people.",
            field_id="invite-role",
            problem=problems["role"],
        ),
        ticks(
            "Teams",
            InviteDialog.teams,
            prefix=invite_dialog.TICK,
            nothing="There is no team yet. Without one a member sees no billing.",
        ),
        fields.problem_text("invite-form", problems["form"]),
        fields.dialog_buttons("Send invitation", class_name="pri", busy="Sending…"),
        key=InviteDialog.form_token,
        class_name="dialog-body",
        no_validate=True,
        on_submit=InviteDialog.submit(fields.typed_in(invite_dialog.DIALOG)),
    )
    return fields.modal(
        invite_dialog.DIALOG,
        rx.cond(InviteDialog.form_token != "", form),
        on_close=InviteDialog.closed,
    )


def member() -> rx.Component:
    """One person: everything that decides what they see and do."""
    start, problems = MemberDialog.start, MemberDialog.problems
    form = rx.el.form(
        fields.dialog_head(member_dialog.DIALOG, "Edit member", start.email),
        name_field("member-name", problems["name"], default_value=start.form.name),
        _role(
            roles(offers_owner=start.by_owner, checked=start.form.role),
            "Owners and admins see every client and do everything but Stripe refunds.",
            field_id="member-role",
            problem=problems["role"],
        ),
        _stripe_admin(),
        ticks("Teams", start.teams, prefix=member_dialog.TICK, nothing="There is no team yet."),
        _clients(),
        fields.problem_text("member-form", problems["form"]),
        fields.dialog_buttons("Save", class_name="pri", busy="Saving…"),
        key=start.form_token,
        class_name="dialog-body",
        no_validate=True,
        on_submit=MemberDialog.submit(fields.typed_in(member_dialog.DIALOG)),
    )
    return fields.modal(
        member_dialog.DIALOG,
        rx.cond(start.form_token != "", form),
        on_close=MemberDialog.closed,
    )


def _role(
    segments: rx.Component, meaning: str, *, field_id: str, problem: rx.Var[str]
) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Role"),
        segments,
        rx.el.p(meaning, class_name="help"),
        fields.problem_text(field_id, problem),
        class_name="field",
    )


def _stripe_admin() -> rx.Component:
    start = MemberDialog.start
    return rx.el.div(
        tick(
            "stripe_admin",
            "Stripe admin",
            checked=start.form.is_stripe_admin,
            disabled=~start.by_owner,
            help_text="Refunds payments that went through Stripe. Only an owner gives it.",
        ),
        fields.problem_text("member-stripe", MemberDialog.problems["stripe_admin"]),
    )


def _clients() -> rx.Component:
    return picker(
        "Assigned clients",
        search_id=member_dialog.SEARCH,
        placeholder="Search clients to assign",
        picked=MemberDialog.clients,
        matches=MemberDialog.matches,
        problem=MemberDialog.problems["clients"],
        state=MemberDialog,
        note=rx.el.p(
            "What a member sees whom neither role nor team lets see all clients.",
            class_name="help above",
        ),
    )


def deactivate() -> rx.Component:
    """The question before somebody is signed out everywhere."""
    leaving = Members.leaving
    return fields.modal(
        DEACTIVATE,
        rx.el.form(
            fields.dialog_head(DEACTIVATE, "Deactivate member", leaving.form.name),
            rx.el.p(
                rx.el.b(leaving.form.name),
                " is signed out everywhere at once and cannot sign in again until reactivated."
                " What they recorded stays under their name.",
            ),
            fields.problem_text("deactivate-form", Members.problems["form"]),
            fields.dialog_buttons("Deactivate", class_name="danger", busy="Deactivating…"),
            class_name="dialog-body",
            no_validate=True,
            on_submit=Members.deactivate,
        ),
    )
