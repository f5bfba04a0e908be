"""Whom the form of an editor is for: a client and one of its engagements, or a new client."""

import reflex as rx

from assure_app.billing.reading.editor_form import Choice
from assure_app.components import fields
from assure_app.components.editor_fields import INVOICE, Editor, kept_field, text_field, typed


def client_fields(
    of: Editor = INVOICE,
    *,
    why_kept: str = "An invoice that was sent keeps it.",
    engagement_help: rx.Var[str] | None = None,
) -> rx.Component:
    """The client, chosen or new, and the engagement; a client that is kept says why."""
    start, form = of.state.start, of.state.start.form
    return rx.el.div(
        rx.cond(
            start.keeps_client,
            kept_field("Client", "client", form.client, why=why_kept, of=of),
            rx.cond(form.is_new_client, _new_client(of), _known_client(of)),
        ),
        rx.cond(~form.is_new_client, _engagement(of, help_text=engagement_help)),
        class_name=rx.cond(form.is_new_client, "", "pair"),
    )


def _known_client(of: Editor) -> rx.Component:
    return rx.el.div(_client(of), _switch("New client", of))


def _client(of: Editor) -> rx.Component:
    """The client, found by its name among those there are."""
    field_id, problem, matches = f"{of.id}-client", of.state.problems["client"], f"{of.id}-matches"
    return fields.field(
        "Client",
        rx.el.div(
            fields.text_input(
                "client",
                field_id=field_id,
                problem=problem,
                default_value=of.state.start.form.client,
                on_change=typed(of),
                role="combobox",
                aria_expanded="false",
                aria_autocomplete="list",
                aria_controls=matches,
                placeholder="Search by name",
            ),
            rx.el.ul(
                rx.foreach(of.state.matches, lambda choice: _match(choice, matches)),
                id=matches,
                role="listbox",
                aria_label="Clients",
            ),
            class_name="combobox",
        ),
        field_id=field_id,
        problem=problem,
    )


def _match(choice: rx.Var[Choice], matches: str) -> rx.Component:
    return rx.el.li(
        choice.name,
        id=f"{matches}-" + choice.id,
        role="option",
        aria_selected="false",
        key=choice.id,
    )


def _new_client(of: Editor) -> rx.Component:
    form = of.state.start.form
    return rx.el.div(
        text_field("Client name", "client_name", form.client_name, of=of),
        rx.el.div(
            text_field("Contact name", "contact_name", form.contact_name, light="optional", of=of),
            text_field(
                "Email",
                "contact_email",
                form.contact_email,
                light="of the contact",
                type="email",
                of=of,
            ),
            class_name="pair",
        ),
        rx.el.p(of.state.preview.client_note, class_name="help", role="status"),
        _switch("Choose an existing client", of),
        class_name="stack",
    )


def _switch(label: str, of: Editor) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        class_name="btn lite sm switch",
        on_click=of.state.switch_client(fields.typed_in(of.id)),
    )


def _engagement(of: Editor, *, help_text: rx.Var[str] | None) -> rx.Component:
    """One of the client's engagements, or none."""
    field_id, problem = f"{of.id}-engagement", of.state.problems["engagement"]
    return fields.field(
        "Engagement",
        rx.el.select(
            rx.el.option("None", value=""),
            rx.foreach(
                of.state.preview.engagements,
                lambda each: rx.el.option(each.name, value=each.id, key=each.id),
            ),
            id=field_id,
            name="engagement",
            class_name="in",
            default_value=of.state.start.form.engagement,
            on_change=typed(of),
            aria_invalid=rx.cond(problem != "", "true", "false"),
            aria_describedby=f"{field_id}-light {field_id}-help {field_id}-problem",
        ),
        field_id=field_id,
        problem=problem,
        light="optional",
        help_text=help_text,
    )
