"""What the settings forms share: ticks, ids, and how the outcome of a form is shown."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import reflex as rx

from assure_app import live
from assure_app.auth.guard import acting
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import problems_by_field
from assure_app.states.hop import in_stripe_thread, in_thread
from assure_app.states.untrusted import text_of

_LARGEST_ID = 2**31
_MOST_TICKS = 200


def manages() -> bool:
    """Whether the person of this event may see the firm's settings at all."""
    return acting().has(Permission.MANAGE_FIRM)


def id_of(value: object) -> int:
    """A row's id as a browser sent it; 0, which no row has, for anything else."""
    is_id = isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGEST_ID
    return value if is_id and isinstance(value, int) else 0


def is_ticked(form: object, name: str) -> bool:
    """Whether a box of the form was ticked: a browser sends nothing for one that is not."""
    return isinstance(form, Mapping) and text_of(form.get(name)) != ""


def ticked_ids(form: object, prefix: str) -> tuple[int, ...]:
    """The ids of the ticked boxes that are named by this prefix and their id."""
    if not isinstance(form, Mapping):
        return ()
    named = (name.removeprefix(prefix) for name in form if str(name).startswith(prefix))
    ids = {int(text) for text in named if text.isascii() and text.isdigit() and len(text) < 10}
    return tuple(sorted(ids)[:_MOST_TICKS])


async def saved(
    state: Any,
    form_id: str,
    fields: Sequence[str],
    act: Callable[[], str],
    *,
    asks_stripe: bool = False,
) -> list[Any] | None:
    """Do the act: None when it was refused and the state says why, else what to tell the browser.

    Every other tab of the firm looks again, so that a right taken away is gone at once.
    """
    try:
        sentence = await (in_stripe_thread if asks_stripe else in_thread)(act)
    except BillingError as refusal:
        state.problems = problems_by_field(refusal.problems, fields)
        return None
    state.problems = problems_by_field({}, fields)
    await live.changed(acting().firm_id)
    return [browser.close_dialog(form_id), rx.toast.success(sentence)]
