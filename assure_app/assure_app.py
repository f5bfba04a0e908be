"""Puts the application together: pages, plain routes, and the guard in front of every event."""

import reflex as rx

from assure_app.auth.guard import AccessGuard
from assure_app.pages import sign_in
from assure_app.web import routes


def index() -> rx.Component:
    """The front page."""
    return rx.container(rx.heading("Assure Pro Billing"))


app = rx.App(api_transformer=routes.layers)
app.add_middleware(AccessGuard(), index=0)
app.add_page(index, route="/", title="Assure Pro Billing")
sign_in.add_to(app)
