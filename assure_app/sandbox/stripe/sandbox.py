"""The stand-in itself: one file of objects, a clock that can be advanced, and what is due."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from assure_app import clock
from assure_app.sandbox.stripe import deliveries, due, events, seeds
from assure_app.sandbox.stripe.deliveries import Delivery
from assure_app.sandbox.stripe.errors import ApiError
from assure_app.sandbox.stripe.partition import PLATFORM, Partition
from assure_app.sandbox.stripe.store import Json, Store
from assure_app.sandbox_keys import SandboxKeys

_log = logging.getLogger(__name__)
FILE_NAME = "stripe.db"
LONGEST_ADVANCE_SECONDS = 400 * 86_400


class Sandbox:
    """A local Stripe in a directory. Everything that happens, happens in `at()`.

    With `tells=False` nobody is sent a callback of it.
    """

    def __init__(
        self,
        directory: Path,
        *,
        keys: SandboxKeys,
        webhook_url: str,
        own_url: str,
        now: Callable[[], datetime] = clock.now,
        tells: bool = True,
    ) -> None:
        self.keys = keys
        self._tells = tells
        self.own_url = own_url
        self.store = Store(directory / FILE_NAME)
        self.on_change: Callable[[], None] = lambda: None
        self._now = now
        with self.at() as platform:
            events.forget_old(platform)
            seeds.plant(platform, webhook_url=webhook_url, webhook_secret=keys.webhook_secret)

    @contextmanager
    def at(
        self,
        account: str = PLATFORM,
        *,
        request_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Iterator[Partition]:
        """An account's part of the sandbox in one transaction; what it sends is woken after it."""
        with self.store.transaction():
            before = self.store.changes
            yield Partition(
                store=self.store,
                account=account,
                now=int(self.time()),
                own_url=self.own_url,
                request_id=request_id,
                idempotency_key=idempotency_key,
                on_event=deliveries.enqueue if self._tells else _tell_nobody,
            )
            has_changed = self.store.changes > before
        if has_changed:
            self.on_change()

    def time(self) -> float:
        """The sandbox's present moment, in seconds."""
        return self._now().timestamp() + self.advanced_seconds

    @property
    def advanced_seconds(self) -> int:
        """How far the sandbox's clock is ahead of the world's."""
        return int(self.store.setting("advanced_seconds") or 0)

    def advance(self, seconds: int) -> None:
        """Move the clock on, and let all that has become due happen."""
        with self.store.transaction():
            advanced = self.advanced_seconds + seconds
            self.store.keep_setting("advanced_seconds", str(advanced))
        self.run_due()

    def run_due(self) -> None:
        """Let happen what is due: debits settle, fees become known, sessions expire."""
        while task := due.first(self.store, int(self.time())):
            try:
                with self.at(task.account) as partition:
                    due.run(partition, task)
            except ApiError:
                _log.exception("%s of %s could not be done.", task.kind, task.object_id)
                due.forget(self.store, task)

    def next_due_in(self) -> float | None:
        """Seconds until something happens or is sent; None when nothing waits."""
        moments = [due.next_at(self.store), deliveries.next_at(self.store)]
        known = [moment for moment in moments if moment is not None]
        return max(0.0, min(known) - self.time()) if known else None

    def deliveries(self, *, is_due: bool = True) -> list[Delivery]:
        """What waits to be sent; with is_due=False, also what waits for a later try."""
        return deliveries.waiting(self.store, until=self.time() if is_due else None)

    def close(self) -> None:
        self.store.close()


def _tell_nobody(_partition: Partition, _event: Json) -> None:
    """What happens is kept, and no callback waits to be sent."""
