"""What the sign-in page knows before anyone signed in."""

import reflex as rx

from assure_app.auth.guard import public
from assure_app.settings import get_settings


class SignInState(rx.State):
    """Whether this installation is one to try out; known only while it runs, not when built."""

    offers_demo: bool = False

    @rx.event
    @public
    async def load(self) -> None:
        """Find out whether the demo sign-ins exist here."""
        self.offers_demo = get_settings().offers_demo
