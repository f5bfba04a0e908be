"""The page on which a firm says when its clients are reminded: read, tried out, and saved."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, RowMapping, select

from assure_app.billing import audit, reminder_plans
from assure_app.billing.reading.reminder_rows import (
    ExampleDay,
    ExampleLetter,
    PlanForm,
    PlanPreview,
    PlanStart,
    StepChip,
)
from assure_app.billing.sending import NOT_DELIVERED
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import day_of, day_text, long_day_text
from assure_app.domain.entry import Entry
from assure_app.domain.errors import BillingError
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.reminders import (
    MOST_DAYS_AFTER,
    MOST_DAYS_BEFORE,
    Plan,
    hour_text,
    problem_of,
    step_text,
    steps_of,
)
from assure_app.mail import reminder_letter
from assure_app.mail.reminder_letter import MailedReminder
from assure_app.models.tables import firm
from assure_app.settings import get_settings

ACT = "change when clients are reminded"
USUAL = (-14, -7, -3, -1, 0, 1, 3, 7, 14, 30, 60)
"""The days that are offered by a click; any other one can be added."""

_EXAMPLE_TOTAL_CENTS = 150_000
_EXAMPLE_PAID_CENTS = 50_000
_MOST_TYPED = 50


class PlanChanged(BillingError):
    """Somebody saved another plan since this page was filled."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody changed the reminders meanwhile. Nothing was saved: reload the page, then"
            " decide."
        )


def start(principal: Principal) -> tuple[PlanStart, int]:
    """What the page opens with, and the version that its form is held against."""
    principal.require(Permission.VIEW_BILLING)
    with reading() as connection:
        stored = reminder_plans.of_firm(connection, principal.firm_id)
    plan = Plan() if stored is None else stored.plan
    chips = tuple(_chip(days, plan.steps) for days in sorted({*USUAL, *plan.steps}))
    return PlanStart(
        chips=chips,
        hours=tuple((str(hour), hour_text(hour)) for hour in range(24)),
        is_on=plan.is_on,
        hour=str(plan.hour),
        may_change=principal.has(Permission.EDIT_BILLING),
        caution="" if get_settings().mail_leaves else NOT_DELIVERED,
    ), 0 if stored is None else stored.version


def another_day(number: object, side: object) -> StepChip:
    """A day that is not among the usual ones, as typed. Raises InvalidInput for "other"."""
    entry = Entry()
    text = number.strip() if isinstance(number, str) else ""
    most = MOST_DAYS_BEFORE if side == "before" else MOST_DAYS_AFTER
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= most):
        entry.refuse("other", f"Enter a number of days from 1 to {most}.")
    entry.check()
    days = -int(text) if side == "before" else int(text)
    return StepChip(days=days, text=_capital(step_text(days)), is_chosen=True)


def preview(
    principal: Principal, form: PlanForm, *, now: datetime
) -> tuple[PlanPreview, dict[str, str]]:
    """What the plan comes to for an example invoice, and what is wrong with it; writes nothing."""
    principal.require(Permission.VIEW_BILLING)
    entry = Entry()
    plan = _read(entry, form)
    with reading() as connection:
        of_firm = _firm(connection, principal.firm_id)
    today = day_of(now, of_firm["timezone"])
    due_on = today + timedelta(days=of_firm["due_days"])
    steps = [] if entry.problems else [each for each in steps_of(plan, due_on) if each.day > today]
    letters = [_letter(of_firm, due_on, each.day) for each in steps]
    days = tuple(
        ExampleDay(
            days=step.days,
            day=day_text(step.day, today=today),
            text=step_text(step.days),
            letter=letter,
        )
        for step, letter in zip(steps, letters, strict=True)
    )
    return PlanPreview(sentence=_sentence(of_firm, plan, due_on), days=days), entry.problems


