"""The firm's own settings: name, time zone, numbering, due dates, fees, and from which amount on a
refund needs two people (R074, R096, R099)."""

from dataclasses import fields
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, func, select, update

from assure_app.billing import (
    audit,
    autopay_rows,
    firm_names,
    firm_values,
    people,
    reminder_plans,
    schedule_record,
)
from assure_app.billing.firm_values import LARGEST_NUMBER, FirmValues
from assure_app.billing.people import Person
from assure_app.billing.reading.settings_rows import FirmForm, FirmPreview
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import day_of, long_day_text
from assure_app.domain.entry import Entry
from assure_app.domain.errors import InvalidInput
from assure_app.domain.fees import (
    EXAMPLE_CENTS,
    FeeSchedule,
    estimate_fee_cents,
    percent_text,
)
from assure_app.domain.ledger import Method
from assure_app.domain.money import full_text, input_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import firm, invoice

_NUMBERING = frozenset({"prefix", "next_number"})
_ACT = "change the firm's settings"
_COLUMNS = {
    "name": "name",
    "timezone": "timezone",
    "prefix": "invoice_prefix",
    "next_number": "next_invoice_number",
    "due_days": "due_days",
    "card_percent": "card_fee_basis_points",
    "card_fixed": "card_fee_fixed_cents",
    "ach_percent": "ach_fee_basis_points",
    "ach_fixed": "ach_fee_fixed_cents",
    "second_person": "second_person_cents",
    "retry_days": "autopay_retry_days",
}
_WORDS = {
    "name": "name",
    "timezone": "time zone",
    "prefix": "invoice prefix",
    "next_number": "next invoice number",
    "due_days": "due after days",
    "card_percent": "card fee %",
    "card_fixed": "card fee ¢",
    "ach_percent": "ACH fee %",
    "ach_fixed": "ACH fee ¢",
    "second_person": "second person from $",
    "retry_days": "auto-pay retries after days",
}


def start(principal: Principal) -> FirmForm:
    """The settings as they are now, as texts of their fields."""
    principal.require(Permission.MANAGE_FIRM)
    with reading() as connection:
        return _texts(_stored(connection, principal.firm_id))


def fee_schedule(connection: Connection, firm_id: int) -> FeeSchedule:
    """What Stripe keeps of this firm's charges (R099)."""
    return _values(_stored(connection, firm_id)).fees


def preview(
    principal: Principal, form: FirmForm, *, before: FirmForm, now: datetime
) -> tuple[FirmPreview, dict[str, str]]:
    """What the form comes to, and what is wrong with it by field; nothing is written."""
    principal.require(Permission.MANAGE_FIRM)
    entry = Entry()
    values = firm_values.read(entry, form)
    with reading() as connection:
        _check_unique(connection, entry, principal, values, before=before, form=form)
    wrong = entry.problems
    fees, zone = values.fees, values.timezone
    due_on = day_of(now, zone if "timezone" not in wrong else "UTC")
    known_due = not {"due_days", "timezone"} & set(wrong)
    shown = FirmPreview(
        next_invoice=_unless(
            wrong, ("prefix", "next_number"), f"{values.prefix}{values.next_number}"
        ),
        card_example=_unless(wrong, ("card_percent", "card_fixed"), _fee_text(Method.CARD, fees)),
        ach_example=_unless(wrong, ("ach_percent", "ach_fixed"), _fee_text(Method.ACH, fees)),
        zone_warning=_zone_warning(before.timezone, zone) if "timezone" not in wrong else "",
        due_example=long_day_text(due_on + timedelta(days=values.due_days)) if known_due else "",
    )
    return shown, wrong


def save(principal: Principal, *, before: FirmForm, after: FirmForm, now: datetime) -> str:
    """Store what differs between the two forms; what another saved meanwhile stays.

    Gives the sentence to show. Raises InvalidInput by field.
    """
    audit.require(principal, Permission.MANAGE_FIRM, act=_ACT, now=now)
    changed = [name for name in _COLUMNS if getattr(after, name) != getattr(before, name)]
    with unit_of_work() as connection:
        actor = people.hold_firm(connection, principal)
        firm_names.queue(connection)
        entry = Entry()
        values = firm_values.read(entry, after)
        _check_unique(connection, entry, principal, values, before=before, form=after)
        # A prefix and a number make one whole: a new prefix may not do with the number left.
        asked = {*changed, *(_NUMBERING if _NUMBERING & set(changed) else ())}
        problems = {name: told for name, told in entry.problems.items() if name in asked}
        if problems:
            raise InvalidInput(problems)
        stored = _stored(connection, principal.firm_id)
        new = {
            name: getattr(values, name)
            for name in changed
            if getattr(values, name) != stored[_COLUMNS[name]]
        }
        if not new:
            return "Nothing was changed."
        columns = {_COLUMNS[name]: value for name, value in new.items()}
        connection.execute(update(firm).where(firm.c.id == principal.firm_id).values(columns))
        if "timezone" in new:
            reminder_plans.look_again(connection, principal.firm_id, now)
            autopay_rows.look_again(connection, principal.firm_id, now)
            schedule_record.rezone(
                connection, firm_id=principal.firm_id, timezone=str(new["timezone"])
            )
        _note(connection, actor, stored, _stored(connection, principal.firm_id), now)
    return "The settings were saved."


