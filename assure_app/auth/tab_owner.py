"""Ties what a tab holds to the people whom its cookies name, and to their rights."""

import reflex as rx
from reflex.state import BaseState
from reflex.state import State as RootState
from reflex_base.registry import RegistrationContext

from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.portal_access import PortalPerson

_NOBODY = 0


class TabOwner(rx.State):
    """Whose data this tab holds, and with which rights it was read.

    A browser may hold two cookies, of somebody of a firm and of somebody of a client.
    """

    _user_id: int = _NOBODY
    _email: str = ""
    _rights: tuple[str, ...] = ()


async def bind(state: BaseState, principal: Principal | None, person: PortalPerson | None) -> None:
    """Make the tab these people's; it forgets everything when it was another's or lost a right.

    A new right takes nothing away from what the tab shows, so it is no reason to forget.
    """
    user_id = _NOBODY if principal is None else principal.user_id
    email = "" if person is None else person.email
    rights = (
        *(() if principal is None else _rights_of(principal)),
        *(() if person is None else _rights_in_portal(person)),
    )
    owner = await state.get_state(TabOwner)
    # Without their underscores these vars would go to the browser.
    known = owner._user_id, owner._email, owner._rights  # noqa: SLF001
    if known == (user_id, email, rights):
        return
    if known[:2] != (user_id, email) or not set(known[2]) <= set(rights):
        await _forget(state)
    owner._user_id, owner._email, owner._rights = user_id, email, rights  # noqa: SLF001


def _rights_of(principal: Principal) -> tuple[str, ...]:
    """Everything that decides what this person may see, in a fixed order."""
    held = (permission.value for permission in Permission if principal.has(permission))
    return (*held, *(("all clients",) if principal.sees_all_clients else ()))


def _rights_in_portal(person: PortalPerson) -> tuple[str, ...]:
    """As whom they are there; with another role they are somebody else."""
    return tuple(f"contact {each.contact_id} as {each.role}" for each in person.contacts)


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
