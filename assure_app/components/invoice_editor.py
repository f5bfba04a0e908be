"""The form of an invoice: whom it is for, its dates, its lines, and what they come to (R141)."""

from typing import Any

import reflex as rx

from assure_app.billing.reading.invoice_form import Choice
from assure_app.components import fields
from assure_app.states.invoice_editor import EDITOR, InvoiceEditor, LineRow

_PAUSE_MILLISECONDS = 150
_MATCHES = f"{EDITOR}-matches"
_start, _form = InvoiceEditor.start, InvoiceEditor.start.form


def invoice_editor() -> rx.Component:
    """The form once it is there; else why there is none, or its outline."""
    return rx.cond(
        _start.form_token != "",
        rx.el.div(_editor(), id=EDITOR, class_name="editor", custom_attrs={"data-editor": ""}),
        rx.cond(
            InvoiceEditor.closed_text != "",
            _closed(),
            rx.cond(InvoiceEditor.is_loaded & ~InvoiceEditor.may_edit, _no_editing(), _outline()),
        ),
    )


def _outline() -> rx.Component:
    return rx.el.div(
        rx.el.p("Loading…", class_name="visually-hidden"),
        class_name="card editor-outline",
        aria_busy="true",
    )


def _closed() -> rx.Component:
    return rx.el.div(
        rx.el.h2("This invoice cannot be edited"),
        rx.el.p(InvoiceEditor.closed_text, role="alert"),
        rx.el.a("Back to the invoices", href="/invoices", class_name="btn"),
        class_name="card empty",
    )


def _no_editing() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Invoices are not yours to edit"),
        rx.el.p(
            "You need “Edit billing” to create or edit an invoice. "
            "Ask an owner or admin of your firm."
        ),
        class_name="card empty",
    )


def _editor() -> rx.Component:
    return rx.el.form(
        rx.el.div(_whom(), _about(), class_name="card editor-part"),
        rx.el.div(
            rx.el.h2("Line items"),
            rx.el.div(rx.foreach(InvoiceEditor.lines, _line), class_name="editor-lines"),
            rx.el.div(_add_line(), _totals(), class_name="editor-sums"),
            fields.problem_text(f"{EDITOR}-lines", InvoiceEditor.problems["lines"]),
            class_name="card editor-part",
        ),
        fields.problem_text(f"{EDITOR}-form", InvoiceEditor.problems["form"]),
        _buttons(),
        rx.el.input(type="hidden", name="then"),
        rx.el.button(
            type="button",
            hidden=True,
            on_click=InvoiceEditor.discard,
            custom_attrs={"data-discard": ""},
        ),
        key=_start.form_token,
        no_validate=True,
        on_submit=InvoiceEditor.save(fields.typed_in(EDITOR)),
        aria_label="Invoice",
    )


def _whom() -> rx.Component:
    return rx.el.div(
        rx.cond(
            _start.is_sent,
            _kept("Client", "client", _form.client),
            rx.cond(InvoiceEditor.is_new_client, _new_client(), _known_client()),
        ),
        rx.cond(~InvoiceEditor.is_new_client, _engagement()),
        class_name=rx.cond(InvoiceEditor.is_new_client, "", "pair"),
    )


def _known_client() -> rx.Component:
    problem = InvoiceEditor.problems["client"]
    return rx.el.div(
        fields.field(
            "Client",
            rx.el.div(
                fields.text_input(
                    "client",
                    field_id=f"{EDITOR}-client",
                    problem=problem,
                    default_value=_form.client,
                    on_change=_typed(),
                    role="combobox",
                    aria_expanded="false",
                    aria_autocomplete="list",
                    aria_controls=_MATCHES,
                    placeholder="Search by name",
                ),
                rx.el.ul(
                    rx.foreach(InvoiceEditor.matches, _match),
                    id=_MATCHES,
                    role="listbox",
                    aria_label="Clients",
                ),
                class_name="combobox",
            ),
            field_id=f"{EDITOR}-client",
            problem=problem,
        ),
        _switch("New client"),
    )


def _match(choice: rx.Var[Choice]) -> rx.Component:
    return rx.el.li(
        choice.name,
        id=f"{_MATCHES}-" + choice.id,
        role="option",
        aria_selected="false",
        key=choice.id,
    )


def _new_client() -> rx.Component:
    return rx.el.div(
        _text("Client name", "client_name", _form.client_name),
        rx.el.div(
            _text("Contact name", "contact_name", _form.contact_name, light="optional"),
            _text(
                "E-mail",
                "contact_email",
                _form.contact_email,
                light="of the contact",
                type="email",
            ),
            class_name="pair",
        ),
        rx.el.p(InvoiceEditor.preview.client_note, class_name="help", role="status"),
        _switch("Choose an existing client"),
        class_name="stack",
    )


def _switch(label: str) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        class_name="btn lite sm switch",
        on_click=InvoiceEditor.switch_client(fields.typed_in(EDITOR)),
    )


def _engagement() -> rx.Component:
    field_id, problem = f"{EDITOR}-engagement", InvoiceEditor.problems["engagement"]
    return fields.field(
        "Engagement",
        rx.el.select(
            rx.el.option("None", value=""),
            rx.foreach(
                InvoiceEditor.preview.engagements,
                lambda each: rx.el.option(each.name, value=each.id, key=each.id),
            ),
            id=field_id,
            name="engagement",
            class_name="in",
            default_value=_form.engagement,
            on_change=_typed(),
            aria_invalid=rx.cond(problem != "", "true", "false"),
            aria_describedby=f"{field_id}-light {field_id}-problem",
        ),
        field_id=field_id,
        problem=problem,
        light="optional",
    )


