"""The steps of the import page: choosing a file, what it would bring, and the outcome."""

import reflex as rx

from assure_app.billing.importing.formats import FORMATS, Format
from assure_app.components import fields
from assure_app.components.import_preview import import_preview
from assure_app.components.plain import PlainForm, PlainLink
from assure_app.states.import_page import ImportPage


def import_steps() -> rx.Component:
    """The step that the page is at."""
    screen = ImportPage.screen
    return rx.cond(
        ~ImportPage.is_loaded,
        rx.el.div(class_name="card import-wait", aria_busy="true"),
        rx.cond(
            ImportPage.denial != "",
            _denied(),
            rx.cond(
                screen.outcome != "",
                _outcome(),
                rx.cond(screen.act != "", import_preview(), _choose()),
            ),
        ),
    )


def _denied() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Importing is not open to you"),
        rx.el.p(ImportPage.denial),
        class_name="card empty import-done",
    )


def _choose() -> rx.Component:
    return rx.fragment(
        rx.el.section(
            rx.el.p(
                "Bring in clients and invoices as Xero or QuickBooks export them. You see what "
                "would happen first: nothing is written until you say so."
            ),
            _form(),
            class_name="card import-card",
            aria_label="Choose a file",
        ),
        rx.el.section(
            rx.el.h2("Files that can be imported"),
            rx.el.ul(*(_format(each) for each in FORMATS), class_name="formats"),
            class_name="import-formats",
        ),
    )


def _form() -> rx.Component:
    problem = ImportPage.problem
    form: rx.Component = PlainForm.create(
        fields.field(
            "CSV file",
            rx.el.input(
                id="import-file",
                name="file",
                type="file",
                accept=".csv,.tsv,.txt,text/csv",
                required=True,
                class_name="in file",
                aria_invalid=rx.cond(problem != "", "true", "false"),
                aria_describedby="import-file-help import-file-problem",
            ),
            field_id="import-file",
            problem=problem,
            help_text="Up to 20 MB and 100,000 rows. It is kept for a day at most.",
        ),
        rx.el.button(
            rx.el.span("Check the file", class_name="idle"),
            rx.el.span("Sending…", class_name="busy"),
            type="submit",
            class_name="btn pri",
        ),
        method="post",
        action="/invoices/import/upload",
        custom_attrs={"encType": "multipart/form-data", "data-upload": ""},
    )
    return form


def _format(each: Format) -> rx.Component:
    return rx.el.li(
        rx.el.span(each.name),
        PlainLink.create(
            "Example",
            href=f"/invoices/import/example/{each.key}.csv",
            custom_attrs={"download": "", "aria-label": f"Example of {each.name}"},
        ),
    )


def _outcome() -> rx.Component:
    return rx.el.section(
        rx.icon("circle_check", size=28, aria_hidden="true", class_name="done"),
        rx.el.h2("Imported"),
        rx.el.p(ImportPage.screen.outcome, role="status"),
        rx.el.div(
            PlainLink.create("See the invoices", href="/invoices", class_name="btn pri"),
            PlainLink.create("Import another file", href="/invoices/import", class_name="btn"),
            class_name="row",
        ),
        class_name="card empty import-done",
        aria_label="Outcome",
    )
