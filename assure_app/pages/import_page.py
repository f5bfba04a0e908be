"""The import page: `/invoices/import`, with the file that was brought in at `?file=…`."""

import reflex as rx

from assure_app.components.import_page import import_steps
from assure_app.components.shell import shell
from assure_app.states.import_page import ImportPage
from assure_app.states.shell import Shell

ROUTE = "/invoices/import"
TITLE = "Import · Assure Pro"


def add_to(app: rx.App) -> None:
    """Give the application its import page."""
    app.add_page(import_page, route=ROUTE, title=TITLE, on_load=[Shell.load_frame, ImportPage.load])


def import_page() -> rx.Component:
    """The page, or one sentence for who may not import."""
    return shell(
        rx.el.div(rx.el.h1("Import"), class_name="page-head"),
        import_steps(),
        current="Invoices",
    )
