"""The one place from which a firm's people are told what happened: behind the bell, and by mail.

`tell` is called in the transaction of what it tells of, so that news and books agree whoever is
killed when. Each person's own choice says whether they find it in the app, get a letter, or both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.billing import portal_links
from assure_app.billing.notification_audience import hears, wants_in_app, wants_mail
from assure_app.domain.email_address import is_address
from assure_app.domain.notifications import RULES, NotificationKind, forget_at
from assure_app.mail import notification_letter, outbox
from assure_app.mail.invoice_mail import Letter
from assure_app.models.tables import firm, firm_user, invoice, notification, notification_setting

MOST_TOLD = 500
"""As many people of a firm hear of one thing; owners come first."""
_LONGEST = 500
_LONGEST_ABOUT = 200
_SAME_FOR_ALL = (
    *("firm_id", "kind", "text", "detail", "invoice_id", "client_id"),
    *("about", "created_at", "forget_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    firm_id: int
    kind: NotificationKind
    text: str
    detail: str
    invoice_id: int | None
    about: str


def tell(
    connection: Connection,
    *,
    firm_id: int,
    kind: NotificationKind,
    text: str,
    about: str,
    now: datetime,
    detail: str = "",
    invoice_id: int | None = None,
    client_id: int | None = None,
    among: ColumnElement[bool] | None = None,
    not_by_mail: str = "",
    letter: Callable[[], Letter] | None = None,
) -> None:
    """Tell everybody of the firm who may hear of it and wants to, in the caller's transaction.

    `text` is one line in the words of this moment, "Patel Family paid $1,200.00 on INV-1042 by
    card"; `detail` is what else there is to know. `about` names the news, as "payment 17 Failed":
    nobody is told of the same twice, however often and by how many at once it is told. With an
    invoice or a client only who sees that client hears of it; `among` is a condition on `firm_user`
    that narrows them further. `not_by_mail` is an address that heard of it otherwise. `letter`
    writes the mail where the kind's plain one would not do; it is called once if anybody wants it.
    """
    if len(about) > _LONGEST_ABOUT:
        raise ValueError("what a notification is about is named shortly")
    if client_id is None and invoice_id is not None:
        client_id = connection.scalar(_CLIENT_OF, {"invoice_id": invoice_id})
    values = {
        "firm_id": firm_id,
        "kind": kind.value,
        "text": text[:_LONGEST],
        "detail": detail[:_LONGEST],
        "invoice_id": invoice_id,
        "client_id": client_id,
        "about": about,
        "created_at": now,
        "forget_at": forget_at(told_at=now),
    }
    told = connection.execute(
        _insert(connection, kind, is_of_client=client_id is not None, among=among), values
    )
    mailed = [row.user_id for row in told if row.is_mailed]
    if mailed:
        news = _News(
            firm_id=firm_id,
            kind=kind,
            text=text,
            detail=detail,
            invoice_id=invoice_id,
            about=about,
        )
        _mail(connection, news, mailed, letter, but_not=not_by_mail, now=now)


_CLIENT_OF = select(invoice.c.client_id).where(invoice.c.id == bindparam("invoice_id"))


def _insert(
    connection: Connection,
    kind: NotificationKind,
    *,
    is_of_client: bool,
    among: ColumnElement[bool] | None,
) -> Any:
    is_postgresql = connection.dialect.name == "postgresql"
    if among is None:
        return _insert_for_all(kind, is_of_client=is_of_client, is_postgresql=is_postgresql)
    people = _people(kind, is_of_client=is_of_client).where(among)
    return _insert_from(people, is_postgresql=is_postgresql)


@cache  # Building the statement takes longer than running it.
def _insert_for_all(kind: NotificationKind, *, is_of_client: bool, is_postgresql: bool) -> Any:
    return _insert_from(_people(kind, is_of_client=is_of_client), is_postgresql=is_postgresql)


def _insert_from(people: Select[Any], *, is_postgresql: bool) -> Any:
    """One statement for all people; whoever was told of the same before is left out."""
    dialect = postgresql if is_postgresql else sqlite
    columns = [*_SAME_FOR_ALL, "user_id", "is_shown", "is_mailed"]
    insert = dialect.insert(notification).from_select(columns, people, include_defaults=False)
    return insert.on_conflict_do_nothing().returning(
        notification.c.user_id, notification.c.is_mailed
    )


def _people(kind: NotificationKind, *, is_of_client: bool) -> Select[Any]:
    same = [bindparam(name, type_=notification.c[name].type) for name in _SAME_FOR_ALL]
    in_app, by_mail = wants_in_app(), wants_mail(kind)
    own_choice = and_(
        notification_setting.c.user_id == firm_user.c.id,
        notification_setting.c.kind == literal(kind.value),
    )
    return (
        select(*same, firm_user.c.id, in_app, by_mail)
        .select_from(firm_user.outerjoin(notification_setting, own_choice))
        .where(
            firm_user.c.firm_id == bindparam("firm_id", type_=notification.c.firm_id.type),
            hears(kind, is_of_client=is_of_client),
            or_(in_app, by_mail),
        )
        .order_by(firm_user.c.is_owner.desc(), firm_user.c.id)
        .limit(MOST_TOLD)
    )


def _mail(
    connection: Connection,
    news: _News,
    user_ids: Sequence[int],
    letter: Callable[[], Letter] | None,
    *,
    but_not: str,
    now: datetime,
) -> None:
    wanted = select(firm_user.c.email).where(firm_user.c.id.in_(user_ids))
    ranked = wanted.order_by(firm_user.c.is_owner.desc(), firm_user.c.id)
    emails = [each for each in connection.scalars(ranked) if is_address(each) and each != but_not]
    if not emails:
        return
    name = str(connection.scalar(select(firm.c.name).where(firm.c.id == news.firm_id)))
    written = letter() if letter is not None else _plain_letter(connection, news, firm_name=name)
    for email in emails:
        key = f"notification {news.about} to {email}"
        if outbox.is_known(connection, key):
            continue  # Told before, and forgotten since.
        outbox.enqueue(
            connection,
            firm_id=news.firm_id,
            invoice_id=news.invoice_id,
            to_email=email,
            from_name=name,
            subject=written.subject,
            text=written.text,
            html=written.html,
            now=now,
            key=key,
        )


def _plain_letter(connection: Connection, news: _News, *, firm_name: str) -> Letter:
    rule = RULES[news.kind]
    link, label = portal_links.page_link(rule.page or "/notifications"), "Look at it"
    if news.invoice_id is not None and not rule.page:
        number = select(invoice.c.number).where(invoice.c.id == news.invoice_id)
        link, label = portal_links.desk_link(str(connection.scalar(number))), "Open invoice"
    return notification_letter.told(
        firm=firm_name,
        headline=rule.label,
        text=news.text,
        detail=news.detail,
        link=link,
        label=label,
    )
