"""Reading the form of a schedule by the one rule that previews and saves it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from assure_app.billing import client_form, clients, invoice_form
from assure_app.billing.firm_values import MOST_DUE_DAYS
from assure_app.billing.reading.schedule_rows import ScheduleForm
from assure_app.billing.schedule_record import ScheduleRecord
from assure_app.domain.calendar import long_day_text
from assure_app.domain.entry import Entry
from assure_app.domain.line_items import Line
from assure_app.domain.permissions import Principal
from assure_app.domain.schedules import Course, Frequency, Rhythm, is_last_of_month

MOST_INVOICES = 1_000
END_OF_MONTH = 31
_ENDS = ("never", "date", "count")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSchedule:
    """What a form says; `lines` are by key.

    `client` is None where none was named or where `new_client` is to be added.
    """

    client: clients.KnownClient | None
    new_client: clients.NewClient | None
    engagement_id: int | None
    title: str
    rhythm: Rhythm
    next_on: date
    ends_on: date | None
    most_invoices: int | None
    due_days: int
    sends_itself: bool
    generated_count: int
    lines: dict[str, Line]

    @property
    def ordered_lines(self) -> tuple[Line, ...]:
        """The lines as they stand on the invoice."""
        return tuple(self.lines.values())

    @property
    def course(self) -> Course:
        """Where the schedule would stand."""
        return Course(
            rhythm=self.rhythm,
            next_on=self.next_on,
            generated_count=self.generated_count,
            ends_on=self.ends_on,
            most_invoices=self.most_invoices,
        )


def read(
    connection: Connection,
    principal: Principal,
    entry: Entry,
    form: ScheduleForm,
    *,
    edited: ScheduleRecord | None,
    today: date,
) -> WantedSchedule:
    """Read the form; what is wrong is noted in `entry`. `edited` is None for a new schedule."""
    client, new_client = _client(connection, principal, entry, form, edited)
    title = entry.line("title", form.title, limit=invoice_form.TITLE_LIMIT, name="Title")
    if not title:
        entry.refuse("title", "Enter a title, for example Monthly bookkeeping.")
    frequency = entry.choice(
        "frequency", form.frequency, tuple(Frequency), missing="Choose how often."
    )
    next_on = _next_on(entry, form, edited, today)
    rhythm = _rhythm(entry, form, edited, frequency or Frequency.MONTHLY, next_on)
    generated_count = edited.generated_count if edited else 0
    ends_on, most = (
        (None, None)
        if frequency is Frequency.ONE_TIME
        else _end(entry, form, next_on, generated_count)
    )
    return WantedSchedule(
        client=client,
        new_client=new_client,
        engagement_id=invoice_form.read_engagement(connection, entry, form.engagement, client),
        title=title,
        rhythm=rhythm,
        next_on=next_on,
        ends_on=ends_on,
        most_invoices=most,
        due_days=_whole(entry, "due_days", form.due_days, least=0, most=MOST_DUE_DAYS),
        sends_itself=form.sends == "on",
        generated_count=generated_count,
        lines=invoice_form.read_lines(entry, form.lines),
    )


def _client(
    connection: Connection,
    principal: Principal,
    entry: Entry,
    form: ScheduleForm,
    edited: ScheduleRecord | None,
) -> tuple[clients.KnownClient | None, clients.NewClient | None]:
    if edited is None:
        return client_form.read(connection, principal, entry, form)
    why = "A schedule keeps its client. Cancel it and make a new one."
    client_form.refuse_another(entry, form, kept=edited.client, why=why)
    return clients.KnownClient(id=edited.client_id, name=edited.client), None


def _next_on(entry: Entry, form: ScheduleForm, edited: ScheduleRecord | None, today: date) -> date:
    day = entry.day("date", form.date)
    if "date" in entry.problems or (edited is not None and day == edited.next_on):
        return day
    if edited is not None and edited.last_on is not None and day <= edited.last_on:
        entry.refuse(
            "date",
            f"The invoice of {long_day_text(edited.last_on)} was made already. Choose a later day.",
        )
    if day < today:
        entry.refuse(
            "date", "A day that has passed cannot be invoiced any more. Choose a later one."
        )
    return day


def _rhythm(
    entry: Entry,
    form: ScheduleForm,
    edited: ScheduleRecord | None,
    frequency: Frequency,
    next_on: date,
) -> Rhythm:
    """The day typed begins the rhythm anew; left as it was, it keeps its anchor."""
    wants_end = form.month_end == "on" and frequency is not Frequency.ONE_TIME
    if wants_end and "date" not in entry.problems and not is_last_of_month(next_on):
        entry.refuse("month_end", f"{long_day_text(next_on)} is not the last day of its month.")
    anchor = END_OF_MONTH if wants_end else next_on.day
    if edited is None or next_on != edited.next_on:
        return Rhythm(frequency=frequency, first_on=next_on, anchor_day=anchor)
    had_end = edited.anchor_day == END_OF_MONTH
    if wants_end == had_end:
        anchor = edited.anchor_day
    if frequency == edited.frequency and anchor == edited.anchor_day:
        return edited.rhythm
    return Rhythm(frequency=frequency, first_on=next_on, anchor_day=anchor)


def _end(
    entry: Entry, form: ScheduleForm, next_on: date, generated_count: int
) -> tuple[date | None, int | None]:
    if form.end not in _ENDS:
        entry.refuse("end", "Choose when it ends.")
    if form.end == "date":
        ends_on = entry.day("ends_on", form.ends_on)
        if not {"date", "ends_on"} & set(entry.problems) and ends_on < next_on:
            entry.refuse("ends_on", f"It cannot end before {long_day_text(next_on)}.")
        return ends_on, None
    if form.end == "count":
        least = generated_count + 1
        return None, _whole(entry, "most", form.most, least=least, most=MOST_INVOICES)
    return None, None


def _whole(entry: Entry, field: str, typed: str, *, least: int, most: int) -> int:
    text = typed.strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if is_number and least <= int(text) <= most:
        return int(text)
    entry.refuse(field, f"Enter a whole number from {least} to {most:,}.")
    return least
