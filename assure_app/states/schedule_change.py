"""The question before a schedule, or an engagement's auto-pay, changes (R116, R123)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import reflex as rx
from reflex_base.event import EventSpec

from assure_app import clock, live, toasts
from assure_app.auth.guard import acting, requires
from assure_app.billing import autopay_switch, schedule_changes
from assure_app.billing.reading.schedule_rows import Changed, ChangeStart
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission
from assure_app.states import browser
from assure_app.states.dialog import Shown, problems_by_field
from assure_app.states.engagement_list import EngagementList
from assure_app.states.hop import in_thread, in_thread_until_known
from assure_app.states.schedule_list import ScheduleList
from assure_app.states.untrusted import text_of

DIALOG = "schedule-change"
_SWITCHES = {"on": True, "off": False}
_SHOWN: tuple[Any, ...] = (ScheduleList, EngagementList)


class ScheduleChange(rx.State):
    """What is asked. Only what was asked about is changed, and only as the words promise."""

    start: ChangeStart = ChangeStart()
    problems: dict[str, str] = problems_by_field({}, ())

    @rx.event
    @requires(Permission.EDIT_BILLING, act="change a recurring schedule")
    async def ask(self, act: str, schedule_id: int) -> EventSpec:
        """Ask before a schedule is paused, resumed or cancelled."""
        begin = partial(schedule_changes.start, acting(), text_of(act), schedule_id)
        return await self._ask(begin)

    @rx.event
    @requires(Permission.EDIT_BILLING, act=autopay_switch.ACT)
    async def ask_autopay(self, engagement_id: int) -> EventSpec:
        """Ask before auto-pay of an engagement is turned on or off."""
        return await self._ask(partial(autopay_switch.start, acting(), engagement_id))

    @rx.event
    @requires(Permission.EDIT_BILLING, act="change a recurring schedule")
    async def submit(self, form: dict[str, Any]) -> Shown:  # noqa: ARG002  it asks nothing
        """Do it, or say why not."""
        try:
            changed = await in_thread_until_known(self._change)
        except BillingError as refusal:
            self.problems = problems_by_field({"form": refusal.sentence}, ())
            yield browser.refused(DIALOG)
            return
        await live.changed(acting().firm_id)
        for each in _SHOWN:
            listed = await self.get_state(each)
            if listed.is_loaded:
                await listed._read_again()
        yield [browser.close_dialog(DIALOG), rx.toast.success(changed.sentence)]

    @rx.event
    @requires(Permission.EDIT_BILLING)
    async def closed(self) -> None:
        """The browser closed the dialog: what stood in it is gone."""
        self.start = ChangeStart()

    async def _ask(self, begin: Callable[..., ChangeStart]) -> EventSpec:
        try:
            self.start = await in_thread(begin, now=clock.now())
        except BillingError as refusal:
            return toasts.refused(refusal.sentence)
        self.problems = problems_by_field({}, ())
        return browser.open_dialog(DIALOG)

    def _change(self) -> Changed:
        start = self.start
        if start.act in _SWITCHES:
            turns_on = _SWITCHES[start.act]
            return autopay_switch.switch(
                acting(), start.subject_id, turns_on=turns_on, now=clock.now()
            )
        return schedule_changes.change(
            *(acting(), start.act, start.subject_id),
            version=start.version,
            expected=start.expected,
            now=clock.now(),
        )
