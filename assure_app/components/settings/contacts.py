"""The clients' contacts, and the dialogs that add, change, and switch one off or on."""

from typing import Any

import reflex as rx

from assure_app.billing.reading.contact_rows import ContactRow
from assure_app.components import fields
from assure_app.components.settings.client_methods import client_methods_dialog, methods_button
from assure_app.components.settings.frame import name_field, picker
from assure_app.domain.portal_access import PortalRole
from assure_app.states.settings.contact_dialog import DIALOG, SEARCH, ContactDialog
from assure_app.states.settings.contacts import SWITCH, Contacts, ContactSwitch
from assure_app.states.shell import Shell

_COLUMNS = ("Client", "Contact", "Role in the portal", "Payment method", "Access")


def add_button() -> rx.Component:
    """Opens the dialog for somebody new."""
    return rx.cond(
        Shell.desk.edits_billing,
        rx.el.button(
            "Add contact",
            type="button",
            class_name="btn pri push",
            on_click=ContactDialog.open(0),
        ),
    )


def contacts_list() -> rx.Component:
    """The people of the clients, searched as you type; for whoever may see billing."""
    nothing = rx.el.div(
        rx.el.h3("The clients’ contacts are not open to you"),
        rx.el.p("You need “View billing” to see them. Ask an owner or admin of your firm."),
        class_name="card empty",
    )
    is_closed = (Shell.desk.firm != "") & ~Shell.desk.views_billing
    dialogs = (_contact(), _switch(), client_methods_dialog())
    return rx.cond(is_closed, nothing, rx.fragment(_toolbar(), _table(), *dialogs))


def _toolbar() -> rx.Component:
    label = "Search client, name or email"
    return rx.el.div(
        rx.el.div(
            rx.icon("search", size=16, aria_hidden="true"),
            rx.el.input(
                type="search",
                id="search",
                placeholder=label,
                aria_label=label,
                auto_complete="off",
                on_change=Contacts.search_for.debounce(120),
            ),
            class_name="search",
        ),
        rx.el.span(Contacts.page.note, class_name="count note", role="status"),
        class_name="toolbar",
    )


def _table() -> rx.Component:
    actions = rx.el.th(rx.el.span("Actions", class_name="visually-hidden"), scope="col")
    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(
                *(rx.el.th(name, scope="col") for name in _COLUMNS),
                rx.cond(Contacts.page.may_change, actions),
            )
        ),
        rx.el.tbody(rx.foreach(Contacts.page.rows, _row)),
        class_name="people",
        aria_busy=rx.cond(Contacts.is_loaded, "false", "true"),
    )
    return rx.cond(
        Contacts.is_loaded & (Contacts.page.rows.length() == 0),
        rx.el.div(rx.el.h3("Nobody matches"), class_name="card empty"),
        rx.el.div(table, class_name="card"),
    )


def _row(row: rx.Var[ContactRow]) -> rx.Component:
    off = rx.el.span(
        rx.icon("ban", size=12, aria_hidden="true"), "Switched off", class_name="badge Deactivated"
    )
    return rx.el.tr(
        rx.el.td(row.client, class_name="dim"),
        rx.el.td(rx.el.b(row.name), rx.el.span(row.email, class_name="quiet"), class_name="who"),
        rx.el.td(row.role, class_name="dim"),
        rx.el.td(methods_button(row)),
        rx.el.td(
            rx.cond(row.is_active, "Active", off),
            rx.cond(row.reminders != "", rx.el.span(row.reminders, class_name="quiet")),
            class_name="dim access",
        ),
        rx.cond(Contacts.page.may_change, rx.el.td(_acts(row), class_name="acts")),
        key=row.id.to_string(),
    )


def _acts(row: rx.Var[ContactRow]) -> rx.Component:
    return rx.el.div(
        _act("Edit", row, ContactDialog.open),
        rx.cond(
            row.is_active,
            _act("Switch off", row, ContactSwitch.open),
            _act("Switch on", row, ContactSwitch.open),
        ),
        class_name="row",
    )


