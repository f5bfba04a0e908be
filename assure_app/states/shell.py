"""The frame around every firm page: the firm, the person, and whether money is real here."""

import reflex as rx

from assure_app import live
from assure_app.auth.guard import acting, signed_in
from assure_app.billing.reading.desk import Desk, desk
from assure_app.settings import get_settings
from assure_app.states.hop import in_thread


class Shell(rx.State):
    """Whose desk this tab shows."""

    desk: Desk = Desk()
    is_sandbox: bool = False

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Read the frame, and listen for changes in this firm from now on."""
        principal = acting()
        self.desk = await in_thread(desk, principal)
        self.is_sandbox = get_settings().is_sandbox
        live.watch(self.router.session.client_token, principal.firm_id)
