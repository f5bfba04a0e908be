"""Ties what a tab holds to the person whom its cookie names, and to that person's rights."""

import reflex as rx
from reflex.state import BaseState
from reflex.state import State as RootState
from reflex_base.registry import RegistrationContext

from assure_app.domain.permissions import Permission, Principal

_NOBODY = 0


class TabOwner(rx.State):
    """Whose data this tab holds, and with which rights it was read."""

    _user_id: int = _NOBODY
    _rights: tuple[str, ...] = ()


async def bind(state: BaseState, principal: Principal | None) -> None:
    """Make the tab this person's; it forgets everything when it was another's or lost a right.

    A new right takes nothing away from what the tab shows, so it is no reason to forget.
    """
    user_id = _NOBODY if principal is None else principal.user_id
    rights = () if principal is None else _rights_of(principal)
    owner = await state.get_state(TabOwner)
    # Without their underscores these vars would go to the browser.
    known = owner._user_id, owner._rights  # noqa: SLF001
    if known == (user_id, rights):
        return
    if known[0] != user_id or not set(known[1]) <= set(rights):
        await _forget(state)
    owner._user_id, owner._rights = user_id, rights  # noqa: SLF001


def _rights_of(principal: Principal) -> tuple[str, ...]:
    """Everything that decides what this person may see, in a fixed order."""
    held = (permission.value for permission in Permission if principal.has(permission))
    return (*held, *(("all clients",) if principal.sees_all_clients else ()))


async def _forget(state: BaseState) -> None:
    """Put every var of the tab back to its first value, hydration apart.

    With Redis only the states that an event needs are loaded, so all of them are fetched first.
    """
    root = await state.get_state(RootState)
    is_hydrated = root.is_hydrated
    for state_class in tuple(RegistrationContext.get().base_states.values()):
        if issubclass(state_class, RootState):
            await root.get_state(state_class)
    root.reset()  # type: ignore[no-untyped-call]
    root.is_hydrated = is_hydrated
