"""The teams of the firm, and the dialogs that change and delete one."""

from typing import Any

import reflex as rx

from assure_app.billing.reading.settings_rows import TeamRow
from assure_app.components import fields
from assure_app.components.settings.frame import name_field, picker, tick
from assure_app.states.settings.teams import DELETE, DIALOG, SEARCH, TeamDialog, TeamRemoval, Teams


def new_button() -> rx.Component:
    """Opens the dialog for a new team."""
    return rx.el.button(
        "New team", type="button", class_name="btn pri push", on_click=TeamDialog.open(0)
    )


def teams_list() -> rx.Component:
    """Every team with what it gives."""
    return rx.fragment(
        rx.cond(
            Teams.is_loaded & (Teams.rows.length() == 0),
            rx.el.div(
                rx.el.h3("No team yet"),
                rx.el.p("A team gives its members the right to see or edit billing."),
                class_name="card empty",
            ),
            rx.el.div(
                rx.el.table(
                    rx.el.thead(
                        rx.el.tr(
                            *(
                                rx.el.th(name, scope="col")
                                for name in ("Team", "Rights", "Members")
                            ),
                            rx.el.th(
                                rx.el.span("Actions", class_name="visually-hidden"), scope="col"
                            ),
                        )
                    ),
                    rx.el.tbody(rx.foreach(Teams.rows, _row)),
                    class_name="people",
                    aria_busy=rx.cond(Teams.is_loaded, "false", "true"),
                ),
                class_name="card",
            ),
        ),
        team(),
        delete(),
    )


def _row(row: rx.Var[TeamRow]) -> rx.Component:
    no_rights = rx.el.span("No rights", class_name="quiet")
    return rx.el.tr(
        rx.el.td(rx.el.b(row.name), class_name="who"),
        rx.el.td(
            rx.cond(
                row.rights.length() > 0,
                rx.el.div(
                    rx.foreach(row.rights, lambda word: rx.el.span(word, class_name="badge")),
                    class_name="row wrap",
                ),
                no_rights,
            )
        ),
        rx.el.td(row.members, class_name="dim"),
        rx.el.td(
            rx.el.div(
                _act("Edit", row, TeamDialog.open),
                _act("Delete", row, TeamRemoval.open),
                class_name="row",
            ),
            class_name="acts",
        ),
        key=row.id.to_string(),
    )


def _act(label: str, row: rx.Var[TeamRow], act: Any) -> rx.Component:
    return rx.el.button(
        label,
        rx.el.span(" ", row.name, class_name="visually-hidden"),
        type="button",
        class_name="btn lite sm",
        on_click=act(row.id),
    )


def team() -> rx.Component:
    """One team: its name, what it gives, and who belongs to it."""
    start, problems = TeamDialog.start, TeamDialog.problems
    form = rx.el.form(
        rx.el.h2(rx.cond(start.team_id > 0, "Edit team", "New team"), id=f"{DIALOG}-title"),
        name_field("team-name", problems["name"], default_value=start.form.name),
        _rights(),
        picker(
            "Members",
            search_id=SEARCH,
            placeholder="Search people to add",
            picked=TeamDialog.members,
            matches=TeamDialog.matches,
            problem=problems["members"],
            state=TeamDialog,
        ),
        fields.problem_text("team-form", problems["form"]),
        fields.dialog_buttons("Save", class_name="pri", busy="Saving…"),
        key=start.form_token,
        class_name="dialog-body",
        no_validate=True,
        on_submit=TeamDialog.submit(fields.typed_in(DIALOG)),
    )
    return fields.modal(DIALOG, rx.cond(start.form_token != "", form), on_close=TeamDialog.closed)


def _rights() -> rx.Component:
    form = TeamDialog.start.form
    return rx.el.fieldset(
        rx.el.legend("Rights"),
        rx.cond(
            TeamDialog.edits,
            tick(
                "view_implied",
                "View billing",
                checked=True,
                disabled=True,
                help_text="Comes with Edit billing.",
            ),
            tick(
                "view_billing",
                "View billing",
                checked=form.view_billing,
                help_text="See invoices, amounts and payments.",
            ),
        ),
        tick(
            "edit_billing",
            "Edit billing",
            checked=form.edit_billing,
            help_text="Make, send and cancel invoices, record payments and refunds.",
            on_change=TeamDialog.typed(fields.typed_in(DIALOG)),
        ),
        tick(
            "all_clients",
            "Access all clients",
            checked=form.all_clients,
            help_text="See every client, not only those assigned.",
        ),
        class_name="field stack",
    )


def delete() -> rx.Component:
    """The question before a team is deleted: who loses what."""
    loss = TeamRemoval.loss
    return fields.modal(
        DELETE,
        rx.el.form(
            fields.dialog_head(DELETE, "Delete team", loss.name),
            rx.el.ul(
                rx.foreach(loss.sentences, rx.el.li),
                rx.cond(loss.more != "", rx.el.li(loss.more)),
                class_name="losses",
            ),
            rx.el.p("A deleted team cannot be brought back.", class_name="callout"),
            fields.problem_text("delete-team-form", TeamRemoval.problems["form"]),
            fields.dialog_buttons("Delete", class_name="danger", busy="Deleting…"),
            class_name="dialog-body",
            no_validate=True,
            on_submit=TeamRemoval.submit,
        ),
    )