def _about() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.cond(
                _start.is_sent,
                _kept("Number", "number", _form.number),
                _text("Number", "number", _form.number),
            ),
            _text("Title", "title", _form.title, light="optional"),
            class_name="pair",
        ),
        rx.el.div(
            _text("Date", "date", _form.date, type="date"),
            _text("Due", "due", _form.due, type="date", help_text=InvoiceEditor.preview.due_text),
            class_name="pair",
        ),
    )


def _text(
    label: str,
    name: str,
    value: rx.Var[str],
    *,
    light: str = "",
    help_text: rx.Var[str] | None = None,
    **more: Any,
) -> rx.Component:
    field_id, problem = f"{EDITOR}-{name}", InvoiceEditor.problems[name]
    return fields.field(
        label,
        fields.text_input(
            name,
            field_id=field_id,
            problem=problem,
            default_value=value,
            on_change=_typed(),
            **more,
        ),
        field_id=field_id,
        problem=problem,
        light=light,
        help_text=help_text,
    )


def _kept(label: str, name: str, value: rx.Var[str]) -> rx.Component:
    """A field that stays as it is once the invoice was sent."""
    field_id, problem = f"{EDITOR}-{name}", InvoiceEditor.problems[name]
    return fields.field(
        label,
        fields.text_input(
            name, field_id=field_id, problem=problem, default_value=value, read_only=True
        ),
        field_id=field_id,
        problem=problem,
        help_text="An invoice that was sent keeps it.",
    )


def _line(row: rx.Var[LineRow]) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Line " + row.position, class_name="visually-hidden"),
        _line_field(row, "Description", "description", class_name="wide"),
        _line_field(row, "Quantity", "quantity", is_number=True),
        _line_field(row, "Price", "price", is_number=True),
        _line_field(row, "Tax", "tax", is_number=True, light="%"),
        rx.el.div(
            rx.el.span(
                "Amount", rx.el.span(" of line " + row.position, class_name="visually-hidden")
            ),
            rx.el.output(rx.cond(row.amount != "", row.amount, "—"), class_name="num"),
            class_name="amount",
        ),
        rx.el.button(
            rx.icon("x", size=16, aria_hidden="true"),
            type="button",
            class_name="btn lite icon",
            aria_label="Remove line " + row.position,
            title="Remove line " + row.position,
            on_click=InvoiceEditor.remove_line(row.key, fields.typed_in(EDITOR)),
        ),
        class_name="editor-line",
        key=row.key,
    )


def _line_field(
    row: rx.Var[LineRow],
    label: str,
    name: str,
    *,
    is_number: bool = False,
    light: str = "",
    class_name: str = "",
) -> rx.Component:
    field_id = f"{EDITOR}-{name}-" + row.key
    problem = getattr(row, f"{name}_problem")
    more = {"input_mode": "decimal"} if is_number else {}
    return rx.el.div(
        rx.el.label(
            label,
            rx.el.span(" of line " + row.position, class_name="visually-hidden"),
            html_for=field_id,
        ),
        rx.el.span(f" {light}", class_name="light") if light else "",
        rx.el.input(
            id=field_id,
            name=f"{name}-" + row.key,
            class_name="in num" if is_number else "in",
            auto_complete="off",
            default_value=getattr(row, name),
            on_change=_typed(),
            aria_invalid=rx.cond(problem != "", "true", "false"),
            aria_describedby=field_id + "-problem",
            **more,
        ),
        rx.el.p(problem, class_name="field-error", id=field_id + "-problem", role="alert"),
        class_name=f"field {class_name}".strip(),
    )


def _add_line() -> rx.Component:
    return rx.el.button(
        rx.icon("plus", size=16, aria_hidden="true"),
        "Add line",
        type="button",
        id=f"{EDITOR}-add-line",
        class_name="btn sm",
        on_click=InvoiceEditor.add_line(fields.typed_in(EDITOR)),
    )


def _totals() -> rx.Component:
    shown = InvoiceEditor.preview
    sums = (("Subtotal", shown.subtotal), ("Tax", shown.tax), ("Total", shown.total))
    return rx.el.div(
        rx.el.dl(
            *(
                rx.el.div(rx.el.dt(label), rx.el.dd(rx.cond(cents != "", cents, "—")))
                for label, cents in sums
            ),
        ),
        class_name="sums",
        aria_label="Totals",
        role="status",
    )


def _buttons() -> rx.Component:
    return rx.el.div(
        rx.cond(
            InvoiceEditor.is_stale,
            rx.el.button(
                "Open it again",
                type="button",
                class_name="btn lite",
                on_click=InvoiceEditor.open_anew,
            ),
        ),
        rx.el.a(
            "Cancel",
            href=_start.href,
            class_name="btn",
        ),
        rx.cond(
            _start.is_sent,
            _submit("Save"),
            rx.fragment(
                # The first one is what Enter presses.
                rx.el.button("Save draft", type="submit", class_name="btn"),
                _submit("Save and send", custom_attrs={"data-then": "send"}),
            ),
        ),
        class_name="buttons",
    )


def _submit(label: str, **more: Any) -> rx.Component:
    return rx.el.button(
        rx.el.span(label, class_name="idle"),
        rx.el.span("Saving…", class_name="busy"),
        type="submit",
        class_name="btn pri",
        **more,
    )


def _typed() -> Any:
    return InvoiceEditor.typed(fields.typed_in(EDITOR)).debounce(_PAUSE_MILLISECONDS)
