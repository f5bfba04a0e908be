"""What the page of schedules shows and sends: texts only. What was typed is never trusted."""

from dataclasses import dataclass, field

from assure_app.billing.reading.editor_form import EditorForm, EditorPreview, EditorStart
from assure_app.billing.reading.rows import ActivityRow, LineRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AutopayText:
    """Auto-pay in words. `label` is On, Off or No method; `method` "Visa •••• 4242" when on.

    `sentence` says what happens to the engagement's invoices.
    """

    label: str = "Off"
    method: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """One schedule of the list; days as "May 31", with the year when it is not this one."""

    id: str
    href: str
    client: str
    title: str
    rhythm: str
    amount: str
    autopay: str
    method: str
    next_on: str
    last_on: str
    generated: str
    status: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One of the figures above the list, which narrows it."""

    name: str
    figure: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePage:
    """A page of the list; `count` is "12 of 41", the pages are "" where there are none."""

    rows: tuple[ScheduleRow, ...] = ()
    figures: tuple[Figure, ...] = ()
    count: str = ""
    total: int = 0
    previous_page: str = ""
    next_page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedRow:
    """An invoice that the schedule made."""

    number: str
    href: str
    day: str
    amount: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleDetail:
    """The drawer. `upcoming` are the next days; `more_generated` tells of invoices not listed."""

    id: int = 0
    title: str = ""
    client: str = ""
    engagement: str = ""
    engagement_id: int = 0
    status: str = ""
    rhythm: str = ""
    ends: str = ""
    amount: str = ""
    due: str = ""
    sends: str = ""
    problem: str = ""
    subtotal: str = ""
    tax: str = ""
    lines: tuple[LineRow, ...] = ()
    upcoming: tuple[str, ...] = ()
    upcoming_note: str = ""
    generated_count: str = ""
    generated: tuple[GeneratedRow, ...] = ()
    more_generated: str = ""
    activity: tuple[ActivityRow, ...] = ()
    autopay: AutopayText = field(default_factory=AutopayText)
    is_autopay_on: bool = False
    can_edit: bool = False
    can_pause: bool = False
    can_resume: bool = False
    can_cancel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleForm(EditorForm):
    """The form as typed. `date` is the first date, or the next one of a schedule that is there.

    `end` is "never", "date" or "count".
    """

    title: str = ""
    frequency: str = ""
    date: str = ""
    month_end: str = ""
    end: str = "never"
    ends_on: str = ""
    most: str = ""
    due_days: str = ""
    sends: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleStart(EditorStart):
    """What the editor opens with; `schedule_id` is 0 for a new one.

    `generated` says "7 invoices were generated". A schedule keeps its client. `like` is the number
    of the invoice that a new one goes on like, "" for none, and `like_note` says so.
    """

    schedule_id: int = 0
    href: str = "/recurring"
    title: str = ""
    generated: str = ""
    like: str = ""
    like_note: str = ""
    form: ScheduleForm = field(default_factory=ScheduleForm)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePreview(EditorPreview):
    """What saving would come to. `rhythm`, `days`, `ends` and `sends` are sentences, or ""."""

    rhythm: str = ""
    days: tuple[str, ...] = ()
    ends: str = ""
    sends: str = ""
    autopay: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSchedule:
    """What was saved; `is_repeat` when it had been before, and nothing was written now."""

    id: int
    sentence: str
    is_repeat: bool = False

    @property
    def href(self) -> str:
        """Where it is shown."""
        return f"/recurring?schedule={self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStart:
    """A question before something changes: what will happen, in plain words.

    `expected` is what the words promise; should it not hold any more, nothing is changed. `tone` is
    the button's class.
    """

    act: str = ""
    subject_id: int = 0
    version: int = 0
    expected: str = ""
    title: str = ""
    subject: str = ""
    sentences: tuple[str, ...] = ()
    button: str = ""
    busy: str = ""
    back: str = "Cancel"
    tone: str = "pri"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What an act came to, for the toast."""

    sentence: str