def _stored(connection: Connection, firm_id: int) -> RowMapping:
    return connection.execute(select(firm).where(firm.c.id == firm_id)).mappings().one()


def _values(stored: RowMapping) -> FirmValues:
    return FirmValues(**{name: stored[column] for name, column in _COLUMNS.items()})


def _texts(stored: RowMapping) -> FirmForm:
    texts = {name: str(stored[column]) for name, column in _COLUMNS.items()}
    shares = {
        name: percent_text(stored[_COLUMNS[name]]) for name in ("card_percent", "ach_percent")
    }
    threshold_cents = stored["second_person_cents"]
    threshold = "" if threshold_cents is None else input_text(threshold_cents)
    return FirmForm(**texts | shares | {"second_person": threshold})


def _check_unique(
    connection: Connection,
    entry: Entry,
    principal: Principal,
    values: FirmValues,
    *,
    before: FirmForm,
    form: FirmForm,
) -> None:
    """What only the database knows: names of other firms, and numbers that were given."""
    others = select(firm.c.id).where(firm.c.id != principal.firm_id)
    if connection.execute(others.where(func.lower(firm.c.name) == func.lower(values.name))).first():
        entry.refuse("name", f"There is a firm named {values.name} already.")
    is_numbering = (form.prefix, form.next_number) != (before.prefix, before.next_number)
    if not is_numbering or {"prefix", "next_number"} & set(entry.problems):
        return
    highest = highest_number(connection, principal.firm_id, values.prefix)
    if values.next_number <= highest:
        entry.refuse(
            "next_number",
            f"{values.prefix}{highest} exists: the next number is at least {highest + 1}.",
        )


def highest_number(connection: Connection, firm_id: int, prefix: str) -> int:
    """The highest serial that an invoice of the firm bears with this prefix; 0 when none does."""
    serial = func.substr(invoice.c.number, len(prefix) + 1)
    longest = len(prefix) + len(str(LARGEST_NUMBER))
    found = connection.execute(
        select(serial)
        .where(
            invoice.c.firm_id == firm_id,
            invoice.c.number_length.between(len(prefix) + 1, longest),
            invoice.c.number.startswith(prefix, autoescape=True),
            # Passes a million numbers over without asking the slower pattern of each.
            func.substr(serial, 1, 1).between("0", "9"),
            serial.regexp_match("^[0-9]+$"),
        )
        .order_by(invoice.c.number_length.desc(), invoice.c.number.desc())
        .limit(1)
    ).scalar()
    return int(found or 0)


def _fee_text(method: Method, fees: FeeSchedule) -> str:
    return full_text(estimate_fee_cents(method, EXAMPLE_CENTS, fees))


def _zone_warning(before: str, after: str) -> str:
    if before == after:
        return ""
    return (
        f"From now on days end at midnight in {after}, not in {before}: invoices fall due, and"
        " dates are read, by the new clock. No invoice's due date changes."
    )


def _unless(wrong: dict[str, str], names: tuple[str, ...], text: str) -> str:
    return "" if set(names) & set(wrong) else text


def _note(
    connection: Connection, actor: Person, before: RowMapping, after: RowMapping, now: datetime
) -> None:
    was, now_is = _texts(before), _texts(after)
    said = [
        f"{_WORDS[each.name]} {_told(was, each.name)} → {_told(now_is, each.name)}"
        for each in fields(FirmForm)
        if getattr(was, each.name) != getattr(now_is, each.name)
    ]
    text = f"{actor.name} changed the firm's settings: {' · '.join(said)}"
    audit.note(connection, firm_id=actor.firm_id, user_id=actor.id, text=text, at=now)


def _told(form: FirmForm, name: str) -> str:
    return getattr(form, name) or "none"
