"""What the welcome page knows of whom its link belongs to."""

import reflex as rx

from assure_app import clock
from assure_app.auth.guard import public
from assure_app.billing import invitations
from assure_app.domain.errors import BillingError
from assure_app.states.hop import in_thread
from assure_app.states.untrusted import text_of


class WelcomeState(rx.State):
    """The person and the firm of a link that works, or why it does not."""

    name: str = ""
    email: str = ""
    firm: str = ""
    problem: str = ""

    @rx.event
    @public
    async def load(self) -> None:
        """Look the link up; it is used only when a password was chosen."""
        token = text_of(self.router.url.query_parameters.get("token"))
        self.name = self.email = self.firm = self.problem = ""
        try:
            invited = await in_thread(invitations.find, token, now=clock.now())
        except BillingError as refusal:
            self.problem = refusal.sentence
            return
        self.name, self.email, self.firm = invited.name, invited.email, invited.firm
