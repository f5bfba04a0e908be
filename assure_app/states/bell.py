"""The bell of one tab: what is new, told once aloud, and the panel that lists the newest."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import unquote

import reflex as rx

from assure_app import clock, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import notification_marks
from assure_app.billing.reading import notifications
from assure_app.billing.reading.notifications import NotificationPage
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.hop import in_thread
from assure_app.states.invoice_drawer import InvoiceDrawer

PANEL = "bell-panel"
PAGE_PATH = "/notifications"
_ALOUD_ONCE_IN = timedelta(seconds=30)


class Bell(rx.State):
    """How much is new, and what the panel shows while it is open.

    `aloud` is what a screen reader says by itself.
    """

    unread: str = ""
    news: NotificationPage = NotificationPage()
    is_loaded: bool = False
    aloud: str = ""
    _is_open: bool = False
    _has_looked: bool = False
    _told_at: datetime | None = None

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def toggled(self, new_state: str) -> None:
        """Fill the panel when it opens; closed, it is not read again."""
        self._is_open = new_state == "open"
        await self._read_if_open()

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def follow(self, notification_id: int) -> Any:
        """Mark it as read, and go where it is looked after."""
        try:
            href = await in_thread(
                notification_marks.mark_read, acting(), notification_id, now=clock.now()
            )
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        await self._look_everywhere()
        number = href.partition("/invoices?invoice=")[2]
        is_here = self.router.url.path.rstrip("/") == "/invoices" and number
        go: Any = _open(number) if is_here else rx.redirect(href)
        return [browser.close_panel(PANEL), go]

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def mark_all_read(self, until: int) -> None:
        """Mark all that is shown, and what is older, as read."""
        mark = partial(notification_marks.mark_all_read, until=until, now=clock.now())
        await in_thread(mark, acting())
        await self._look_everywhere()

    async def _look_everywhere(self) -> None:
        await self._look()
        if self.router.url.path.rstrip("/") == PAGE_PATH:
            await (await self.get_state(NotificationList))._read_again()

    async def _look(self) -> None:
        """See what is new; that there is more than before is said aloud, at most twice a minute."""
        before, self.unread = self.unread, await in_thread(notifications.unread, acting())
        now = clock.now()
        is_quiet = self._told_at is not None and now - self._told_at < _ALOUD_ONCE_IN
        if self._has_looked and not is_quiet and _number(self.unread) > _number(before):
            self.aloud, self._told_at = f"Unread notifications: {self.unread}", now
        elif not self.unread:
            self.aloud = ""
        self._has_looked = True
        await self._read_if_open()

    async def _read_if_open(self) -> None:
        if self._is_open:
            self.news = await in_thread(
                notifications.page, acting(), most=notifications.PANEL_ROWS, now=clock.now()
            )
            self.is_loaded = True


def _open(number: str) -> Any:
    opened: Any = InvoiceDrawer.open
    return opened(unquote(number))


def _number(unread: str) -> int:
    return int(unread.rstrip("+") or 0)


class NotificationList(rx.State):
    """The page that lists all of them."""

    news: NotificationPage = NotificationPage()
    is_loaded: bool = False
    _before: int = 0

    @rx.event
    @requires(Permission.VIEW_BILLING)
    async def load(self) -> None:
        """Show what the address names: the newest, or those before one."""
        asked = str(self.router.url.query_parameters.get("before", ""))
        self._before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
        await self._read_again()

    async def _read_again(self) -> None:
        if acting().has(Permission.VIEW_BILLING):
            self.news = await in_thread(
                notifications.page, acting(), before=self._before, now=clock.now()
            )
            self.is_loaded = True
