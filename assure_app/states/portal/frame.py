"""The frame around every page of the portal: whose invoices these are."""

import reflex as rx

from assure_app import live
from assure_app.auth.portal_guard import portal_acting
from assure_app.billing.reading.portal_home import portal_frame
from assure_app.billing.reading.portal_rows import PortalFrame
from assure_app.domain.portal_access import PortalPrincipal
from assure_app.settings import get_settings
from assure_app.states.hop import in_thread


class Frame(rx.State):
    """For which client this tab shows the portal."""

    frame: PortalFrame = PortalFrame()
    is_sandbox: bool = False

    async def _read(self, chosen: PortalPrincipal) -> None:
        """Read the frame, and listen for changes of the firm."""
        self.frame = await in_thread(portal_frame, portal_acting(), chosen)
        self.is_sandbox = get_settings().is_sandbox
        live.watch(
            self.router.session.client_token,
            chosen.firm_id,
            self.frame.timezone,
            in_portal=True,
        )

    async def _read_missing(self) -> None:
        """The frame of a page that shows nothing: the person's first client."""
        await self._read(portal_acting().contacts[0])
