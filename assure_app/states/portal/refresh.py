"""What a tab of the portal does when something of the firm changed (R144)."""

import reflex as rx

from assure_app.auth.portal_guard import PAY_PATH, portal
from assure_app.states.portal.home import Home
from assure_app.states.portal.invoice import InvoicePage


class PortalRefresh(rx.State):
    """Fired by the relay, never by a page; it passes the same guard as any click."""

    @rx.event
    @portal()
    async def refresh(self) -> None:
        """Read again what this tab shows; what is being typed stays as it is."""
        if self.router.url.path.startswith(f"{PAY_PATH}/"):
            await (await self.get_state(InvoicePage))._read_again()
        else:
            await (await self.get_state(Home))._read_again()
