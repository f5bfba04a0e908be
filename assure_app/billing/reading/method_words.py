"""A saved card or bank account in the words of a screen, whoever looks at it (R040, R127)."""

from datetime import date

from assure_app.billing.method_rows import StoredMethod
from assure_app.billing.reading.portal_rows import SavedRow
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.saved_methods import Expiry, MethodKind, standing_of


def saved_row(method: StoredMethod, *, by: str, timezone: str, today: date) -> SavedRow:
    """The method as a row; `by` is who added it, "" for nobody known."""
    added = f"added {day_text(day_of(method.added_at, timezone), today=today)}"
    stands = standing_of(method.expiry, today)
    verb = "expired" if stands is Expiry.OVER else "expires"
    expires = f"{verb} {method.expiry}" if method.expiry else ""
    said = [expires, f"{added} by {by}" if by else added]
    return SavedRow(
        id=method.id,
        kind="card" if method.kind is MethodKind.CARD else "bank",
        name=method.name,
        detail=" · ".join(each for each in said if each),
        state="Disabled" if method.disabled_at else stands.value,
        why=method.disabled_reason,
        is_default=method.is_default,
        can_be_default=method.is_usable and not method.is_default,
    )
