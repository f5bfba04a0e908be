"""What the settings pages show: frozen rows, already as text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something to pick, by id: a team, a client, a person."""

    id: int
    name: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One person of the members page; `clients` is "All clients" or "12 clients"."""

    id: int
    name: str
    email: str
    badges: tuple[str, ...]
    teams: str
    clients: str
    is_me: bool
    may_change: bool
    is_active: bool
    is_invited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersPage:
    """The people of the firm who match; `note` says when there are more than are shown."""

    rows: tuple[MemberRow, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberForm:
    """A person as typed or ticked; a field that equals what the form began with is left alone."""

    name: str = ""
    role: str = ""
    is_stripe_admin: bool = False
    team_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStart:
    """What the dialog for a person opens with."""

    user_id: int = 0
    email: str = ""
    form: MemberForm = MemberForm()
    teams: tuple[Choice, ...] = ()
    is_active: bool = True
    is_invited: bool = False
    is_me: bool = False
    by_owner: bool = False
    form_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteForm:
    """Somebody new, as typed."""

    name: str = ""
    email: str = ""
    role: str = ""
    team_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """What has been picked so far, shortened; `count` says how many in words."""

    rows: tuple[Choice, ...] = ()
    count: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRow:
    """One team of the teams page."""

    id: int
    name: str
    rights: tuple[str, ...]
    members: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamForm:
    """A team as typed or ticked."""

    name: str = ""
    view_billing: bool = False
    edit_billing: bool = False
    all_clients: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamStart:
    """What the dialog for a team opens with; `team_id` 0 is a new one."""

    team_id: int = 0
    form: TeamForm = TeamForm()
    form_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamLoss:
    """What deleting a team would take, from whom, in sentences."""

    team_id: int = 0
    name: str = ""
    sentences: tuple[str, ...] = ()
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmForm:
    """The firm's settings as texts of their fields."""

    name: str = ""
    timezone: str = ""
    prefix: str = ""
    next_number: str = ""
    due_days: str = ""
    card_percent: str = ""
    card_fixed: str = ""
    ach_percent: str = ""
    ach_fixed: str = ""
    second_person: str = ""
    retry_days: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmPreview:
    """What the settings come to, by the rules that use them; "" for what cannot be told."""

    next_invoice: str = ""
    card_example: str = ""
    ach_example: str = ""
    zone_warning: str = ""
    due_example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One entry of the audit log."""

    id: int
    at: str
    iso: str
    who: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """A page of the audit log, newest first; cursors are "" where there is no further page."""

    rows: tuple[AuditRow, ...] = ()
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A signed-in browser of one's own."""

    id: int
    since: str
    until: str
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a person sees of themself."""

    name: str = ""
    email: str = ""
    sessions: tuple[SessionRow, ...] = ()
    others: int = 0
