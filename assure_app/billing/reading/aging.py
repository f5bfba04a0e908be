"""The aging report: who owes how much for how long, as of any day, with the invoices behind it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from urllib.parse import quote, urlencode

from assure_app.billing.reading import debts
from assure_app.billing.reading.invoice_rows import timezone_of
from assure_app.billing.reading.report_rows import AgingPage, BucketTile, ClientAges, DebtRow
from assure_app.db.unit_of_work import reading
from assure_app.domain.aging import Bucket, Debt, sums
from assure_app.domain.calendar import day_of, day_text, long_day_text
from assure_app.domain.entry import Entry
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal

MOST_CLIENTS = 100
MOST_INVOICES = 100
FILE_PATH = "/reports/aging.csv"
SLUGS = {
    Bucket.CURRENT: "current",
    Bucket.TO_30: "1-30",
    Bucket.TO_60: "31-60",
    Bucket.TO_90: "61-90",
    Bucket.OLDER: "over-90",
}


def page(
    principal: Principal, day: object = "", *, bucket: str = "", client_id: int = 0, now: datetime
) -> AgingPage:
    """The report of the end of `day` in ISO form, "" for today; `bucket` is a slug, `client_id` a
    client of the report, and both choose the invoices behind. What is unknown chooses nothing.

    Raises PermissionDenied, and InvalidInput for a day that does not exist or is still to come.
    """
    principal.require(Permission.VIEW_BILLING)
    with reading() as connection:
        timezone = timezone_of(connection, principal)
        today = day_of(now, timezone)
        asked = read_day(day, today)
        found = debts.at_end_of(connection, principal, asked, timezone=timezone, now=now)
    return _page(found, asked, today, bucket=bucket, client_id=client_id)


def read_day(text: object, today: date) -> date:
    """The day of the report. Raises InvalidInput for one that does not exist or is to come."""
    if text == "":
        return today
    entry = Entry()
    day = entry.day("day", text)
    entry.check()
    if day > today:
        entry.refuse("day", "That day is still to come. What will be owed then is not known.")
    entry.check()
    return day


def _page(
    found: Sequence[Debt], day: date, today: date, *, bucket: str, client_id: int
) -> AgingPage:
    by_client = _by_client(found)
    largest = sorted(by_client.values(), key=lambda each: -_cents(each))
    shown, others = largest[:MOST_CLIENTS], largest[MOST_CLIENTS:]
    chosen = [debt for debt in found if _is_chosen(debt, day, bucket, client_id)]
    in_buckets = sums(found, day)
    when = f"at the end of {long_day_text(day)}" if day < today else f"today, {long_day_text(day)}"
    return AgingPage(
        day=day.isoformat(),
        day_text=f"Owed to the firm {when}",
        latest=today.isoformat(),
        total=full_text(_cents(found)),
        total_note=f"{_counted(len(found), 'invoice')} of {_counted(len(by_client), 'client')}",
        buckets=_tiles(found, day, bucket),
        columns=tuple(Bucket),
        clients=tuple(_client(each, day, client_id) for each in shown),
        sums=(*(full_text(in_buckets[each]) for each in Bucket), full_text(_cents(found))),
        others=_others(others),
        chosen=_choice(chosen, bucket, client_id),
        behind=tuple(_row(each, day, today) for each in _latest_first(chosen)[:MOST_INVOICES]),
        behind_total=full_text(_cents(chosen)),
        more=_more(len(chosen) - MOST_INVOICES),
        file_href=f"{FILE_PATH}?{urlencode({'as-of': day.isoformat()})}",
    )


def _tiles(found: Sequence[Debt], day: date, chosen: str) -> tuple[BucketTile, ...]:
    """The buckets with their shares. Each is the step of the rounded sums up to it, so that they
    come to 100.0% and the bar to its end; a bucket with nothing in it has none."""
    whole, before, tiles = max(1, _cents(found)), 0, []
    for bucket in Bucket:
        its_own = [debt for debt in found if debt.bucket(day) is bucket]
        after = before + _cents(its_own)
        per_mille = _per_mille(after, whole) - _per_mille(before, whole)
        tiles.append(_tile(bucket, its_own, per_mille, chosen))
        before = after
    return tuple(tiles)


def _per_mille(cents: int, whole_cents: int) -> int:
    return (2000 * cents + whole_cents) // (2 * whole_cents)


def _tile(bucket: Bucket, its_own: Sequence[Debt], per_mille: int, chosen: str) -> BucketTile:
    return BucketTile(
        name=bucket.value,
        slug=SLUGS[bucket],
        amount=full_text(_cents(its_own)),
        note=_counted(len(its_own), "invoice"),
        share=f"{per_mille // 10}.{per_mille % 10}%",
        is_chosen=SLUGS[bucket] == chosen,
    )


def _client(its_own: Sequence[Debt], day: date, chosen_id: int) -> ClientAges:
    in_buckets = sums(its_own, day)
    return ClientAges(
        client_id=its_own[0].client_id,
        client=its_own[0].client,
        amounts=tuple(full_text(cents) if cents else "" for cents in in_buckets.values()),
        total=full_text(_cents(its_own)),
        is_chosen=its_own[0].client_id == chosen_id,
    )


def _row(debt: Debt, day: date, today: date) -> DebtRow:
    late = debt.days_late(day)
    return DebtRow(
        number=debt.number,
        href=f"/invoices?invoice={quote(debt.number)}",
        client=debt.client,
        due=day_text(debt.due_on, today=today),
        late=f"{_counted(late, 'day')} late" if late else "",
        balance=full_text(debt.balance_cents),
    )


def _is_chosen(debt: Debt, day: date, bucket: str, client_id: int) -> bool:
    return bucket in {"", SLUGS[debt.bucket(day)]} and client_id in {0, debt.client_id}


def _choice(chosen: Sequence[Debt], bucket: str, client_id: int) -> str:
    """What the list of invoices is about, in words; "" when all are."""
    names = [each.value for each, slug in SLUGS.items() if slug == bucket]
    if client_id and chosen:
        names.insert(0, chosen[0].client)
    return " · ".join(names)


def _by_client(found: Iterable[Debt]) -> dict[int, list[Debt]]:
    by_client: dict[int, list[Debt]] = {}
    for debt in found:
        by_client.setdefault(debt.client_id, []).append(debt)
    return by_client


def _latest_first(found: Iterable[Debt]) -> list[Debt]:
    return sorted(found, key=lambda debt: (debt.due_on, debt.number))


def _others(others: Sequence[Sequence[Debt]]) -> str:
    if not others:
        return ""
    cents = sum(map(_cents, others))
    return f"{_counted(len(others), 'more client')} with {full_text(cents)}: see the CSV."


def _more(left: int) -> str:
    return f"{_counted(left, 'more invoice')}: see the CSV." if left > 0 else ""


def _cents(found: Iterable[Debt]) -> int:
    return sum(debt.balance_cents for debt in found)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