def _act(label: str, row: rx.Var[ContactRow], act: Any) -> rx.Component:
    return rx.el.button(
        label,
        rx.el.span(" ", row.name, ", ", row.client, class_name="visually-hidden"),
        type="button",
        class_name="btn lite sm",
        on_click=act(row.id),
    )


def _contact() -> rx.Component:
    """Who a contact is and what they may do; the client of a new one."""
    start, problems = ContactDialog.start, ContactDialog.problems
    is_new = start.contact_id == 0
    form = rx.el.form(
        fields.dialog_head(DIALOG, rx.cond(is_new, "Add contact", "Edit contact"), start.client),
        name_field("contact-name", problems["name"], default_value=start.form.name),
        _email(),
        _role(),
        rx.cond(is_new, _client()),
        fields.problem_text("contact-form", problems["form"]),
        fields.dialog_buttons("Save", class_name="pri", busy="Saving…"),
        key=start.form_token,
        class_name="dialog-body",
        no_validate=True,
        on_submit=ContactDialog.submit(fields.typed_in(DIALOG)),
    )
    return fields.modal(
        DIALOG, rx.cond(start.form_token != "", form), on_close=ContactDialog.closed
    )


def _email() -> rx.Component:
    field_id, problem = "contact-email", ContactDialog.problems["email"]
    return fields.field(
        "Email",
        fields.text_input(
            "email",
            field_id=field_id,
            problem=problem,
            input_mode="email",
            default_value=ContactDialog.start.form.email,
        ),
        field_id=field_id,
        problem=problem,
        help_text=rx.cond(
            ContactDialog.start.contact_id == 0,
            "Invoices go there, and the code to sign in to the portal.",
            "With another email they are signed out of the portal at once.",
        ),
    )


def _role() -> rx.Component:
    field_id, problem = "contact-role", ContactDialog.problems["role"]
    return fields.field(
        "Role",
        rx.el.select(
            rx.el.option("Choose a role", value=""),
            *(rx.el.option(each.in_words, value=each.value) for each in PortalRole),
            id=field_id,
            name="role",
            class_name="in",
            default_value=ContactDialog.start.form.role,
            aria_invalid=rx.cond(problem != "", "true", "false"),
            aria_describedby=f"{field_id}-problem",
        ),
        field_id=field_id,
        problem=problem,
    )


def _client() -> rx.Component:
    return picker(
        "Client",
        search_id=SEARCH,
        placeholder="Search clients",
        picked=ContactDialog.client,
        matches=ContactDialog.matches,
        problem=ContactDialog.problems["client"],
        state=ContactDialog,
    )


def _switch() -> rx.Component:
    """The question before a contact is kept out of the portal, or let back in."""
    start = ContactSwitch.start
    off = rx.fragment(
        " is signed out of the portal at once and cannot sign in there, and no invoice is addressed"
        " to them any more. What they paid stays under their name."
    )
    on = rx.fragment(" can sign in to the portal again as ", start.role, ".")
    title = rx.cond(start.is_active, "Switch off contact", "Switch on contact")
    form = rx.el.form(
        fields.dialog_head(SWITCH, title, start.client),
        rx.el.p(
            rx.el.b(start.form.name), " (", start.form.email, ")", rx.cond(start.is_active, off, on)
        ),
        fields.problem_text("switch-contact-form", ContactSwitch.problems["form"]),
        rx.cond(
            start.is_active,
            fields.dialog_buttons("Switch off", class_name="danger", busy="Switching off…"),
            fields.dialog_buttons("Switch on", class_name="pri", busy="Switching on…"),
        ),
        class_name="dialog-body",
        no_validate=True,
        on_submit=ContactSwitch.submit,
    )
    return fields.modal(
        SWITCH, rx.cond(start.form_token != "", form), on_close=ContactSwitch.closed
    )
