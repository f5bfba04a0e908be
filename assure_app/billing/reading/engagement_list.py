"""The engagements of a firm's clients, and what auto-pay does for each (R116, R128)."""

from dataclasses import dataclass

from sqlalchemy import func, select

from assure_app.billing import autopay_switch, clients
from assure_app.db.unit_of_work import reading
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import client, engagement

PAGE_SIZE = 50
_LONGEST_SEARCH = 200
_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementRow:
    """One engagement; `autopay` is On, Off or No method, and `sentence` says what happens."""

    id: int
    client: str
    name: str
    autopay: str
    method: str
    sentence: str
    is_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementPage:
    """A page of them; `count` is "12 of 41", the pages are "" where there are none."""

    rows: tuple[EngagementRow, ...] = ()
    count: str = ""
    total: int = 0
    previous_page: str = ""
    next_page: str = ""


def page(principal: Principal, search: str = "", at: int = 1) -> EngagementPage:
    """The page, by client and name; part of either narrows it. Raises PermissionDenied."""
    principal.require(Permission.VIEW_BILLING)
    visible = clients.visible_to(principal)
    wanted = " ".join(search.split())[:_LONGEST_SEARCH].replace("\x00", "")
    found = client.c.name.icontains(wanted, autoescape=True) | engagement.c.name.icontains(
        wanted, autoescape=True
    )
    counted = (
        select(func.count())
        .select_from(engagement.join(client, client.c.id == engagement.c.client_id))
        .where(visible)
    )
    with reading() as connection:
        total = int(connection.scalar(counted) or 0)
        matching = int(connection.scalar(counted.where(found)) or 0)
        last_page = max(1, -(-matching // PAGE_SIZE))
        shown = min(max(1, at), last_page, _MOST_PAGES)
        rows = connection.execute(
            autopay_switch.query()
            .where(visible, found)
            .order_by(client.c.name, engagement.c.name, engagement.c.id)
            .limit(PAGE_SIZE)
            .offset((shown - 1) * PAGE_SIZE)
        ).all()
    return EngagementPage(
        rows=tuple(_row(autopay_switch.agreed(row)) for row in rows),
        count=f"{matching:,} of {total:,}",
        total=total,
        previous_page=str(shown - 1) if shown > 1 else "",
        next_page=str(shown + 1) if shown < last_page else "",
    )


def _row(found: autopay_switch.Agreed) -> EngagementRow:
    told = autopay_switch.text_of(
        is_on=found.is_autopay_on,
        engagement_name=found.name,
        client=found.client,
        method=found.method,
    )
    return EngagementRow(
        id=found.id,
        client=found.client,
        name=found.name,
        autopay=told.label,
        method=told.method,
        sentence=told.sentence,
        is_on=found.is_autopay_on,
    )
