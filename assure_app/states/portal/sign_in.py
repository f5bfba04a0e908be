"""What the portal's sign-in page knows before anyone signed in."""

import reflex as rx

from assure_app.auth.guard import public
from assure_app.settings import get_settings


class PortalSignIn(rx.State):
    """Whether this installation is one to try out; known only while it runs, not when built."""

    offers_demo: bool = False
    mailbox_url: str = ""

    @rx.event
    @public
    async def load(self) -> None:
        """Find out whether there is a mailbox to read the code in."""
        settings = get_settings()
        self.offers_demo, self.mailbox_url = settings.offers_demo, settings.mailbox_url
