"""What the dialogs of a person and of a team share: a list to pick in, saved with their form."""

from abc import abstractmethod
from typing import ClassVar

import reflex as rx
from reflex_base.event import EventSpec

from assure_app.auth.guard import requires
from assure_app.billing.reading.settings_rows import Choice
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.settings.forms import id_of
from assure_app.states.untrusted import text_of

MOST_PICKED = 500
_LONGEST_SEARCH = 200


class Picker(rx.State, mixin=True):
    """What was put into the list and taken out of it, as plain ids, and what matches a search."""

    _SEARCH: ClassVar[str]
    """The id of the search's field, which has the focus again after each pick."""

    matches: tuple[Choice, ...] = ()
    _added: list[int] = []
    _removed: list[int] = []
    _search: str = ""

    @rx.event(supersedes=True)
    @requires(Permission.MANAGE_FIRM)
    async def search_for(self, text: str) -> None:
        """Show at most 20 whose name, or email where they have one, holds the text."""
        self._search = text_of(text)[:_LONGEST_SEARCH]
        await self._read()

    @rx.event
    @requires(Permission.MANAGE_FIRM)
    async def add(self, row_id: int) -> EventSpec:
        """Put one in: what was taken out before comes back."""
        self._added, self._removed = _with(self._added, self._removed, id_of(row_id))
        await self._read()
        return browser.focus(self._SEARCH)

    @rx.event
    @requires(Permission.MANAGE_FIRM)
    async def remove(self, row_id: int) -> EventSpec:
        """Take one out: what was put in before was never there."""
        self._removed, self._added = _with(self._removed, self._added, id_of(row_id))
        await self._read()
        return browser.focus(self._SEARCH)

    async def _start_picking(self) -> None:
        self._added, self._removed, self._search = [], [], ""
        await self._read()

    @abstractmethod
    async def _read(self) -> None:
        """Show the list as it would be, and what matches the search."""


def _with(chosen: list[int], opposite: list[int], row_id: int) -> tuple[list[int], list[int]]:
    if row_id in opposite:
        return chosen, [each for each in opposite if each != row_id]
    if row_id and row_id not in chosen and len(chosen) < MOST_PICKED:
        return [*chosen, row_id], opposite
    return chosen, opposite
