"""Where `/settings` leads: to the first page that is open to the person."""

import reflex as rx
from reflex_base.event import EventSpec

from assure_app.auth.guard import signed_in
from assure_app.states.settings.forms import manages


class SettingsStart(rx.State):
    """Keeps nothing."""

    @rx.event
    @signed_in
    async def go(self) -> EventSpec:
        """Go on, and leave nothing in the history to come back to."""
        page = "firm" if manages() else "profile"
        redirect: EventSpec = rx.redirect(f"/settings/{page}", replace=True)
        return redirect