def save(principal: Principal, form: PlanForm, *, version: int, now: datetime) -> str:
    """Store the plan; gives the sentence to show, and the firm's audit log tells it.

    Raises InvalidInput by field, and PlanChanged when it is not the `version` that was looked at.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    entry = Entry()
    plan = _read(entry, form)
    entry.check()
    with unit_of_work() as connection:
        # Two first plans of one firm at once would be two rows.
        held = select(firm.c.id).where(firm.c.id == principal.firm_id)
        connection.execute(held.with_for_update(key_share=True))
        before = reminder_plans.of_firm(connection, principal.firm_id)
        was = Plan() if before is None else before.plan
        if plan == was:
            return "Nothing was changed."
        if (0 if before is None else before.version) != version:
            raise PlanChanged
        reminder_plans.save(connection, principal.firm_id, before, plan, now=now)
        _note(connection, principal, was, plan, now)
    return "Reminders are on." if plan.is_on else "Reminders are off."


def _read(entry: Entry, form: PlanForm) -> Plan:
    """The plan as typed. What is off may be left without a day."""
    steps = tuple(sorted({days for days in _numbers(form.days) if days is not None}))
    if problem := problem_of(steps):
        if form.is_on or steps:
            entry.refuse("days", problem)
        steps = Plan().steps
    hours = {str(hour): hour for hour in range(24)}
    if form.hour not in hours:
        entry.refuse("hour", "Choose an hour.")
    return Plan(is_on=form.is_on, steps=steps, hour=hours.get(form.hour, Plan().hour))


def _numbers(texts: Sequence[str]) -> Iterator[int | None]:
    for text in texts[:_MOST_TYPED]:
        digits = text.removeprefix("-")
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= 4
        yield int(text) if is_number else None


def _letter(of_firm: RowMapping, due_on: date, today: date) -> ExampleLetter:
    """The letter of that day, to a client who has paid a part."""
    told = reminder_letter.parts(
        MailedReminder(
            firm=of_firm["name"],
            client="Example Family",
            reader="Alex Example",
            email="alex@client.example",
            number=f"{of_firm['invoice_prefix']}{of_firm['next_invoice_number']}",
            title="",
            due_on=due_on,
            today=today,
            total_cents=_EXAMPLE_TOTAL_CENTS,
            settled_cents=_EXAMPLE_PAID_CENTS,
            pending_cents=0,
            balance_cents=_EXAMPLE_TOTAL_CENTS - _EXAMPLE_PAID_CENTS,
            link="",
            is_payable=True,
            stop_link="",
        )
    )
    return ExampleLetter(
        subject=told.subject,
        headline=told.headline,
        said=told.said,
        facts=tuple(told.facts.items()),
        label=told.label,
        closing=told.closing,
        footer=told.footer,
    )


def _sentence(of_firm: RowMapping, plan: Plan, due_on: date) -> str:
    return (
        f"An invoice over {full_text(_EXAMPLE_TOTAL_CENTS)} that is sent today and due"
        f" {long_day_text(due_on)}, with {full_text(_EXAMPLE_PAID_CENTS)} paid:"
        f" at {hour_text(plan.hour)} ({of_firm['timezone']}) its client is reminded on"
    )


def _chip(days: int, chosen: Sequence[int]) -> StepChip:
    return StepChip(days=days, text=_capital(step_text(days)), is_chosen=days in chosen)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _firm(connection: Connection, firm_id: int) -> RowMapping:
    wanted = select(
        *(firm.c[name] for name in ("name", "timezone", "due_days")),
        firm.c.invoice_prefix,
        firm.c.next_invoice_number,
    ).where(firm.c.id == firm_id)
    return connection.execute(wanted).mappings().one()


def _note(
    connection: Connection, principal: Principal, before: Plan, after: Plan, now: datetime
) -> None:
    if after.is_on and not before.is_on:
        said = f"turned reminders on: {_told(after)}"
    elif before.is_on and not after.is_on:
        said = "turned reminders off"
    else:
        said = f"changed reminders: {_told(before)} → {_told(after)}"
    audit.note(
        connection,
        firm_id=principal.firm_id,
        user_id=principal.user_id,
        text=f"{principal.name} {said}",
        at=now,
    )


def _told(plan: Plan) -> str:
    return f"{', '.join(map(step_text, plan.steps))} at {hour_text(plan.hour)}"
