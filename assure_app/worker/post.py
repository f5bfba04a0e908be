"""Takes the outbox's messages away, in every web process, for as long as it runs."""

import asyncio
import logging
from contextlib import suppress

from assure_app import clock, live
from assure_app.billing import reminder_renewal
from assure_app.billing.undelivered import tell_of_undelivered
from assure_app.documents import typesetting
from assure_app.documents.paper import file_name, from_text
from assure_app.mail import outbox, sender, transport
from assure_app.settings import get_settings

LOOK_SECONDS = 5.0
_log = logging.getLogger(__name__)


async def deliver_mail() -> None:
    """The lifespan task: delivers what is due, one by one, at once when this process wrote it.

    A process that ends during a delivery loses nothing: the message is due again a while later.
    """
    settings = get_settings()
    carrier = transport.of(settings)
    if carrier is None:
        return
    loop, woken = asyncio.get_running_loop(), asyncio.Event()
    end = outbox.listen(lambda: _wake(loop, woken))
    try:
        while True:
            woken.clear()
            await _deliver_all_due(carrier, settings.mail_from)
            # Not wait_for, which on Python 3.11 may swallow the end of this very task.
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await woken.wait()
    finally:
        end()


async def _deliver_all_due(carrier: transport.Transport, mail_from: str) -> None:
    try:
        while delivery := await asyncio.to_thread(
            sender.deliver_next,
            carrier,
            mail_from=mail_from,
            now=clock.now,
            on_given_up=tell_of_undelivered,
            attach=attachment,
            renew=reminder_renewal.renew,
        ):
            if delivery.is_given_up or delivery.is_told:
                await live.changed(delivery.firm_id)
    except Exception:  # noqa: BLE001 - a task that ended would not come back before a restart
        _log.exception("The outbox could not be looked after")


def attachment(paper_text: str) -> sender.Attachment:
    """The file of the paper that a letter bears: the same one at every attempt."""
    paper = from_text(paper_text)
    return sender.Attachment(file_name=file_name(paper), content=typesetting.pdf(paper))


def _wake(loop: asyncio.AbstractEventLoop, woken: asyncio.Event) -> None:
    with suppress(RuntimeError):  # The loop has ended: this process sends nothing any more.
        loop.call_soon_threadsafe(woken.set)
