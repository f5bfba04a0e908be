"""The import page of one tab: which file it shows, what the file would bring, what came of it."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from assure_app import clock, live
from assure_app.auth.guard import acting, requires, signed_in
from assure_app.billing.importing import files, service
from assure_app.billing.importing.files import FilePreview
from assure_app.billing.importing.preview import ImportOptions, SampleRow
from assure_app.billing.importing.problems import ImportRefused, Problem
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states.dialog import Shown
from assure_app.states.hop import in_thread, in_thread_until_known
from assure_app.states.untrusted import one_of, text_of

PROBLEMS_ON_A_PAGE = 50
DATE_FORMS = ("month-first", "day-first")
_LONGEST_ID = 10
_UPLOAD_PROBLEMS = {
    "too-large": "The file is larger than 20 MB. Split it, and import the parts one by one.",
    "nothing": "Choose a file first: what came was empty.",
    "unavailable": "The file could not be kept: the database does not answer. Try again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportScreen:
    """What the page shows of a file, as texts."""

    name: str = ""
    format: str = ""
    act: str = ""
    why_not: str = ""
    dates: str = ""
    asks_dates: bool = False
    is_clients: bool = False
    problems: str = ""
    outcome: str = ""


class ImportPage(rx.State):
    """The page holds no file: only what was read of the one that its address names."""

    is_loaded: bool = False
    is_importing: bool = False
    denial: str = ""
    problem: str = ""
    screen: ImportScreen = ImportScreen()
    figures: list[tuple[str, str]] = []
    sample: list[SampleRow] = []
    problems: list[Problem] = []
    problem_range: str = ""
    has_earlier: bool = False
    has_later: bool = False
    _file_id: int = 0
    _first: int = 0
    _told: tuple[Problem, ...] = ()

    @rx.event
    @signed_in
    async def load(self) -> None:
        """Show the file that the address names, or the form to choose one."""
        asked = self.router.url.query_parameters
        self.reset()
        self._file_id = _id(asked.get("file", ""))
        self.problem = _UPLOAD_PROBLEMS.get(text_of(asked.get("problem")), "")
        self.denial = service.denial(acting())
        if self._file_id and not self.denial:
            await self._read()
        self.is_loaded = True

    @rx.event
    @requires(Permission.EDIT_BILLING, act=service.ACT)
    async def choose_dates(self, dates: str) -> None:
        """Read the file's days the other way around."""
        await self._read(one_of(dates, DATE_FORMS, ""))

    @rx.event
    @requires(Permission.EDIT_BILLING, act=service.ACT)
    async def turn(self, by: int) -> None:
        """Show the problems before or after those shown."""
        self._first += PROBLEMS_ON_A_PAGE if by == 1 else -PROBLEMS_ON_A_PAGE
        self._show_problems()

    @rx.event
    @requires(Permission.EDIT_BILLING, act=service.ACT)
    async def run(self) -> Shown:
        """Import the file, or say why it cannot be any more; a repeat tells the first outcome."""
        self.is_importing = True
        yield
        await self._import()
        self.is_importing = False
        yield
        await live.changed(acting().firm_id)

    async def _import(self) -> None:
        options = ImportOptions(dates=self.screen.dates)
        try:
            done = await in_thread_until_known(
                files.run, acting(), self._file_id, options, now=clock.now()
            )
        except ImportRefused:
            await self._read(options.dates)
        except BillingError as refusal:
            self.problem = refusal.sentence
        else:
            told = "This file was imported already: " if done.is_repeat else ""
            self.screen = ImportScreen(name=self.screen.name, outcome=told + done.sentence)

    async def _read(self, dates: str = "") -> None:
        """Read the file again as it would be imported now."""
        try:
            found = await in_thread(
                files.preview, acting(), self._file_id, ImportOptions(dates=dates), now=clock.now()
            )
        except BillingError as refusal:
            self.problem, self._file_id = refusal.sentence, 0
            return
        self._show(found)

    def _show(self, found: FilePreview) -> None:
        shown = found.preview
        told = f"This file was imported already: {found.outcome}" if found.outcome else ""
        self.screen = ImportScreen(
            name=found.name,
            format=shown.format,
            act=shown.act,
            why_not=shown.why_not,
            dates=shown.dates,
            asks_dates=shown.asks_dates,
            is_clients=shown.is_clients,
            problems=shown.problems_title,
            outcome=told,
        )
        self.figures, self.sample = shown.figures, list(shown.sample)
        self._told, self._first = shown.problems, 0
        self._show_problems()

    def _show_problems(self) -> None:
        last = max(0, len(self._told) - 1) // PROBLEMS_ON_A_PAGE * PROBLEMS_ON_A_PAGE
        self._first = min(max(0, self._first), last)
        following = self._first + PROBLEMS_ON_A_PAGE
        self.problems = list(self._told[self._first : following])
        self.problem_range = f"{self._first + 1}–{self._first + len(self.problems)}"
        self.has_earlier, self.has_later = self._first > 0, following < len(self._told)


def _id(value: Any) -> int:
    text = text_of(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID else 0
