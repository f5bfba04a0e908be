"""Puts the application together: pages and plain routes."""

import reflex as rx
from starlette.applications import Starlette

from assure_app.web import health


def index() -> rx.Component:
    """The front page."""
    return rx.container(rx.heading("Assure Pro Billing"))


app = rx.App(api_transformer=Starlette(routes=[*health.routes]))
app.add_page(index, route="/", title="Assure Pro Billing")
