"""What the dialogs of money share: sending a form once, and what the person sees of its outcome."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import reflex as rx

from assure_app import live, toasts
from assure_app.auth.guard import acting
from assure_app.domain.errors import BillingError
from assure_app.states import browser
from assure_app.states.dialog import Shown
from assure_app.states.hop import in_thread_until_known
from assure_app.states.invoice_drawer import InvoiceDrawer


class Outcome(Protocol):
    """What an act came to."""

    @property
    def sentence(self) -> str:
        """What the person reads of it."""


class FormOfMoney(Protocol):
    """A dialog's state, as far as sending its form concerns it."""

    @property
    def get_state(self) -> Callable[..., Awaitable[Any]]:
        """Another state of the same tab."""

    @property
    def _refuse(self) -> Callable[[BillingError], Awaitable[None]]:
        """Show why nothing was written, and keep all that was typed."""


async def submit(dialog: FormOfMoney, dialog_id: str, act: Callable[[], Outcome]) -> Shown:
    """Do the act; then close the dialog over the new figures, or say beside a field why not.

    The drawer comes first and the list after it, since the person looks at the drawer.
    """
    try:
        outcome = await in_thread_until_known(act)
    except BillingError as refusal:
        await dialog._refuse(refusal)
        yield browser.refused(dialog_id)
        return
    await live.changed(acting().firm_id)
    drawer: InvoiceDrawer = await dialog.get_state(InvoiceDrawer)
    await drawer._read_opened()
    say = toasts.warned if getattr(outcome, "is_unanswered", False) else rx.toast.success
    yield [browser.close_dialog(dialog_id), say(outcome.sentence)]
    await drawer._read_all()
